"""How staged rows become rows of the gazetteer: which expression fills which column, with latitudes and longitudes."""

from dataclasses import dataclass

from django.db import models
from django.db.backends.utils import CursorWrapper

from moothall.domain.places.gazetteer.records import Layout, Record
from moothall.domain.places.gazetteer.staging import SCHEMA, table

_POINTS = {
    11: (f"{SCHEMA}.street_points", "usrn", ("start_latitude", "start_longitude", "end_latitude", "end_longitude")),
    21: (f"{SCHEMA}.property_points", "uprn", ("latitude", "longitude")),
}
_FROM = {11: "start_x::float8, start_y::float8, end_x::float8, end_y::float8", 21: "x::float8, y::float8"}


_OF_REFERENCES = """
    SELECT uprn, left(max(reference) FILTER (WHERE source = '7666OW'), 10) AS ward,
        left(max(reference) FILTER (WHERE source = '7666OP'), 10) AS parish
    FROM {table} WHERE source IN ('7666OW', '7666OP') AND end_date IS NULL GROUP BY uprn
"""  # where AddressBase Premium says ward and parish


@dataclass(frozen=True)
class Filling:
    """`columns` are filled by `values` of a staged row `s`, with `joins` after it."""

    columns: list[str]
    values: list[str]
    joins: str


def convert(cursor: CursorWrapper, layout: Layout) -> None:
    """Work out latitude and longitude of all staged streets and properties that bring none."""
    from moothall.domain.places.gazetteer import coordinates  # numpy takes half a second, which nobody else need wait

    for number, (points, key, names) in _POINTS.items():
        cursor.execute(f"CREATE UNLOGGED TABLE {points} ({coordinates.columns(names)})")
        given = " AND ".join(f"{name} IS NOT NULL" for name in names if name in layout.records[number].columns)
        lacking = f"AND NOT ({given})" if given else ""
        select = f"SELECT {key}, {_FROM[number]} FROM {table(number)} WHERE change <> 'D' {lacking}"  # noqa: S608
        coordinates.convert(cursor, select, into=points, points=len(names) // 2)
        cursor.execute(f"ANALYZE {points}")


def filling(record: Record) -> Filling:
    """How the rows of one record are filled; what the format lacks is empty."""
    points, key, names = _POINTS.get(record.number, ("", "", ()))
    brought = set(record.columns)
    of_references = record.number == 21 and "ward" not in brought
    columns, values = [], []
    for field in record.model._meta.concrete_fields:
        name = field.column or field.name
        if isinstance(field, models.AutoField) or name == "gone_on":
            continue
        columns.append(name)
        if name in names:
            values.append(f"coalesce(s.{name}, c.{name})" if name in brought else f"c.{name}")
        elif name in brought:
            values.append(f"s.{name}")
        elif of_references and name in ("ward", "parish"):
            values.append(f"coalesce(a.{name}, '')")
        else:
            values.append("NULL" if field.null else "''")
    joins = f"LEFT JOIN {points} c ON c.key = s.{key}" if names else ""
    if of_references:
        joins += f" LEFT JOIN ({_OF_REFERENCES.format(table=table(23))}) a ON a.uprn = s.uprn"
    return Filling(columns, values, joins)


def follow_references(cursor: CursorWrapper, uprns: str) -> None:
    """Take ward and parish of the properties in the table `uprns` from the cross-references in force."""
    said = _OF_REFERENCES.format(table="places_crossreference")
    cursor.execute(
        f"UPDATE places_property p SET ward = coalesce(a.ward, ''), parish = coalesce(a.parish, '')"  # noqa: S608
        f" FROM {uprns} u LEFT JOIN ({said}) a ON a.uprn = u.uprn WHERE p.uprn = u.uprn"
    )
