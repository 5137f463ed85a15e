"""The boundaries of wards: loaded from a file of GeoJSON, or drawn around the properties of each (PPP-24).

Such files are published by the Office for National Statistics, whose features have properties such as WD25CD and WD25NM.
"""

import json
import math
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from django.db import connection

from moothall.core.accounts.models import User
from moothall.core.audit import recording
from moothall.domain.places import areas
from moothall.domain.places.models import Boundary
from moothall.kit import grid
from moothall.kit.invalid import Invalid

MOST_BYTES = 20 * 1024**2
MOST_WARDS = 400
MOST_POINTS = 60_000
"""Of all wards together: every map loads them."""
STEP = 25  # metres: how much wider than the outermost properties a boundary may be drawn
Ring = list[list[float]]
Point = tuple[float, float]

_CODE = re.compile(r"(?:WD|ward)[0-9]{0,2}_?(?:CD|code)|code|gss_code", re.IGNORECASE)
_NAME = re.compile(r"(?:WD|ward)[0-9]{0,2}_?(?:NM|name)|name", re.IGNORECASE)
_GSS = re.compile(r"[A-Z][0-9]{8}")
_COLUMNS = f"""
SELECT ward, floor(x / {STEP}) * {STEP}, min(y), max(y) FROM places_property
WHERE ward <> '' AND gone_on IS NULL AND status = 1 GROUP BY 1, 2
"""  # noqa: S608
_WARDS = """
WITH RECURSIVE found AS (
    (SELECT ward FROM places_property WHERE ward > '' ORDER BY ward LIMIT 1)
    UNION ALL
    SELECT (SELECT p.ward FROM places_property p WHERE p.ward > found.ward ORDER BY p.ward LIMIT 1) FROM found
    WHERE found.ward IS NOT NULL
) SELECT ward FROM found WHERE ward IS NOT NULL LIMIT %s
"""


def wards() -> list[Boundary]:
    """Every ward with its boundary, by name."""
    return list(Boundary.objects.order_by("name", "code")[:MOST_WARDS])


def named() -> dict[str, str]:
    """The wards that properties are in, by code: each by its boundary's name, or its name in a list, or its code."""
    with connection.cursor() as cursor:
        cursor.execute(_WARDS, [MOST_WARDS])
        codes = [row[0] for row in cursor.fetchall()]
    names = {**areas.names(codes), **dict(Boundary.objects.filter(drawn=False).values_list("code", "name"))}
    return dict(sorted(((code, names.get(code, code)) for code in codes), key=lambda one: (one[1], one[0])))


def load(content: bytes, *, by: User, at: datetime) -> int:
    """Keep the wards of a file in place of those kept before; how many. Raises Invalid with a sentence."""
    found = {one.code: one for one in _read(content, at=at)}
    _keep(found.values(), action="boundaries.loaded", by=by, at=at)
    return len(found)


def draw(*, by: User, at: datetime) -> int:
    """Draw a boundary around the properties of each ward, in place of those kept before; how many. Raises Invalid.

    It is convex and may lie over its neighbours: it says about where a ward is, and nothing of where it ends.
    """
    columns: dict[str, list[Point]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(_COLUMNS)
        for ward, x, south, north in cursor.fetchall():
            columns[ward] += [(float(east), float(y)) for east in (x, x + STEP) for y in (south, north)]
    if not columns:
        raise Invalid("No property of the gazetteer says in which ward it is. Nothing was drawn.")
    if len(columns) > MOST_WARDS:
        raise Invalid(f"The gazetteer has {len(columns):,} wards; {MOST_WARDS} can be drawn. Nothing was drawn.")
    names = areas.names(columns)
    rows = [
        Boundary(code=code, name=names.get(code, code), drawn=True, rings=[[_degrees(_around(points))]], loaded_at=at)
        for code, points in columns.items()
    ]
    _keep(rows, action="boundaries.drawn", by=by, at=at)
    return len(rows)


def _keep(rows: Iterable[Boundary], *, action: str, by: User, at: datetime) -> None:
    kept = list(rows)
    with recording.because(action=action, by=by, at=at):
        Boundary.objects.all().delete()
        Boundary.objects.bulk_create(kept, batch_size=50)
        recording.record(action, by, by=by, at=at, wards=len(kept))


def _read(content: bytes, *, at: datetime) -> Iterator[Boundary]:
    if len(content) > MOST_BYTES:
        raise Invalid(f"The file is larger than {MOST_BYTES // 1024**2} MB. Nothing was loaded.")
    try:
        whole = json.loads(content)
        features = whole["features"]
        assert isinstance(features, list)
    except (ValueError, KeyError, TypeError, AssertionError, RecursionError):
        raise Invalid("The file is no GeoJSON with a list of features. Nothing was loaded.") from None
    if not 0 < len(features) <= MOST_WARDS:
        raise Invalid(f"The file has {len(features):,} features; 1 to {MOST_WARDS} can be loaded. Nothing was loaded.")
    points = 0
    for number, feature in enumerate(features, 1):
        try:
            code, name = _named(feature["properties"])
            rings = _rings(feature["geometry"])
        except (KeyError, TypeError, ValueError, IndexError) as wrong:
            why = str(wrong) if isinstance(wrong, Invalid) else "It is no polygon with a code and a name."
            raise Invalid(f"Feature {number}: {why} Nothing was loaded.") from None
        points += sum(len(ring) for polygon in rings for ring in polygon)
        if points > MOST_POINTS:
            raise Invalid(
                f"The boundaries have more than {MOST_POINTS:,} points. Take the generalised ones. Nothing was loaded."
            )
        yield Boundary(code=code, name=name, drawn=False, rings=rings, loaded_at=at)


def _named(properties: dict[str, Any]) -> tuple[str, str]:
    """Its code and its name; those of wards, should there be others."""
    codes = sorted((key for key in properties if _CODE.fullmatch(key)), key=len, reverse=True)
    names = sorted((key for key in properties if _NAME.fullmatch(key)), key=len, reverse=True)
    code, name = str(properties[codes[0]]), " ".join(str(properties[names[0]]).split())
    if not _GSS.fullmatch(code) or not 0 < len(name) <= 100:
        raise Invalid(f"“{code[:20]}” is no code of an area, or its name is missing.")
    return code, name


def _rings(geometry: dict[str, Any]) -> list[list[Ring]]:
    kind, given = geometry["type"], geometry["coordinates"]
    polygons = {"Polygon": [given], "MultiPolygon": given}[kind]
    if not polygons:
        raise ValueError
    return [[_ring(ring) for ring in polygon] for polygon in polygons]


def _ring(points: list[Any]) -> Ring:
    """A closed ring in degrees: what is in metres of the National Grid is worked out."""
    try:
        given = [(float(point[0]), float(point[1])) for point in points]
    except OverflowError:
        raise Invalid("A point is no pair of numbers that can be on a map.") from None
    if len(given) < 4 or not all(math.isfinite(value) for point in given for value in point):
        raise Invalid("A ring has fewer than four points, or a point is no pair of numbers.")
    if all(abs(x) <= 180 and abs(y) <= 90 for x, y in given):
        return [[round(x, grid.PLACES), round(y, grid.PLACES)] for x, y in given]
    return _degrees(given)


def _degrees(points: list[Point]) -> Ring:
    return [[longitude, latitude] for latitude, longitude in (grid.to_degrees(x, y) for x, y in points)]


def _around(points: list[Point]) -> list[Point]:
    """The convex hull of points, closed (Andrew's monotone chain)."""
    ordered = sorted(set(points))
    lower, upper = _chain(ordered), _chain(ordered[::-1])
    return [*lower[:-1], *upper[:-1], lower[0]]


def _chain(ordered: list[Point]) -> list[Point]:
    chain: list[Point] = []
    for point in ordered:
        while len(chain) > 1 and _turn(chain[-2], chain[-1], point) <= 0:
            chain.pop()
        chain.append(point)
    return chain


def _turn(a: Point, b: Point, c: Point) -> float:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
