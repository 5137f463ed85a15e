"""JSON in and out. What people typed is made fit to keep where it comes in (`kit.text`)."""

import json
from typing import Any, NoReturn

import pydantic_core
from django.http import HttpRequest
from django.utils.datastructures import MultiValueDict
from ninja.parser import Parser
from ninja.renderers import BaseRenderer

from moothall.kit import text as kit_text
from moothall.kit.text import Unseen
from moothall.web.api.problems import Problem


def unusable(text: str) -> bool:
    """Whether text holds a NUL or half a surrogate pair, which PostgreSQL has no place for."""
    return "\x00" in text or any("\ud800" <= character <= "\udfff" for character in text)


class Renderer(BaseRenderer):
    """Times to the microsecond and money as text, exactly as the answers of writes have them."""

    media_type = "application/json"

    def render(self, request: HttpRequest, data: Any, *, response_status: int) -> bytes:  # noqa: ARG002
        return pydantic_core.to_json(data)


class StrictParser(Parser):
    """JSON without NaN, infinities, repeated keys or unusable text."""

    def parse_body(self, request: HttpRequest) -> dict[str, Any]:
        try:
            data = json.loads(request.body.decode("utf-8-sig"), parse_constant=_not_json, object_pairs_hook=_no_repeats)
            cleaned: dict[str, Any] = _cleaned(data, "body")
        except (ValueError, RecursionError) as error:
            raise Problem(400, "The body is not JSON.") from error
        if not isinstance(cleaned, dict):
            raise Problem(422, "The body must be a JSON object.", errors=[("body", "Must be an object.")])
        return cleaned

    def parse_querydict(
        self, data: MultiValueDict[str, Any], list_fields: list[str], request: HttpRequest
    ) -> dict[str, Any]:
        for key, values in data.lists():
            if unusable(key) or any(isinstance(value, str) and unusable(value) for value in values):
                raise Problem(400, "The request holds a character that cannot be stored.")
        cleaned = MultiValueDict({key: [_cleaned(value, key) for value in values] for key, values in data.lists()})
        return super().parse_querydict(cleaned, list_fields, request)


def _cleaned(value: Any, place: str) -> Any:
    """What was typed, fit to keep; a password as it is, when it can be kept at all. Raises RecursionError."""
    if isinstance(value, str):
        try:
            fit = kit_text.clean(value)
        except Unseen as error:
            raise Problem(422, str(error), kind="unseen-character", errors=[(place[:200], str(error))]) from error
        return value if place == "body.password" else fit
    if isinstance(value, list):
        return [_cleaned(one, f"{place}.{position}") for position, one in enumerate(value)]
    if isinstance(value, dict):
        return _no_repeats([(_cleaned(key, place), _cleaned(one, f"{place}.{key}")) for key, one in value.items()])
    return value


def _not_json(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON.")


def _no_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    data = dict(pairs)
    if len(data) != len(pairs):
        raise ValueError("A key is given twice.")
    return data
