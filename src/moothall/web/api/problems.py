"""Errors of the API as `application/problem+json` (RFC 9457), all made here."""

import json
import logging
import traceback
import uuid
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from django.core.exceptions import BadRequest, RequestDataTooBig, SuspiciousOperation
from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from ninja import NinjaAPI, Schema
from ninja.errors import AuthenticationError, HttpError, ValidationError
from pydantic import Field

log = logging.getLogger("moothall.api")
MEDIA_TYPE = "application/problem+json"
_LOCKED = {"55P03", "40P01", "40001"}  # lock not available, deadlock, serialisation failure
_TOO_LONG = "57014"

_SENTENCES = {
    400: "The request could not be understood.",
    401: "Sign in first: send a valid token as “Authorization: Bearer …”.",
    403: "You may not do this.",
    404: "There is nothing here, or you may not see it.",
    405: "This address does not take that method.",
    411: "Say how long the body is: send it whole with Content-Length, not chunked.",
    413: "The request is too large.",
    415: "The body must be application/json.",
    429: "Too many requests. Wait before you try again.",
    500: "Something went wrong here. Nothing was changed. Quote the instance when you report it.",
    503: "The service is too busy just now. Try again.",
}


class FieldProblem(Schema):
    """One thing wrong with one field."""

    field: str = Field(description="Where it is, e.g. body.text or query.page")
    sentence: str


class ProblemOut(Schema):
    """An error, as RFC 9457 describes it."""

    type: str
    title: str
    status: int
    detail: str
    instance: str = Field(description="The id of this request")
    errors: list[FieldProblem] = []


class Problem(Exception):
    """Stops an operation with this answer."""

    def __init__(
        self,
        status: int,
        detail: str = "",
        *,
        kind: str = "",
        errors: Sequence[tuple[str, str]] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.status = status
        self.detail = detail or _SENTENCES.get(status, HTTPStatus(status).description or HTTPStatus(status).phrase)
        self.kind = kind
        self.errors = errors
        self.headers = dict(headers or {})
        super().__init__(self.detail)


def not_found() -> Problem:
    """What is not there and what may not be seen look the same."""
    return Problem(404)


def invalid(field: str, sentence: str) -> Problem:
    """One field is wrong."""
    return Problem(422, sentence, errors=[(field, sentence)])


def instance(request: HttpRequest) -> str:
    """The id of this request: the one it came with when that is a UUID, or a new one."""
    known: str | None = getattr(request, "_api_instance", None)
    if known is None:
        try:
            known = str(uuid.UUID(request.headers.get("X-Request-ID", "")))
        except ValueError:
            known = str(uuid.uuid4())
        request._api_instance = known  # type: ignore[attr-defined]
    return known


def respond(request: HttpRequest, problem: Problem) -> HttpResponse:
    """The answer to send."""
    body = {
        "type": f"https://moothall.invalid/problems/{problem.kind}" if problem.kind else "about:blank",
        "title": HTTPStatus(problem.status).phrase,
        "status": problem.status,
        "detail": problem.detail,
        "instance": f"urn:uuid:{instance(request)}",
        "errors": [{"field": field, "sentence": sentence} for field, sentence in problem.errors],
    }
    response = HttpResponse(json.dumps(body), status=problem.status, content_type=MEDIA_TYPE)
    if problem.status == 401:
        response["WWW-Authenticate"] = "Bearer"
    for name, value in problem.headers.items():
        response[name] = value
    return response


def log_fault(request: HttpRequest, error: BaseException) -> None:
    """Log what failed and where, without the message: messages of the database quote what people typed."""
    frames = traceback.extract_tb(error.__traceback__)
    places = " < ".join(f"{frame.filename}:{frame.lineno} {frame.name}" for frame in reversed(frames[-12:]))
    log.error("%s in request %s at %s", type(error).__name__, instance(request), places)


def register(api: NinjaAPI) -> None:
    """Make every exception a problem."""
    api.add_exception_handler(Problem, lambda request, error: respond(request, _instance_of(error, Problem)))
    api.add_exception_handler(ValidationError, _on_validation)
    api.add_exception_handler(AuthenticationError, lambda request, _error: respond(request, Problem(401)))
    api.add_exception_handler(HttpError, _on_http_error)
    api.add_exception_handler(Http404, lambda request, _error: respond(request, Problem(404)))
    api.add_exception_handler(RequestDataTooBig, lambda request, _error: respond(request, Problem(413)))
    for malformed in (BadRequest, SuspiciousOperation, MultiPartParserError, UnreadablePostError):
        api.add_exception_handler(malformed, lambda request, _error: respond(request, Problem(400)))
    api.add_exception_handler(OperationalError, _on_operational)
    api.add_exception_handler(Exception, _on_fault)


def refuse(api: NinjaAPI, error: type[Exception], status: int, kind: str = "") -> None:
    """Answer a domain's own exception, whose message is a sentence, with this status."""
    api.add_exception_handler(error, lambda request, raised: respond(request, Problem(status, str(raised), kind=kind)))


def refuse_body(api: NinjaAPI, error: type[Exception], kind: str) -> None:
    """Answer an exception about what was given, as 422: where a field cannot be named, `errors` says where it stands."""

    def answer(request: HttpRequest, raised: Any) -> HttpResponse:
        place = "query" if request.method in ("GET", "HEAD") else "body"
        return respond(request, Problem(422, str(raised), kind=kind, errors=[(place, str(raised))]))

    api.add_exception_handler(error, answer)


def _instance_of(error: Any, kind: type[Problem]) -> Problem:
    if not isinstance(error, kind):
        raise TypeError(f"{error!r} is not a problem.")
    return error


def _on_validation(request: HttpRequest, error: Any) -> HttpResponse:
    errors = [(_place(fault["loc"]), _sentence(fault)) for fault in error.errors[:50]]
    return respond(request, Problem(422, "The request is not right: see errors.", errors=errors))


def _place(location: Sequence[str | int]) -> str:
    """body.text, where the framework says body, body (the parameter's name), text."""
    source, *rest = location
    return ".".join(str(part)[:60] for part in (source, *(rest[1:] if rest[:1] == [source] else rest)))


def _sentence(fault: Mapping[str, Any]) -> str:
    """What is wrong, in a sentence that names the field. Of the kinds not listed here, pydantic's own words."""
    name, limits = _name(fault["loc"]), fault.get("ctx") or {}
    if pattern := _PLAIN.get(fault["type"]):
        return pattern.format(name=name, **{key: str(value) for key, value in limits.items() if key != "name"})
    text = str(fault["msg"]).removeprefix("Value error, ")
    if text.endswith((".", "!", "?")):
        return text
    return f"“{name}”: {text[:1].lower()}{text[1:]}."


def _name(location: Sequence[str | int]) -> str:
    """case_type, or items.2.label: the field without where the request holds it."""
    rest = _place(location).split(".")[1:]
    return ".".join(rest)[:120] or str(location[-1])


_PLAIN = {
    "missing": "Give {name}.",
    "extra_forbidden": "There is no field “{name}” here.",
    "string_type": "“{name}” must be text.",
    "string_too_long": "“{name}” may have at most {max_length} characters.",
    "string_too_short": "“{name}” needs at least {min_length} characters.",
    "string_pattern_mismatch": "“{name}” is not written as it must be: {pattern}.",
    "int_type": "“{name}” must be a whole number.",
    "int_parsing": "“{name}” must be a whole number.",
    "int_from_float": "“{name}” must be a whole number.",
    "bool_type": "“{name}” must be true or false.",
    "bool_parsing": "“{name}” must be true or false.",
    "greater_than": "“{name}” must be more than {gt}.",
    "greater_than_equal": "“{name}” must be {ge} or more.",
    "less_than": "“{name}” must be less than {lt}.",
    "less_than_equal": "“{name}” must be {le} or less.",
    "literal_error": "“{name}” must be {expected}.",
    "enum": "“{name}” must be {expected}.",
    "list_type": "“{name}” must be a list.",
    "too_long": "“{name}” may hold at most {max_length}.",
    "too_short": "“{name}” must hold at least {min_length}.",
    "dict_type": "“{name}” must be an object.",
    "model_attributes_type": "“{name}” must be an object.",
    "date_type": "“{name}” must be a day, written like 2026-03-01.",
    "date_parsing": "“{name}” must be a day, written like 2026-03-01.",
    "date_from_datetime_parsing": "“{name}” must be a day, written like 2026-03-01.",
    "date_from_datetime_inexact": "“{name}” must be a day, written like 2026-03-01.",
    "decimal_type": "“{name}” must be a number, such as 12 or 10.00.",
    "decimal_parsing": "“{name}” must be a number, such as 12 or 10.00.",
}


def _on_http_error(request: HttpRequest, error: Any) -> HttpResponse:
    cause = error.__cause__
    if isinstance(cause, Problem):
        return respond(request, cause)
    if isinstance(cause, RequestDataTooBig):
        return respond(request, Problem(413))
    return respond(request, Problem(error.status_code))


def _on_operational(request: HttpRequest, error: Any) -> HttpResponse:
    state = getattr(error.__cause__, "sqlstate", None)
    if state in _LOCKED:
        return respond(request, Problem(409, "Somebody is changing this just now. Try again.", kind="busy"))
    log_fault(request, error)
    if state == _TOO_LONG or state is None:
        return respond(request, Problem(503, headers={"Retry-After": "5"}))
    return respond(request, Problem(500))


def _on_fault(request: HttpRequest, error: Any) -> HttpResponse:
    log_fault(request, error)
    return respond(request, Problem(500))
