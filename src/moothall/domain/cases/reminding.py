"""Reminders of things to do, on their day, once (PPP-41)."""

from collections.abc import Iterable
from datetime import date, datetime

from moothall.core.accounts import absence
from moothall.core.accounts.actions import system_user
from moothall.core.accounts.models import User
from moothall.core.audit import recording
from moothall.domain.cases.colleagues import who_may
from moothall.domain.cases.intending import NEEDS
from moothall.domain.cases.models import Intention
from moothall.domain.notifications.actions import notify
from moothall.domain.notifications.models import Notification

MOST_TOLD = 200  # members of a team


def remind_due(*, today: date, at: datetime, most: int = 500) -> int:
    """Remind of what is due for it, each in a transaction of its own; returns of how many."""
    due = Intention.objects.open().filter(reminded_at=None, remind_on__lte=today)
    due = due.select_related("case__service", "user", "team", "created_by").defer("case__submitted")
    return sum(_remind(row, today=today, at=at) for row in due.order_by("remind_on", "pk")[:most])


def _remind(row: Intention, *, today: date, at: datetime) -> bool:
    """Remind whoever has it and who covers for them; of a team's its members; of nobody's who added it."""
    with recording.because(action="intention.reminded", by=system_user(), at=at):
        waiting = Intention.objects.open().filter(pk=row.pk, version=row.version, reminded_at=None)
        if not waiting.update(reminded_at=at):
            return False
        notify(
            _able(row, _meant(row, today)),
            kind=Notification.Kind.WORK,
            text=f"A reminder: something is to be done on {row.case.reference}, due {row.due:%-d %B %Y}.",
            cause=f"intention.{row.pk}.reminder.{row.remind_on}",
            reference=row.case.reference,
            anchor=f"to-do-{row.pk}",
            at=at,
        )
        return True


def _meant(row: Intention, today: date) -> list[int]:
    if row.user_id:
        away = absence.away([row.user_id], today=today).get(row.user_id)
        return [row.user_id, *([away.cover_id] if away and away.cover_id else [])]
    if row.team:
        return list(row.team.users.order_by("pk").values_list("pk", flat=True)[:MOST_TOLD])
    return [row.created_by_id]


def _able(row: Intention, numbers: Iterable[int]) -> list[User]:
    """Those of these people who may see the case and do something about it."""
    return list(who_may(row.case.service.key, *NEEDS).filter(pk__in=list(numbers)))
