"""The machine-readable description of the API (OpenAPI), made once per process."""

from functools import cached_property
from typing import Any

from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema

from moothall.web.api.once import HEADER
from moothall.web.api.operations import Operations, declared
from moothall.web.api.problems import MEDIA_TYPE

_KEY: dict[str, Any] = {
    "name": HEADER,
    "in": "header",
    "required": False,
    "schema": {"type": "string", "maxLength": 200},
    "description": "Sent again with the same key, the request has its effect once and gets the first answer.",
}


class Description(NinjaAPI):
    """An API that also describes its errors as problems and the idempotency key of its writes."""

    @cached_property
    def _described(self) -> OpenAPISchema:
        schema = super().get_openapi_schema(path_prefix="/api/v1/")
        for methods in schema["paths"].values():
            for operation in methods.values():
                _problems(operation["responses"])
        for _, router in self._routers:
            for one in declared(router) if isinstance(router, Operations) else ():
                if one.writes:
                    path = f"/api/v1{one.path.replace('{int:', '{')}"
                    schema["paths"][path][one.method.lower()].setdefault("parameters", []).append(_KEY)
        return schema

    def get_openapi_schema(self, **_given: Any) -> OpenAPISchema:
        """The description; always the same."""
        return self._described


def _problems(responses: dict[Any, Any]) -> None:
    for status, answer in responses.items():
        if int(status) >= 400 and "content" in answer:
            answer["content"] = {MEDIA_TYPE: next(iter(answer["content"].values()))}
