"""Warnings about people: set, looked at again, ended with a reason (PPP-10). Who may see which is said by `sight.flags_seen`.

What is recorded of a flag has the flag as its subject, not the customer, so that who reads what was done with a customer
does not learn of one they may not see.
"""

from calendar import monthrange
from datetime import date, datetime

from django.utils import timezone

from moothall.core.accounts.models import User
from moothall.core.audit import recording
from moothall.core.lists import actions as lists
from moothall.domain.people.details import check_start
from moothall.domain.people.lists import FLAG_TYPES
from moothall.domain.people.models import Customer, Flag
from moothall.kit import text
from moothall.kit.invalid import Invalid

LONGEST = 2_000
LONGEST_WHY = 500


class Ended(Exception):
    """A flag holds no longer. Its message may be shown to whoever asked."""


def is_restricted(type: str) -> bool:
    """Whether flags of this type are for some eyes only."""
    return bool(lists.rules(FLAG_TYPES.key).get(type, {}).get("restricted"))


def review_day(type: str, *, since: date) -> date | None:
    """When a flag of this type is looked at again, as the list says; None if it is not."""
    months = lists.rules(FLAG_TYPES.key).get(type, {}).get("review_months")
    return later(since, months=int(months)) if months else None


def later(day: date, *, months: int) -> date:
    """The same day so many months later, or the last of that month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def set_flag(
    customer: Customer,
    *,
    type: str,
    said: str,
    by: User,
    at: datetime,
    from_date: date | None = None,
    to_date: date | None = None,
    review_on: date | None = None,
) -> Flag:
    """Set a flag on a customer, from today unless another day is given. Raises Invalid with a sentence.

    Without `review_on` it is looked at again when the list of types says.
    """
    today = timezone.localdate(at)
    words, first = _words(said), from_date or today
    lists.check(FLAG_TYPES.key, [type])
    check_start(from_date, today=today)
    if to_date and to_date < first:
        raise Invalid("The last day cannot be before the first.")
    again = review_on or review_day(type, since=first)
    _check_review(again, today=today, given=review_on is not None)
    with recording.because(action="flag.set", by=by, at=at):
        Customer.objects.select_for_update(no_key=True).get(pk=customer.pk)
        flag = Flag.objects.create(
            customer=customer,
            type=type,
            text=words,
            restricted=is_restricted(type),
            from_date=first,
            to_date=to_date,
            review_on=again,
            set_by=by,
            set_at=at,
        )
        recording.record("flag.set", flag, by=by, at=at, type=type)
    return flag


def review(flag: Flag, *, said: str, review_on: date | None, by: User, at: datetime) -> None:
    """Somebody looked at it again: it holds still, as `said` now, until the next look. Raises Ended, or Invalid."""
    words = _words(said)
    _check_review(review_on, today=timezone.localdate(at), given=True)
    with recording.because(action="flag.reviewed", by=by, at=at):
        row = _standing(flag)
        row.text, row.review_on, row.reviewed_by, row.reviewed_at = words, review_on, by, at
        row.save(update_fields=["text", "review_on", "reviewed_by", "reviewed_at"])
        recording.record("flag.reviewed", row, by=by, at=at)


def end(flag: Flag, *, why: str, by: User, at: datetime) -> None:
    """It holds no longer, for a reason; it stays on record. Raises Ended, or Invalid."""
    reason = " ".join(text.clean(why).split())
    if not reason:
        raise Invalid("Say why it holds no longer.")
    if len(reason) > LONGEST_WHY:
        raise Invalid(f"Say it in up to {LONGEST_WHY} characters.")
    with recording.because(action="flag.ended", by=by, at=at):
        row = _standing(flag)
        row.ended_by, row.ended_at, row.ended_why = by, at, reason
        row.save(update_fields=["ended_by", "ended_at", "ended_why"])
        recording.record("flag.ended", row, by=by, at=at)


def _standing(flag: Flag) -> Flag:
    row = Flag.objects.select_for_update(of=("self",), no_key=True).get(pk=flag.pk)
    if row.ended_at is not None:
        raise Ended(f"This flag was ended on {timezone.localtime(row.ended_at):%-d %B %Y}.")
    return row


def _words(said: str) -> str:
    words = text.clean(said).strip()
    if not words:
        raise Invalid("Write what there is to know.")
    if len(words) > LONGEST:
        raise Invalid(f"A flag has {LONGEST:,} characters at most; this one has {len(words):,}.")
    return words


def _check_review(day: date | None, *, today: date, given: bool) -> None:
    if given and day and day <= today:
        raise Invalid("The day to look at it again must be in the future.")
