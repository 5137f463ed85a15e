"""What is to be done on a case, as its summary and its own page show it (PPP-41)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, QuerySet

from moothall.core.accounts.models import User
from moothall.core.compiled import compiled
from moothall.domain.cases import intended
from moothall.domain.cases.models import Case, Intention, IntentionQuerySet
from moothall.kit.calendars import LONDON
from moothall.web.desk.to_do import Line

SHOWN = 20  # on the summary


@dataclass(frozen=True)
class Section:
    """What the summary shows: what is open, what ended lately, and whether there is more than that."""

    open: Sequence[Line]
    ended: Sequence[Line]
    more: bool


def section(case: Case, *, user: User, now: datetime) -> Section:
    """What the summary shows of one case, in one statement."""
    rows = _shown(case=case.pk)
    found = lines(case, rows[:SHOWN], user=user, now=now)
    still = [line for line in found if not line.row.ended_at]
    return Section(still, [line for line in found if line.row.ended_at], len(rows) > SHOWN)


def lines(case: Case, rows: Iterable[Intention], *, user: User, now: datetime) -> list[Line]:
    """Rows of one case as lines."""
    found, today = [], now.astimezone(LONDON).date()
    for row in rows:
        row.case = case
        found.append(Line.of(row, user=user, today=today))
    return found


def in_order(rows: IntentionQuerySet) -> IntentionQuerySet:
    """What is open by the day it is due, then what ended, the last first."""
    people = rows.select_related("user", "team", "created_by", "ended_by", "follows")
    return intended.labelled(people).order_by(F("ended_at").desc(nulls_first=True), "due", "id")


@compiled(prepared=True)
def _shown(*, case: int) -> QuerySet[Intention]:
    return in_order(Intention.objects.filter(case=case))[: SHOWN + 1]
