"""Who is away when, and who covers for them (BEST-4).

An absence begins and ends by itself. It changes no permission: whoever covers sees and does what their own groups allow.
"""

from collections.abc import Collection
from datetime import date, datetime, timedelta

from moothall.core.accounts.models import Absence, User
from moothall.core.audit import recording
from moothall.kit.calendars import LONDON

LONGEST = timedelta(days=366)


class AbsenceRefused(Exception):
    """Why an absence was not recorded. Its message may be shown to whoever asked."""


def record(
    user: User,
    *,
    first_day: date,
    last_day: date,
    reason: Absence.WhyAway,
    cover: User | None,
    by: User,
    at: datetime,
) -> Absence:
    """Record that a user is away on these days, both included. Raises AbsenceRefused.

    The same days with the same cover again give the absence there is.
    """
    if last_day < first_day:
        raise AbsenceRefused("The last day is before the first.")
    if last_day - first_day > LONGEST:
        raise AbsenceRefused("An absence lasts a year at most.")
    if last_day < at.astimezone(LONDON).date():
        raise AbsenceRefused("The last day is in the past.")
    if cover == user:
        raise AbsenceRefused("Somebody else must cover.")
    with recording.because(action="absence.recorded", by=by, at=at):
        User.objects.select_for_update(no_key=True).only("pk").get(pk=user.pk)
        there = Absence.objects.filter(user=user, first_day__lte=last_day, last_day__gte=first_day).first()
        if there and (there.first_day, there.last_day, there.cover) == (first_day, last_day, cover):
            return there
        if there:
            raise AbsenceRefused(
                f"{user.full_name} is away from {there.first_day:%-d %B %Y} to {there.last_day:%-d %B %Y} already."
            )
        absence = Absence.objects.create(
            user=user, first_day=first_day, last_day=last_day, reason=reason, cover=cover, by=by, at=at
        )
        facts = {"first_day": first_day.isoformat(), "last_day": last_day.isoformat(), "reason": str(reason)}
        recording.record(
            "absence.recorded", absence, by=by, at=at, user=user.pk, cover=cover.pk if cover else None, **facts
        )
    return absence


def end(absence: Absence, *, today: date, by: User, at: datetime) -> None:
    """Somebody is back: an absence that has begun lasted until yesterday, one that has not is taken away."""
    with recording.because(action="absence.ended", by=by, at=at):
        row = Absence.objects.select_for_update().filter(pk=absence.pk, last_day__gte=today).first()
        if row is None:
            return
        recording.record("absence.ended", row, by=by, at=at, user=row.user_id, last_day=row.last_day.isoformat())
        if row.first_day >= today:
            row.delete()
        else:
            row.last_day = today - timedelta(days=1)
            row.save(update_fields=["last_day"])


def away(users: Collection[int], *, today: date) -> dict[int, Absence]:
    """The absence of each of these users who is away today, by the user's number."""
    rows = Absence.objects.on(today).filter(user__in=users).select_related("cover")
    return {row.user_id: row for row in rows.order_by("pk")}
