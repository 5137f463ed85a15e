"""A number recorded for somebody the asker may not see, as the API answers it (see domain.cases.numbers)."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.http import HttpRequest, HttpResponse

from moothall.domain.cases import numbers
from moothall.domain.cases.numbers import Hidden
from moothall.web.api.problems import Problem, respond
from moothall.web.api.request import ApiRequest

__all__ = ["Hidden", "guessing_told", "number_kept", "on_hidden"]


@contextmanager
def number_kept(request: ApiRequest, number: str | None) -> Iterator[None]:
    """Around a change that gives a number: tell that it is taken only to who may see whose it is."""
    with guessing_told(), numbers.kept(number, by=request.auth, at=request.now):
        yield


@contextmanager
def guessing_told() -> Iterator[None]:
    """Tell somebody of whom no numbers are taken when they will be again."""
    try:
        yield
    except numbers.TooManyRefused as error:
        raise Problem(429, str(error), headers={"Retry-After": str(error.seconds)}) from error


def on_hidden(request: HttpRequest, error: Any) -> HttpResponse:
    """Answer the refusal, and record it."""
    numbers.note_refused(error, at=request.now)  # type: ignore[attr-defined]
    return respond(request, Problem(409, str(error), kind="not-recorded"))
