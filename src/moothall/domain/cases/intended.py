"""What is to be done, as somebody asks for it: theirs, their teams', nobody's; overdue, due; page by page (PPP-43)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from django.db.models import OuterRef, Q, Subquery

from moothall.core.accounts.models import Absence, User
from moothall.core.lists.models import Value
from moothall.domain.cases.intention_types import TYPES
from moothall.domain.cases.models import Intention, IntentionQuerySet

Whose = Literal["mine", "teams", "unassigned", "all"]
Due = Literal["", "overdue", "today", "week", "later"]
Order = Literal["due", "-due", "added", "-added"]
Place = tuple[date, int]
"""What a row is sorted by, a day or a moment, and its number."""
_FIELDS = {"due": "due", "added": "created_at"}


@dataclass(frozen=True)
class Wanted:
    """All that is given must hold. `covering` are colleagues whose things count as one's own while they are away."""

    whose: Whose = "mine"
    due: Due = ""
    type: str = ""
    service: str = ""
    covering: Sequence[int] = ()


def covering(user: User, *, today: date) -> list[User]:
    """The colleagues for whom this user covers today."""
    rows = Absence.objects.on(today).filter(cover=user).select_related("user").order_by("user__full_name")
    return [row.user for row in rows]


def waiting(wanted: Wanted, *, user: User, today: date) -> IntentionQuerySet:
    """The open ones that are asked for, of those the user may see."""
    rows = Intention.objects.visible_to(user).open().filter(_held_by(wanted, user), _due(wanted.due, today))
    if wanted.type:
        rows = rows.filter(type=wanted.type)
    return rows.filter(case__service__key=wanted.service) if wanted.service else rows


def pressing(user: User, *, number: int, today: date) -> IntentionQuerySet:
    """Those of the user with this number that are overdue or due today, on cases `user`, who is they, may see."""
    return Intention.objects.visible_to(user).open().filter(user=number, due__lte=today)


def page(
    rows: IntentionQuerySet, order: Order, *, most: int, beyond: Place | None = None, backwards: bool = False
) -> list[Intention]:
    """The first `most` rows in this order, those beyond a place alone; backwards, the last before it, the last first."""
    falling = order.startswith("-") != backwards
    field, way, sign = _FIELDS[order.removeprefix("-")], "lt" if falling else "gt", "-" if falling else ""
    if beyond:
        value, number = beyond
        here = (
            Q(**{f"{field}__{way}": value}) | Q(pk__lt=number)
            if falling
            else Q(**{f"{field}__{way}": value}) | Q(pk__gt=number)
        )
        rows = rows.filter(Q(**{f"{field}__{way}e": value}) & here)
    shown = rows.select_related("case__customer", "case__service", "user", "team", "created_by")
    return list(labelled(shown).defer("case__submitted").order_by(f"{sign}{field}", f"{sign}pk")[:most])


def place(row: Intention, order: Order) -> Place:
    """Where a row stands in this order."""
    return getattr(row, _FIELDS[order.removeprefix("-")]), row.pk


def told(order: Order, text: str) -> date:
    """What `place` holds of a row, as text, read again: a day, or a moment with its zone. Raises ValueError."""
    if order.removeprefix("-") == "due":
        return date.fromisoformat(text)
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("A moment has a zone.")
    return moment


def labelled(rows: IntentionQuerySet) -> IntentionQuerySet:
    """With what kind of thing each is, in words: `label`, None where the list says nothing of its own (see `kind`)."""
    values = Value.objects.filter(list__key=TYPES.key, key=OuterRef("type"))
    return rows.annotate(label=Subquery(values.values("label")[:1]))


def kind(row: Intention) -> str:
    """What kind of thing a `labelled` one is, in words."""
    standard = next((str(one.label) for one in TYPES.values if one.key == row.type), row.type.replace("_", " "))
    return getattr(row, "label", None) or standard


def _held_by(wanted: Wanted, user: User) -> Q:
    if wanted.whose == "mine":
        return Q(user__in=[user.pk, *wanted.covering]) if wanted.covering else Q(user=user.pk)
    if wanted.whose == "teams":
        return Q(team__in=[group.pk for group in user.security_groups])
    return Q(user=None, team=None) if wanted.whose == "unassigned" else Q()


def _due(due: Due, today: date) -> Q:
    """This week is until Sunday, today and what is overdue left out."""
    sunday = today + timedelta(days=6 - today.weekday())
    return {
        "": Q(),
        "overdue": Q(due__lt=today),
        "today": Q(due=today),
        "week": Q(due__gt=today, due__lte=sunday),
        "later": Q(due__gt=sunday),
    }[due]
