"""The one answer shape of the national service (CommonResponse) and the refusals it carries."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

API_VERSION = "1.1.0"


@dataclass(frozen=True, slots=True)
class FieldError:
    """One entry of `error.errors[]`: the stable key is `message`, `reason` is for people."""

    field: str
    message: str
    reason: str

    def as_json(self) -> dict[str, str | None]:
        return {
            "field": self.field,
            "message": self.message,
            "reason": self.reason,
            "location": None,
            "locationType": None,
        }


class Refused(Exception):
    """The service says no. Either a whole-request key (`message`) or a list of field errors."""

    def __init__(
        self,
        status: int,
        message: str | None = None,
        reason: str | None = None,
        *,
        errors: Iterable[FieldError] = (),
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(message or reason or f"HTTP {status}")
        self.status = status
        self.message = message
        self.reason = reason
        self.errors = tuple(errors)
        self.headers = headers or {}

    def as_json(self) -> dict[str, Any]:
        listed = [error.as_json() for error in self.errors] if self.errors else None
        return {"code": None, "message": self.message, "reason": self.reason, "errors": listed}


def bad_fields(errors: Iterable[FieldError]) -> Refused:
    """400 with field errors."""
    return Refused(400, errors=errors)


def bad_field(field: str, message: str, reason: str) -> Refused:
    """400 with one field error."""
    return bad_fields([FieldError(field, message, reason)])


def common(
    *,
    data: Any = None,
    paging: dict[str, int] | None = None,
    error: dict[str, Any] | None = None,
) -> bytes:
    """Encode a CommonResponse. `pagingInfo` and `data` are only there when the answer has them."""
    body: dict[str, Any] = {"apiVersion": API_VERSION, "context": None, "id": None, "method": None, "error": error}
    if paging is not None:
        body["pagingInfo"] = paging
    if data is not None:
        body["data"] = data
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def answer(data: Any = None, *, paging: dict[str, int] | None = None) -> Response:
    """200 with a CommonResponse."""
    return Response(common(data=data, paging=paging), media_type="application/json")


def done() -> Response:
    """200 with nothing in it, as the service answers a change that has nothing to tell."""
    return Response(b"")


def refusal(refused: Refused) -> Response:
    """The HTTP answer for a refusal."""
    return Response(
        common(error=refused.as_json()),
        status_code=refused.status,
        media_type="application/json",
        headers=refused.headers,
    )
