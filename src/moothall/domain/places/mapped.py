"""What of the gazetteer lies in a part of the map, and the council's settings of maps (PPP-24)."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple
from urllib.parse import urlsplit

from django.db.models import Max, Min, Q, QuerySet
from pydantic import Field, field_validator

from moothall.core.council.settings import Section
from moothall.domain.places.models import LookupLine, Property
from moothall.domain.places.models.gazetteer import Status
from moothall.kit.grid import Bounds

MOST = 250
"""Properties or cases of one map."""
Point = tuple[float, float]
"""Latitude and longitude."""
_IN_TILES = ("{z}", "{x}", "{y}")


class Map(Section):
    """The pictures under maps. Without `tiles` there are none, and nothing is asked of another machine."""

    section = "map"
    tiles: str = ""  # such as https://tiles.example/{z}/{x}/{y}.png
    attribution: str = Field(default="", max_length=300)  # what whoever gives them wants said
    deepest: int = Field(default=18, ge=1, le=20)  # the closest zoom there are tiles of

    @field_validator("tiles")
    @classmethod
    def _an_address(cls, given: str) -> str:
        if given and not _host(given):
            raise ValueError("Give an address that begins with https:// and has {z}, {x} and {y} and no other braces")
        return given

    @property
    def host(self) -> str:
        """Where the tiles are, as the content security policy of a page names it; empty without tiles."""
        return _host(self.tiles)


class Placed(NamedTuple):
    """A property on the map."""

    uprn: str
    latitude: float
    longitude: float
    line: str  # its address


def _host(tiles: str) -> str:
    try:
        parts = urlsplit(tiles)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return ""
    rest = parts.path + (f"?{parts.query}" if parts.query else "")
    for part in _IN_TILES:
        rest = rest.replace(part, "", 1)
    name = parts.hostname or ""
    plain = name.isascii() and name.replace("-", "").replace(".", "").isalnum()
    fine = parts.scheme == "https" and plain and "@" not in parts.netloc and not {"{", "}"} & set(rest)
    whole = all(part in tiles for part in _IN_TILES) and not any(sign.isspace() for sign in tiles)
    return f"https://{name}{port}" if fine and whole else ""


def within(bounds: Bounds | None = None, *, ward: str = "") -> Q:
    """A condition on properties that have a point: in these bounds, of this ward."""
    condition = Q(ward=ward) if ward else Q()
    if bounds is None:
        return condition & Q(latitude__isnull=False)
    return condition & Q(
        latitude__gte=bounds.south, latitude__lte=bounds.north, longitude__gte=bounds.west, longitude__lte=bounds.east
    )


def properties(bounds: Bounds | None, *, ward: str = "", most: int = MOST) -> list[Placed] | None:
    """The properties in a part of the map, or all, in the order of streets, but for shells and what is no more; None for more than `most`."""
    rows = Property.objects.filter(within(bounds, ward=ward), status=Status.APPROVED, gone_on=None)
    points = points_of(rows[: most * 2 + 1])
    if len(points) > most * 2:  # shells are few
        return None
    found = placed(points)
    return found if len(found) <= most else None


def points_of(rows: "QuerySet[Property]") -> dict[int, Point]:
    """Latitude and longitude of each of these properties that has them, by its UPRN."""
    found = rows.values_list("pk", "latitude", "longitude")
    return {uprn: (y, x) for uprn, y, x in found if y is not None and x is not None}


def placed(points: Mapping[int, Point]) -> list[Placed]:
    """These properties by their points, each with its approved address, in the order of streets."""
    lines = LookupLine.objects.filter(uprn__in=list(points), historic=False, shell=False, status=Status.APPROVED)
    named: dict[int, tuple[str, str]] = {}
    for uprn, language, order, line in lines.values_list("uprn", "language", "sort_key", "line"):
        if language == "ENG" or uprn not in named:
            named[uprn] = (order, line)
    inside = sorted(named, key=lambda uprn: named[uprn])
    return [Placed(str(uprn), *points[uprn], named[uprn][1]) for uprn in inside]


def around() -> Bounds | None:
    """What all properties in force lie within; None where that is nothing, or one point."""
    rows = Property.objects.filter(status=Status.APPROVED, gone_on=None)
    sides = rows.aggregate(Min("longitude"), Min("latitude"), Max("longitude"), Max("latitude")).values()
    if None in sides:
        return None
    west, south, east, north = sides
    return Bounds(west, south, east, north) if west < east and south < north else None


def found(uprns: Sequence[int]) -> list[Placed]:
    """Those of these properties that have a point, in the order given."""
    by_uprn = {int(one.uprn): one for one in placed(points_of(Property.objects.filter(within(), pk__in=uprns)))}
    return [by_uprn[uprn] for uprn in uprns if uprn in by_uprn]
