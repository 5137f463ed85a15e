"""A number recorded for somebody the asker may not see (National Insurance, badge) must not be told by being refused.

It cannot be kept from them altogether: a number belongs to one person (CT-6, PPP-12), so a second record with it is refused, and
whoever is refused can guess why. What is done instead: the refusal says neither why nor whom, each is in the audit
record under the name of whoever tried, and after a few in a day nothing with a number is taken from them any more,
whether it is recorded or not. So a number or two can be guessed at, under one's own name; a list cannot be gone through.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from moothall.core.accounts.models import User
from moothall.core.audit import recording
from moothall.core.audit.models import Entry
from moothall.domain.cases import sight
from moothall.domain.people import locks
from moothall.domain.people.actions import NinoTaken
from moothall.domain.people.references import ReferenceTaken

REFUSED = "person.refused"
MOST_REFUSED = 5
WINDOW = timedelta(days=1)


class Hidden(Exception):
    """The number is somebody's whom the asker may not see. Whoever catches it calls `note_refused`.

    `by` is who typed the number, whoever confirms it or carries it out.
    """

    def __init__(self, by: User) -> None:
        self.by = by
        super().__init__(
            "This could not be recorded. Ask a colleague who may see the people of every service to do it; "
            "that you tried is in the audit record."
        )


class TooManyRefused(Exception):
    """Nothing with a number is taken from this person for so many `seconds`."""

    def __init__(self, seconds: int) -> None:
        self.seconds = seconds
        super().__init__("Too many numbers could not be recorded. Go on without the number, or ask a colleague.")


@contextmanager
def kept(number: str | None, *, by: User, at: datetime) -> Iterator[None]:
    """Around a change that gives a number, in a transaction: tell that it is taken only to who may see whose it is.

    Raises Hidden, TooManyRefused, or NinoTaken and ReferenceTaken for who may see the other person.
    """
    if number:
        _refuse_guessing(by, at)
    try:
        yield
    except (NinoTaken, ReferenceTaken) as taken:
        if sight.visible_people(by).filter(pk=taken.customer).exists():
            raise
        raise Hidden(by) from taken


def note_refused(refusal: Exception, *, at: datetime) -> None:
    """Record, if a number was refused because it is hidden, that who typed it tried; any other refusal is not recorded.

    What was tried is undone by now, so this is a transaction of its own.
    """
    if isinstance(refusal, Hidden):
        with recording.because(action=REFUSED, by=refusal.by, at=at):
            recording.record(REFUSED, refusal.by, by=refusal.by, at=at)


def _refuse_guessing(by: User, at: datetime) -> None:
    locks.hold([f"numbers-of:{by.pk}"])
    tries = Entry.objects.filter(subject_type="user", subject_id=by.pk, action=REFUSED, at__gt=at - WINDOW)
    earliest = list(tries.order_by("-at").values_list("at", flat=True)[:MOST_REFUSED])
    if len(earliest) == MOST_REFUSED:
        raise TooManyRefused(max(1, int((earliest[-1] + WINDOW - at).total_seconds()) + 1))
