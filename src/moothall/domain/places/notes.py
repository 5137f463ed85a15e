"""Notes and warnings about places: made, ended, and forgotten long after (PPP-23)."""

from datetime import date, datetime, timedelta

from django.db.models import Q, QuerySet

from moothall.core.accounts.models import User
from moothall.core.audit import recording
from moothall.domain.places.models import PlaceNote
from moothall.kit import uprn as uprns
from moothall.kit.calendars import LONDON
from moothall.kit.invalid import Invalid

LONGEST = 2_000
KEPT = timedelta(days=6 * 365 + 2)
"""How long an ended note is kept: Limitation Act 1980, section 5 (six years)."""


def make(
    *,
    uprn: str = "",
    usrn: int | None = None,
    text: str,
    warning: bool,
    review_on: date | None,
    by: User,
    at: datetime,
    restricted: bool = False,
) -> PlaceNote:
    """Note something about a property or a street. Raises Invalid with a sentence."""
    words = _words(text)
    _check_review(review_on, at=at)
    given = {"uprn": uprns.normalise(uprn) if uprn else "", "usrn": usrn}
    with recording.because(action="place.noted", by=by, at=at):
        note = PlaceNote.objects.create(
            **given, warning=warning, text=words, restricted=restricted, review_on=review_on, made_by=by, made_at=at
        )
        recording.record("place.noted", note, by=by, at=at, warning=warning)
    return note


def review(note_id: int, *, review_on: date | None, by: User, at: datetime) -> bool:
    """Say that a note holds still, until it is looked at again; whether it did. Raises Invalid with a sentence."""
    _check_review(review_on, at=at)
    with recording.because(action="place.note_reviewed", by=by, at=at):
        note = PlaceNote.objects.select_for_update().get(pk=note_id)
        if note.ended_at:
            return False
        before = note.review_on
        note.review_on, note.reviewed_by, note.reviewed_at = review_on, by, at
        note.save(update_fields=["review_on", "reviewed_by", "reviewed_at"])
        recording.record("place.note_reviewed", note, by=by, at=at, was_due=str(before or ""))
    return True


def end(note_id: int, *, by: User, at: datetime) -> bool:
    """Say that a note holds no longer; whether it did until now. It stays on record."""
    with recording.because(action="place.note_ended", by=by, at=at):
        note = PlaceNote.objects.select_for_update().get(pk=note_id)
        if note.ended_at:
            return False
        note.ended_by, note.ended_at = by, at
        note.save(update_fields=["ended_by", "ended_at"])
        recording.record("place.note_ended", note, by=by, at=at)
    return True


def of(seen: Q, *, uprn: str = "", usrn: int | None = None) -> "QuerySet[PlaceNote]":
    """What is noted of a property, or of a street: what holds first, warnings before notes, the newest first.

    `seen` is the condition of which notes whoever asks may see.
    """
    rows = PlaceNote.objects.filter(seen, uprn=uprn) if uprn else PlaceNote.objects.filter(seen, usrn=usrn)
    return rows.select_related("made_by", "ended_by").order_by("-warning", "-made_at", "-id")


def _words(text: str) -> str:
    words = text.strip()
    if not words:
        raise Invalid("Write what there is to know.")
    if len(words) > LONGEST:
        raise Invalid(f"A note has {LONGEST:,} characters at most; this one has {len(words):,}.")
    return words


def _check_review(day: date | None, *, at: datetime) -> None:
    if day and day <= at.astimezone(LONDON).date():
        raise Invalid("The day to look at it again must be in the future.")


def forget(*, before: datetime) -> int:
    """Delete notes ended before this time; how many there were."""
    return PlaceNote.objects.filter(ended_at__lt=before).delete()[0]
