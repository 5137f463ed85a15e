"""Points of the British National Grid as latitude and longitude, with the accuracy of OSTN15, many at a time.

The result is ETRS89, which Ordnance Survey gives in AddressBase and web maps take for WGS84. Rows travel between PostgreSQL
and numpy in COPY's binary form, so that two million points take seconds and little memory.
"""

from collections.abc import Sequence

import numpy
from convertbng.cutil import convert_osgb36_to_ll
from django.db.backends.utils import CursorWrapper

from moothall.domain.places.gazetteer.staging import copied

AT_ONCE = 20_000
PLACES = 7  # of a degree, as Ordnance Survey gives them: a centimetre
_BEGIN = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_END = b"\xff\xff"


def _row(points: int) -> numpy.dtype:
    """One row of COPY's binary form: a bigint and so many pairs of double precision, none of them null."""
    pairs = [
        (f"{part}{place}", kind) for place in range(points * 2) for part, kind in (("length", ">i4"), ("at", ">f8"))
    ]
    return numpy.dtype([("fields", ">i2"), ("length", ">i4"), ("key", ">i8"), *pairs])


def convert(cursor: CursorWrapper, select: str, *, into: str, points: int) -> None:
    """Fill the table `into` with key and latitude and longitude of each point.

    `select` gives the key as a bigint and easting and northing of each point as double precision; a row of which a point
    lies outside the grid is left out.
    """
    cursor.execute(f"DECLARE coordinates NO SCROLL CURSOR FOR {select}")
    row = _row(points)
    while True:
        cursor.execute(f"FETCH FORWARD {AT_ONCE} FROM coordinates")
        found = cursor.fetchall()
        if not found:
            break
        _write(cursor, numpy.array(found, dtype=numpy.float64), row, into=into, points=points)
    cursor.execute("CLOSE coordinates")


def _write(
    cursor: CursorWrapper,
    found: "numpy.ndarray[tuple[int, ...], numpy.dtype[numpy.float64]]",
    row: "numpy.dtype[numpy.void]",
    *,
    into: str,
    points: int,
) -> None:
    rows = numpy.empty(len(found), dtype=row)
    rows["fields"], rows["length"], rows["key"] = 1 + 2 * points, 8, found[:, 0]
    good = numpy.ones(len(found), dtype=bool)
    for point in range(points):
        longitudes, latitudes = convert_osgb36_to_ll(found[:, 1 + 2 * point], found[:, 2 + 2 * point])
        good &= ~numpy.isnan(longitudes)
        for place, values in ((2 * point, latitudes), (2 * point + 1, longitudes)):
            rows[f"length{place}"], rows[f"at{place}"] = 8, numpy.round(values, PLACES)
    with copied(cursor, f"COPY {into} FROM STDIN (FORMAT binary)") as copy:
        copy.write(_BEGIN + rows[good].tobytes() + _END)


def columns(names: Sequence[str]) -> str:
    """The columns of such a table."""
    return ", ".join(["key bigint", *(f"{name} double precision" for name in names)])
