"""A number recorded for somebody the asker may not see (National Insurance, badge) must not be told by being refused.

It cannot be kept from them altogether: a number belongs to one person (CT-6, PPP-12), so a second record with it is refused, and
whoever is refused can guess why. What is done instead: the refusal says neither why nor whom, each is in the audit
record under the name of whoever tried, and after a few in a day nothing with a number is taken from them any more,
whether it is recorded or not. So a number or two can be guessed at, under one's own name; a list cannot be gone through.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse

from moothall.core.audit import recording
from moothall.core.audit.models import Entry
from moothall.domain.cases import sight
from moothall.domain.people import locks
from moothall.domain.people.actions import NinoTaken, ReferenceTaken
from moothall.web.api.problems import Problem, respond
from moothall.web.api.request import ApiRequest

REFUSED = "person.refused"
MOST_REFUSED = 5
WINDOW = timedelta(days=1)


class Hidden(Exception):
    """The number is somebody's whom the asker may not see."""

    def __init__(self) -> None:
        super().__init__(
            "This could not be recorded. Ask a colleague who may see the people of every service to do it; "
            "that you tried is in the audit record."
        )


@contextmanager
def number_kept(request: ApiRequest, number: str | None) -> Iterator[None]:
    """Around a change that gives a number: tell that it is taken only to who may see whose it is."""
    if number:
        _refuse_guessing(request)
    try:
        yield
    except (NinoTaken, ReferenceTaken) as taken:
        if sight.visible_people(request.auth).filter(pk=taken.customer).exists():
            raise
        raise Hidden from taken


def on_hidden(request: HttpRequest, error: Any) -> HttpResponse:
    """Answer the refusal, and record it: what was tried is undone by now, so this is a transaction of its own."""
    by, at = request.auth, request.now  # type: ignore[attr-defined]
    with recording.because(action=REFUSED, by=by, at=at):
        recording.record(REFUSED, by, by=by, at=at)
    return respond(request, Problem(409, str(error), kind="not-recorded"))


def _refuse_guessing(request: ApiRequest) -> None:
    locks.hold([f"numbers-of:{request.auth.pk}"])
    tries = Entry.objects.filter(
        subject_type="user", subject_id=request.auth.pk, action=REFUSED, at__gt=request.now - WINDOW
    ).order_by("-at")
    earliest = list(tries.values_list("at", flat=True)[:MOST_REFUSED])
    if len(earliest) == MOST_REFUSED:
        wait = int((earliest[-1] + WINDOW - request.now).total_seconds()) + 1
        raise Problem(
            429,
            "Too many numbers could not be recorded. Go on without the number, or ask a colleague.",
            headers={"Retry-After": str(max(1, wait))},
        )
