"""The next work lines of a list in its order, at a cost that hardly grows with how many there are.

Two ways lead to them. When many lines fit, they are soon met by walking along an index in the order of the list. When few
do, they are all found by what they have, and sorted. Which it is nobody knows beforehand: so a walk is given up after
`WALK` lines, and only then all that fit are looked for; and if these are more than `MANY`, which is seldom, it is walked on.
PostgreSQL does all of it in one statement.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from string import Formatter
from typing import Any, cast

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import BooleanField, F, Field, Func, Q, QuerySet, Value

from moothall.domain.cases.models import WorkLine

WALK = 5_000
"""Lines looked at along an index before it is given up. Where there are about as few in all, what fits is always counted."""

MANY = 20_000
"""Lines that fit and are sorted. Where there are more, and the walk met few of them, it is gone to its end after all."""

_FOUND = """
WITH {stretches}
SELECT pk, place, {total} AS total FROM ({found}) AS found ORDER BY place {way}, pk {way} LIMIT {most}
"""
_WALK = """
walk_{number} AS MATERIALIZED (WITH cases_workline AS ({near}) {first}),
walked_{number} AS MATERIALIZED (
    SELECT (SELECT count(*) FROM walk_{number}) >= {most} OR (SELECT count(*) FROM ({near}) AS near) < {walk} AS enough
),
"""
_FIT = """
fit_{number} AS MATERIALIZED (SELECT * FROM ({fitting}) AS fit WHERE NOT (SELECT enough FROM walked_{number})),
fits_{number} AS MATERIALIZED (
    SELECT (SELECT count(*) FROM (SELECT FROM fit_{number} LIMIT {many} + 1) AS some_of_them) > {many} AS too_many
),
far_{number} AS MATERIALIZED (SELECT * FROM ({farther}) AS far WHERE (SELECT too_many FROM fits_{number}))
"""
_FARTHER = "SELECT pk, place FROM ({fitting}) AS fit WHERE {after} ORDER BY place {way}, pk {way} LIMIT {most}"
_FROM_STRETCH = """
SELECT pk, place FROM walk_{number} WHERE (SELECT enough FROM walked_{number})
UNION ALL SELECT pk, place FROM fit_{number} WHERE NOT (SELECT too_many FROM fits_{number}) AND {after}
UNION ALL SELECT pk, place FROM far_{number}
"""
_TOTAL = """
CASE WHEN (SELECT reltuples FROM pg_class WHERE oid = 'cases_workline'::regclass) < {walk}
    THEN (SELECT count(*) FROM ({all}) AS fit)
WHEN NOT ({not_counted}) THEN {fits} END
"""
_NOT_COUNTED = "(SELECT enough FROM walked_{number}) OR (SELECT too_many FROM fits_{number})"


@dataclass(frozen=True)
class Stretch:
    """Where in the order lines that fit can be: what an index serves, which begins with `lead` if that is given.

    All lines of it have the same there. PostgreSQL is to take no other index, one in the order alone: it does not know that
    where the order begins there may be none of these lines. So it is not told that the first column has a single value.
    """

    where: Q = field(default_factory=Q)
    lead: str = ""

    @classmethod
    def of(cls, where: Q, lead: str, value: int | str) -> "Stretch":
        """The lines with this value in the column an index begins with."""
        return cls(where & Q(**{f"{lead}__gte": value, f"{lead}__lte": value}), lead)


@dataclass(frozen=True)
class Found:
    """Numbers of work items with the values they are sorted by; and how many fit in all, None: many, and not counted."""

    lines: list[tuple[int, Any]]
    total: int | None


def along(
    lines: "QuerySet[WorkLine, Any]",
    column: str,
    *,
    falling: bool,
    most: int,
    beyond: tuple[Any, int] | None = None,
    stretches: Sequence[Stretch] = (Stretch(),),
) -> Found:
    """The first `most` of `lines` by this column and their number, or the first beyond a value and a number.

    `stretches` say where in the order lines that fit can be at all: an index serves each, and together they hold them all,
    each line once.
    """
    try:
        statement = _statement(lines, column, falling=falling, most=most, beyond=beyond, stretches=stretches)
    except EmptyResultSet:  # nobody need be asked: no stage that is wanted is seen
        return Found([], 0)
    with connection.cursor() as cursor:
        cursor.execute(statement.text, statement.values)
        rows = cursor.fetchall()
    return Found([(number, place) for number, place, _ in rows], rows[0][2] if rows else 0)


@dataclass(frozen=True)
class _Sql:
    text: str
    values: tuple[Any, ...] = ()


def _statement(
    lines: "QuerySet[WorkLine, Any]",
    column: str,
    *,
    falling: bool,
    most: int,
    beyond: tuple[Any, int] | None,
    stretches: Sequence[Stretch],
) -> _Sql:
    sign, way = ("-", "DESC") if falling else ("", "ASC")
    fitting = lines.annotate(place=F(column)).values_list("pk", "place")
    after, after_told = Q(), _Sql("true")
    if beyond:
        value = Value(beyond[0], output_field=cast("Field[Any, Any]", WorkLine._meta.get_field(column)))
        after = Q(
            _Beyond(_Pair(F(column), F("pk")), _Pair(value, Value(beyond[1])), arg_joiner="<" if falling else ">")
        )
        after_told = _Sql("(place, pk) < (%s, %s)" if falling else "(place, pk) > (%s, %s)", beyond)
    every = _read(fitting.order_by())
    parts: dict[str, Any] = {
        "all": every,
        "most": most,
        "walk": WALK,
        "many": MANY,
        "way": way,
        "after": after_told,
    }
    each = []
    for number, stretch in enumerate(stretches):
        here = _read(fitting.filter(stretch.where).order_by()) if stretch.where else every
        order = [f"{sign}{name}" for name in (stretch.lead, column, "pk") if name]
        near = _read(WorkLine.objects.filter(stretch.where, after).order_by(*order)[:WALK])
        one = parts | {"number": number, "near": near, "fitting": here}
        lead = f"{cast(Any, WorkLine._meta.get_field(stretch.lead)).column} {way}, " if stretch.lead else ""
        one["first"] = _told("{all} ORDER BY {lead}place {way}, pk {way} LIMIT {most}", **one, lead=lead)
        one["farther"] = _told(_FARTHER, **one)
        each.append(one)
    parts["stretches"] = _joined(", ", [_told(_WALK + _FIT, **one) for one in each])
    parts["found"] = _joined(" UNION ALL ", [_told(_FROM_STRETCH, **one) for one in each])
    parts["not_counted"] = _joined(" OR ", [_told(_NOT_COUNTED, **one) for one in each])
    parts["fits"] = _joined(" + ", [_told("(SELECT count(*) FROM fit_{number})", **one) for one in each])
    parts["total"] = _told(_TOTAL, **parts)
    return _told(_FOUND, **parts)


class _Pair(Func):
    template = "(%(expressions)s)"


class _Beyond(Func):
    template = "%(expressions)s"
    output_field = BooleanField()


def _read(rows: "QuerySet[Any, Any]") -> _Sql:
    return _Sql(*rows.query.sql_with_params())


def _told(template: str, **parts: Any) -> _Sql:
    """The template with each part in its place, and their values in that order."""
    text, values = "", ()
    for said, name, _, _ in Formatter().parse(template):
        part = parts[name] if name else _Sql("")
        part = part if isinstance(part, _Sql) else _Sql(str(part))
        text, values = text + said + part.text, values + part.values
    return _Sql(text, values)


def _joined(by: str, parts: Sequence[_Sql]) -> _Sql:
    return _Sql(by.join(part.text for part in parts), tuple(value for part in parts for value in part.values))
