"""JSON in and out. Text the database cannot hold is refused where it comes in."""

import json
from typing import Any, NoReturn

import pydantic_core
from django.http import HttpRequest
from django.utils.datastructures import MultiValueDict
from ninja.parser import Parser
from ninja.renderers import BaseRenderer

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
            data = json.loads(request.body, parse_constant=_not_json, object_pairs_hook=_no_repeats)
        except (ValueError, RecursionError) as error:
            raise Problem(400, "The body is not JSON.") from error
        _check(data)
        if not isinstance(data, dict):
            raise Problem(422, "The body must be a JSON object.", errors=[("body", "Must be an object.")])
        return data

    def parse_querydict(
        self, data: MultiValueDict[str, Any], list_fields: list[str], request: HttpRequest
    ) -> dict[str, Any]:
        for key, values in data.lists():
            if unusable(key) or any(isinstance(value, str) and unusable(value) for value in values):
                raise Problem(400, "The request holds a character that cannot be stored.")
        return super().parse_querydict(data, list_fields, request)


def _check(data: Any) -> None:
    waiting = [data]
    while waiting:
        value = waiting.pop()
        if isinstance(value, str) and unusable(value):
            raise Problem(422, "The body holds a character that cannot be stored, such as NUL.")
        if isinstance(value, dict):
            waiting.extend(value)
            waiting.extend(value.values())
        elif isinstance(value, list):
            waiting.extend(value)


def _not_json(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON.")


def _no_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    data = dict(pairs)
    if len(data) != len(pairs):
        raise ValueError("A key is given twice.")
    return data
