"""Where the customers of work live: their postcode and ward, as columns of the work list and to find it by (BEST-70).

The home is the one in force now. Its ward is that of its UPRN in the gazetteer.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import connection
from django.db.models import BigIntegerField, CharField, F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Cast, NullIf

from moothall.core.accounts.models import User
from moothall.core.accounts.permissions import Permission
from moothall.domain.people.finding import golden, people_found
from moothall.domain.people.models import Residence
from moothall.domain.places import areas
from moothall.domain.places.models import Property
from moothall.kit import postcode

MOST_WARDS = 1_000
_WARDS = """
    WITH RECURSIVE there (code) AS (
        SELECT min(ward) FROM places_property WHERE ward > ''
        UNION ALL
        SELECT (SELECT min(ward) FROM places_property WHERE ward > there.code) FROM there WHERE there.code IS NOT NULL
    )
    SELECT there.code, coalesce(area.name, there.code)
    FROM there LEFT JOIN places_area area ON area.code = there.code
    WHERE there.code IS NOT NULL ORDER BY 2, 1 LIMIT %s
"""  # one look at the index for each ward, however many properties there are


@dataclass(frozen=True)
class Home:
    """A postcode, and a ward by its name, or its code where no list of names has been loaded; empty when not known."""

    postcode: str
    ward: str


def of(customers: Iterable[int]) -> dict[int, Home]:
    """The homes of those of these customers that have one, by their numbers, in two statements."""
    uprn = Cast(NullIf(OuterRef("address__uprn"), Value("")), BigIntegerField())
    ward = Subquery(Property.objects.filter(uprn=uprn).values("ward")[:1])
    rows = list(
        _now()
        .filter(customer__in=list(customers))
        .annotate(ward=ward)
        .order_by("from_date", "pk")
        .values_list("customer", "address__postcode", "ward")
    )
    names = areas.names(code or "" for _pk, _postcode, code in rows)
    return {pk: Home(code, names.get(area or "", area or "")) for pk, code, area in rows}


def wards() -> list[tuple[str, str]]:
    """Code and name of every ward in which the gazetteer has a property, by name."""
    with connection.cursor() as cursor:
        cursor.execute(_WARDS, [MOST_WARDS])
        return list(cursor.fetchall())


def in_ward(code: str, user: User, *, case: str = "") -> Q:
    """Work of customers who live in a ward, of services whose people the user may see; `case` leads to what its case has."""
    there = Property.objects.filter(ward=code).annotate(text=Cast(F("uprn"), CharField())).values("text")
    homes: QuerySet[Residence] = _now().filter(address__uprn__in=there)
    return Q(**{f"{case}customer__in": homes.values("customer")}) & people_seen(user, case=case)


def at_postcode(text: str, user: User, *, case: str = "") -> Q:
    """As `in_ward`, of customers who have this postcode. Raises kit.Invalid."""
    code = postcode.normalise(text)
    found = people_found(name="", first_names="", date_of_birth=None, nino_given="", postcode_given=code)
    return Q(**{f"{case}customer__in": golden(found)}) & people_seen(user, case=case)


def people_seen(user: User, *, case: str = "") -> Q:
    """Work, or cases, of services whose people the user may see."""
    reached = user.reached(Permission.VIEW_PEOPLE)
    return Q() if reached is None else Q(**{f"{case}service__key__in": sorted(reached)})


def _now() -> "QuerySet[Residence]":
    return Residence.objects.filter(purpose=Residence.Purpose.HOME, to_date=None)
