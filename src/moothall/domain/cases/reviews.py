"""Flags on people and notes about places that are to be looked at again: listed, and told of every night (PPP-10, PPP-23)."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal

from django.db.models import CharField, Q, QuerySet, Value
from django.utils import timezone
from django.utils.translation import ngettext

from moothall.core.accounts.models import SecurityGroup, User
from moothall.core.accounts.permissions import Permission
from moothall.domain.cases import died, sight
from moothall.domain.cases.models import Case
from moothall.domain.notifications.actions import notify
from moothall.domain.notifications.models import Notification
from moothall.domain.people.models import Flag
from moothall.domain.places.models import PlaceNote

SOON = timedelta(days=30)
"""How long before its day a review is listed."""
MOST = 5_000
"""Of what is due, looked at in a night."""
MOST_TOLD = 20
When = Literal["due", "soon"]


@dataclass(frozen=True)
class ToReview:
    """A flag or a note that is to be looked at again."""

    flag: Flag | None
    note: PlaceNote | None
    review_on: date


def listed(user: User, *, when: When, today: date) -> "QuerySet[Any, Any]":
    """What the user sees that is due by today, or soon after; the longest due first: kind, number and day of each."""
    rows = []
    for kind, found in (("flag", sight.visible_flags(user)), ("note", sight.visible_place_notes(user))):
        if kind == "flag":
            found = found.filter(Q(to_date=None) | Q(to_date__gte=today))
        fits = Q(review_on__lte=today) if when == "due" else Q(review_on__gt=today, review_on__lte=today + SOON)
        named = found.filter(fits, ended_at=None).annotate(kind=Value(kind, output_field=CharField()))
        rows.append(named.order_by().values_list("kind", "pk", "review_on"))
    return rows[0].union(rows[1], all=True).order_by("review_on", "kind", "pk")


def read(rows: Iterable[tuple[str, int, date]]) -> list[ToReview]:
    """The flags and notes themselves, in the same order."""
    wanted = list(rows)
    flags = Flag.objects.select_related("customer", "set_by").in_bulk(
        [pk for kind, pk, _day in wanted if kind == "flag"]
    )
    notes = PlaceNote.objects.select_related("made_by").in_bulk([pk for kind, pk, _day in wanted if kind == "note"])
    return [
        ToReview(flags[pk] if kind == "flag" else None, notes[pk] if kind == "note" else None, day)
        for kind, pk, day in wanted
    ]


def tell(*, at: datetime) -> int:
    """Tell whoever set what is due now, once for each day on which more became due; how many were told.

    Where they left or may not see it any more, the officers of the customer's open cases are told, else colleagues
    who may change customers' records. Nobody is told of what they may not see.
    """
    today = timezone.localdate(at)
    due: defaultdict[User, list[date]] = defaultdict(list)
    flags = Flag.objects.filter(Q(to_date=None) | Q(to_date__gte=today), ended_at=None, review_on__lte=today)
    notes = PlaceNote.objects.filter(ended_at=None, review_on__lte=today)
    both: Sequence[tuple[QuerySet[Any], str, Any]] = (
        (flags, "set_by", sight.visible_flags),
        (notes, "made_by", sight.visible_place_notes),
    )
    for rows, whose, seen in both:
        left = {row.pk: row for row in rows.order_by("review_on", "pk").select_related(whose)[:MOST]}
        for user in {getattr(row, whose) for row in left.values()}:
            if user.is_active:
                mine = seen(user).filter(pk__in=left, **{whose: user}).values_list("pk", flat=True)
                due[user] += [left.pop(pk).review_on for pk in list(mine)]
        for row in left.values():
            for user in _instead(row, getattr(row, whose), seen):
                due[user].append(row.review_on)
    return sum(_told(user, days, at=at) for user, days in due.items() if days)


def _told(user: User, days: Sequence[date], *, at: datetime) -> int:
    said = ngettext(
        "%s flag or note is due to be looked at again.", "%s flags or notes are due to be looked at again.", len(days)
    )
    cause = f"reviews.{max(days).isoformat()}"
    return len(notify([user], kind=Notification.Kind.WORK, text=said % len(days), cause=cause, page="reviews", at=at))


def _instead(row: Flag | PlaceNote, setter: User, seen: Any) -> list[User]:
    """Who else can look at it."""
    officers: list[User] = []
    if isinstance(row, Flag):
        for case in Case.objects.open().filter(customer=row.customer_id).defer("submitted").order_by("pk")[:MOST_TOLD]:
            officers += [one for one in died.officers_of(case) if one not in officers]
    groups = SecurityGroup.objects.filter(permissions__contains=[Permission.EDIT_PEOPLE])
    colleagues = User.objects.filter(is_active=True, kind=User.Kind.PERSON).order_by("pk")
    team = colleagues.filter(groups__in=groups.filter(pk__in=setter.groups.values("pk"))).distinct()
    everybody = colleagues.filter(groups__in=groups).distinct()
    for some in (officers, team[:MOST_TOLD], everybody[:MOST_TOLD]):
        may = [one for one in some if one.is_active and seen(one).filter(pk=row.pk).exists()]
        if may:
            return may
    return []
