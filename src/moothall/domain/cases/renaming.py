"""Work lines follow the name of a user, a team or a service some time after it changed: there may be a million of them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import F, Q

from moothall.core.accounts.models import SecurityGroup, User
from moothall.domain.cases.models import NameChange, WorkLine
from moothall.domain.catalogue.models import Service

SOME = 200
"""Lines made again in a transaction, which holds their work items meanwhile."""

AGAIN = timedelta(minutes=1)
"""How long after all lines say a name it is looked whether one was written meanwhile that says the old one."""

_SAID = {
    NameChange.Kind.USER: (
        ("assigned_to", "assigned_name", "assigned_to__full_name"),
        ("case__owner", "owner_name", "case__owner__full_name"),
    ),
    NameChange.Kind.TEAM: (("case__team", "team_name", "case__team__name"),),
    NameChange.Kind.SERVICE: (("service", "service_name", "service__name"),),
}
"""Where a line says a name: whose it is, the column, and the name itself."""

_NAMED: dict[NameChange.Kind, tuple[Any, str]] = {
    NameChange.Kind.USER: (User, "full_name"),
    NameChange.Kind.TEAM: (SecurityGroup, "name"),
    NameChange.Kind.SERVICE: (Service, "name"),
}


def follow(*, at: datetime) -> int:
    """Have every line say the names there are now; how many did not. Interrupted, it goes on where it was."""
    return sum(_follow(change, at) for change in NameChange.objects.order_by("pk"))


@dataclass(frozen=True)
class Following:
    """A name that work lines are made to say: of `lines` in all `left` say another one still."""

    kind: NameChange.Kind
    name: str
    left: int
    lines: int


def going_on() -> list[Following]:
    """The names that work lines may not all say yet, and how far each is. Looks at every line of each of them."""
    found = []
    for change in NameChange.objects.order_by("pk"):
        kind, about = NameChange.Kind(change.kind), Q()
        for whose, _said, _name in _SAID[kind]:
            about |= Q(**{whose: change.number})
        lines = WorkLine.objects.filter(about).count()
        found.append(Following(kind, _name_now(change), len(_stale(change)), lines))
    return found


def service_goes_on() -> bool:
    """Whether lines may say a service's old name."""
    return NameChange.objects.filter(kind=NameChange.Kind.SERVICE).exists()


def _follow(change: NameChange, at: datetime) -> int:
    stale = _stale(change)
    for first in range(0, len(stale), SOME):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT cases_workline_again(%s)", [stale[first : first + SOME]])
    as_read = NameChange.objects.filter(pk=change.pk, followed_at=change.followed_at)  # none, had it changed once more
    if change.followed_at and not stale:
        as_read.filter(followed_at__lte=at - AGAIN).delete()
    else:
        as_read.update(followed_at=at)
    return len(stale)


def _name_now(change: NameChange) -> str:
    model, field = _NAMED[NameChange.Kind(change.kind)]
    return str(model.objects.filter(pk=change.number).values_list(field, flat=True).first() or "")


def _stale(change: NameChange) -> list[int]:
    found: set[int] = set()
    for whose, said, name in _SAID[NameChange.Kind(change.kind)]:
        lines = WorkLine.objects.filter(**{whose: change.number}).exclude(**{said: F(name)})
        found.update(lines.values_list("pk", flat=True))
    return sorted(found)
