"""What waits for somebody, counted in one statement for the head of every page."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, Func, IntegerField, QuerySet
from django.db.models.functions import Coalesce

from moothall.core.accounts.models import User
from moothall.core.accounts.permissions import Permission
from moothall.core.compiled import compiled
from moothall.domain.cases import intended
from moothall.domain.cases.workload import HowMany
from moothall.domain.notifications import actions as notifications
from moothall.domain.opinions import answering
from moothall.kit.calendars import LONDON

MOST_COUNTED = 99


@dataclass(frozen=True)
class Waiting:
    """Notifications not read, opinions to be given, and what they are to do that is overdue or due today, each up to 99; and
    whether an opinion was ever asked of them."""

    unread: int = 0
    opinions: int = 0
    asked: bool = False
    due: int = 0


def of(user: User, *, at: datetime) -> Waiting:
    """What waits for `user`."""
    if user.reached(Permission.VIEW_CASES) == frozenset():  # nothing is to be done by who sees no case
        return next(Waiting(*one) for one in _counted(user=user.pk, at=at))
    today = at.astimezone(LONDON).date()
    return next(Waiting(*one) for one in _counted_with_due(user, number=user.pk, at=at, today=today))


@compiled(prepared=True)
def _counted(*, user: int, at: datetime) -> "QuerySet[User, tuple[int, int, bool]]":
    return User.objects.filter(pk=user).values_list(*_of_anybody(user, at))


@compiled(prepared=True)
def _counted_with_due(
    user: User, *, number: int, at: datetime, today: date
) -> "QuerySet[User, tuple[int, int, bool, int]]":
    due = many(intended.pressing(user, number=number, today=today))
    return User.objects.filter(pk=number).values_list(*_of_anybody(number, at), due)


def _of_anybody(user: int, at: datetime) -> tuple[Any, Any, Any]:
    somebody = User(pk=user)
    return (
        _number(notifications.not_read(somebody)),
        _number(answering.waiting_for(somebody, at=at)),
        Exists(answering.asked_of(somebody)),
    )


def many(rows: "QuerySet[Any]") -> Coalesce:
    """How many rows there are, counted up to 99, as a part of a statement; 0 also where it is known that there are none."""
    return Coalesce(HowMany(rows.order_by().values("pk")[:MOST_COUNTED], output_field=IntegerField()), 0)


def _number(rows: "QuerySet[Any]") -> Func:
    return Func(ArraySubquery(rows.values("pk")[:MOST_COUNTED]), function="CARDINALITY", output_field=IntegerField())
