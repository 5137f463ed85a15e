"""How an operation is declared: what it answers, and which permission it needs, which cannot be left out.

The permission is checked before the request is read, so that whoever may not do something is not told what else is
wrong. A write runs once for an idempotency key, in one transaction with the record of its answer.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, Literal, TypeVar

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from ninja import Router
from ninja.security import HttpBearer
from pydantic import BaseModel

from moothall.core.accounts import tokens
from moothall.core.accounts.models import User
from moothall.core.accounts.permissions import Permission
from moothall.web.api import text
from moothall.web.api.once import answer_kept, answer_once, plain, respond
from moothall.web.api.parameters import known, refuse_unknown
from moothall.web.api.problems import Problem, ProblemOut
from moothall.web.api.request import ApiRequest

Body = Literal["none", "json", "form"]
View = TypeVar("View", bound=Callable[..., Any])
JSON_LIMIT = 1024 * 1024
ONCE = "runs_once"  # marks the view of a write
_ERRORS = {frozenset({400, 401, 403, 404, 405, 409, 411, 413, 415, 422, 429, 500, 502, 503}): ProblemOut}


def check_shape(request: HttpRequest, body: Body) -> None:
    """Refuse a body of the wrong kind or size before it is read."""
    if text.unusable(request.path_info) or len(request.META.get("QUERY_STRING", "")) > 4096:
        raise Problem(400)
    if "Transfer-Encoding" in request.headers:
        raise Problem(411)  # Django reads no body whose length is not given: it would be taken for an empty one
    length = _length(request)
    if body == "json" and length:
        if request.content_type != "application/json":
            raise Problem(415)
        if length > JSON_LIMIT:
            raise Problem(413, f"The body may be {JSON_LIMIT // 1024} kB at most.")
    if body == "form":
        if request.content_type != "multipart/form-data":
            raise Problem(415, "Send the file as multipart/form-data.")
        if length > settings.DATA_UPLOAD_MAX_MEMORY_SIZE + JSON_LIMIT:
            raise Problem(413, "The file is too large.")


class Gate(HttpBearer):
    """Who may pass: the owner of a live token who has the permissions API and `needs`, for whatever service.

    Whether they have it for the service of a case is decided where the case is found (`finding`), by `request.needs`.
    """

    def __init__(self, needs: Permission | None, body: Body) -> None:
        super().__init__()
        self.needs = needs
        self.body = body

    def authenticate(self, request: HttpRequest, token: str) -> User:
        now = timezone.now()
        user = tokens.owner(token.strip(), at=now)
        if user is None:
            raise Problem(401, "The token is unknown, ended or out of date.")
        for permission in (Permission.API, self.needs):
            if permission is not None and not user.may(permission):
                raise Problem(403, f"This needs the permission {permission}.")
        check_shape(request, self.body)
        request.now = now  # type: ignore[attr-defined]
        request.needs = self.needs  # type: ignore[attr-defined]
        return user


class OpenGate:
    """Anybody may pass. Only for signing in."""

    needs = None

    def __call__(self, request: HttpRequest) -> str:
        check_shape(request, "json")
        request.now = timezone.now()  # type: ignore[attr-defined]
        return "anybody"


class Operations(Router):
    """A router on which every operation says what it needs. `None` is: anybody with a token."""

    def reads(
        self, path: str, *, needs: Permission | None, answers: Any, others: dict[int, Any] | None = None
    ) -> Callable[[View], View]:
        """A GET. It writes nothing but who read what."""
        return self._declare("GET", path, Gate(needs, "none"), {200: answers, **(others or {})})

    def searches(self, path: str, *, needs: Permission | None, answers: Any) -> Callable[[View], View]:
        """A POST that only reads: what is looked for is in its body, so that no URL holds personal data."""
        return self._declare("POST", path, Gate(needs, "json"), {200: answers})

    def writes(
        self,
        method: Literal["POST", "PUT", "PATCH", "DELETE"],
        path: str,
        *,
        needs: Permission | None,
        answers: type[BaseModel] | None,
        status: int = 200,
        body: Body = "json",
        first: Callable[..., Any] | None = None,
    ) -> Callable[[View], View]:
        """A change. The view returns a schema, or None for an empty answer.

        `first` takes what the view takes and is called before its transaction begins, so that none waits for another
        system; what it returns is `request.fetched`. It is left out when the answer is kept. It changes nothing that
        the view changes; what it writes, that a virus was found, stands although the request is refused.
        """
        declare = self._declare(method, path, Gate(needs, body), {status: answers})

        def register(view: View) -> View:
            @wraps(view)
            def once(request: ApiRequest, **values: Any) -> HttpResponseBase:
                if first is not None:
                    if (kept := answer_kept(request)) is not None:
                        return kept
                    request.fetched = first(request, **values)
                return answer_once(request, lambda: view(request, **values), status=status)

            setattr(once, ONCE, True)
            declare(once)
            return view

        return register

    def open(self, path: str, *, answers: type[BaseModel], status: int) -> Callable[[View], View]:
        """A POST that needs no token, outside any transaction. The view returns a schema."""
        declare = self._declare("POST", path, OpenGate(), {status: answers})

        def register(view: View) -> View:
            @wraps(view)
            def answered(request: HttpRequest, **values: Any) -> HttpResponseBase:
                return respond(plain(view(request, **values)), status)

            declare(answered)
            return view

        return register

    def _declare(
        self, method: str, path: str, gate: Gate | OpenGate, answers: dict[Any, Any]
    ) -> Callable[[View], View]:
        declare = self.api_operation([method], path, auth=gate, response={**answers, **_ERRORS})

        def register(view: View) -> View:
            declare(view)
            operation = self.path_operations[path].operations[-1]
            operation.view_func = refuse_unknown(view, known(operation))
            return view

        return register


def _length(request: HttpRequest) -> int:
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError as error:
        raise Problem(400) from error


@dataclass(frozen=True)
class Declared:
    """One operation as declared, for the documentation and for the tests that walk every one."""

    method: str
    path: str  # under the API's address, e.g. /cases/{reference}
    needs: Permission | None
    open: bool  # needs no token
    writes: bool
    title: str
    description: str
    section: str


def declared(router: "Operations") -> list[Declared]:
    """Every operation of a router in the order of its declarations. Raises TypeError for one without a gate."""
    found = []
    for path, view in router.path_operations.items():
        for operation in view.operations:
            gate = operation.auth_param
            if not isinstance(gate, Gate | OpenGate):
                raise TypeError(f"{operation.methods} {path} does not say who may call it.")
            found.append(
                Declared(
                    method=operation.methods[0],
                    path=path,
                    needs=gate.needs,
                    open=isinstance(gate, OpenGate),
                    writes=hasattr(operation.view_func, ONCE),
                    title=operation.summary or "",
                    description=operation.description or "",
                    section=(router.tags or [""])[0],
                )
            )
    return found
