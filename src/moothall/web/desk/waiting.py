"""What waits for somebody, counted in one statement for the head of every page."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, Func, IntegerField, QuerySet

from moothall.core.accounts.models import User
from moothall.core.compiled import compiled
from moothall.domain.notifications import actions as notifications
from moothall.domain.opinions import answering

MOST_COUNTED = 99


@dataclass(frozen=True)
class Waiting:
    """Notifications not read and opinions to be given, each up to 99; and whether an opinion was ever asked of them."""

    unread: int = 0
    opinions: int = 0
    asked: bool = False


def of(user: User, *, at: datetime) -> Waiting:
    """What waits for `user`."""
    return next(Waiting(*one) for one in _counted(user=user.pk, at=at))


@compiled(prepared=True)
def _counted(*, user: int, at: datetime) -> "QuerySet[User, tuple[int, int, bool]]":
    somebody = User(pk=user)
    return User.objects.filter(pk=user).values_list(
        _number(notifications.not_read(somebody)),
        _number(answering.waiting_for(somebody, at=at)),
        Exists(answering.asked_of(somebody)),
    )


def _number(rows: "QuerySet[Any]") -> Func:
    return Func(ArraySubquery(rows.values("pk")[:MOST_COUNTED]), function="CARDINALITY", output_field=IntegerField())
