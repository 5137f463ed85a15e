"""Cases on the map, of what somebody may see: each at its own place, or else where its customer is (PPP-24)."""

from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import BigIntegerField, CharField, Exists, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Cast, NullIf

from moothall.core.accounts.models import User
from moothall.core.accounts.permissions import Permission
from moothall.domain.cases.models import Case, WorkLine
from moothall.domain.people.models import Residence
from moothall.domain.places import mapped
from moothall.domain.places.mapped import MOST
from moothall.domain.places.models import Property
from moothall.kit.grid import Bounds

NEWEST = 5_000
"""Cases looked at, of all that are asked for, where nothing bounds the part of the map."""

_OF_CASE = ("reference", "service__name", "opened_at")
_OF_ADDRESS = ("uprn", "line1", "line2", "town", "postcode")


class PlacedCase(NamedTuple):
    """A case at a place."""

    reference: str
    service: str  # its name
    opened_at: datetime
    uprn: str
    address: str
    latitude: float
    longitude: float


def newest(rows: "QuerySet[Any]") -> "tuple[QuerySet[Any], bool]":
    """The numbers of the newest cases of these lines or work items, and whether there are more than those."""
    ordered = rows.order_by("-opened_at" if rows.model is WorkLine else "-case__opened_at", "-pk").values("case")
    return ordered[:NEWEST], ordered[NEWEST : NEWEST + 1].exists()


def cases(
    user: User, among: "QuerySet[Any]", *, bounds: Bounds | None = None, ward: str = "", most: int = MOST
) -> list[PlacedCase]:
    """Cases in a part of the map, the newest first, `most` and one more at most; in three statements.

    `among` gives the numbers of the cases asked for, `newest` ones where nothing bounds the part of the map. Told of are
    cases whose customer the user may see, where the gazetteer knows the property: nobody is put somewhere by their
    postcode. A case without a place of its own is where its customer lives now, or has their site.
    """
    seen = Case.objects.visible_to(user, Permission.VIEW_PEOPLE).filter(pk__in=among)
    lives = Residence.objects.filter(
        inside("address__", bounds, ward), to_date=None, purpose__in=[Residence.Purpose.HOME, Residence.Purpose.SITE]
    )
    placed = seen.filter(inside("place__", bounds, ward)).order_by("-opened_at", "-pk")
    others = lives.filter(customer__cases__in=seen.filter(place=None)).order_by(
        "-customer__cases__opened_at", "-customer__cases"
    )
    rows: list[Any] = [
        *placed.values_list(*_OF_CASE, *(f"place__{name}" for name in _OF_ADDRESS))[: most + 1],
        *others.values_list(
            *(f"customer__cases__{name}" for name in _OF_CASE),
            *(f"address__{name}" for name in _OF_ADDRESS),
        )[: most + 1],
    ]
    newest = sorted(rows, key=lambda row: row[2], reverse=True)[: most + 1]
    points = mapped.points_of(Property.objects.filter(mapped.within(), pk__in={int(row[3]) for row in newest}))
    there = [(row, points[int(row[3])]) for row in newest if int(row[3]) in points]
    return [PlacedCase._make([*row[:4], ", ".join(filter(None, row[4:])), *point]) for row, point in there]


def inside(address: str, bounds: Bounds | None, ward: str) -> Q:
    """A condition on what has an address (`address` leads to it): its property is on the map, within what is asked for."""
    properties = Property.objects.filter(mapped.within(bounds, ward=ward))
    if bounds is None and not ward:
        uprn = Cast(NullIf(OuterRef(f"{address}uprn"), Value("")), BigIntegerField())
        return Q(Exists(properties.filter(pk=uprn)))
    named = Q(**{f"{address}uprn__in": properties.values_list(Cast("pk", CharField()))})
    return named & ~Q(**{f"{address}uprn": ""})  # as the index of addresses says it, so that it can be used
