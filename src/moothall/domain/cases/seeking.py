"""The next work lines of a list in its order, at a cost that hardly grows with how many there are.

Two ways lead to them. When many lines fit, they are soon met by walking along an index in the order of the list. When few
do, they are all found by what they have, and sorted. PostgreSQL's planner is asked how many it takes to fit: when it says
few, these are looked for at once. Else it is walked, and since the planner may be wrong, or what fits lie all at the end,
given up when looking for what fits would have cost as much; then all that fit are looked for; and if these are more than
`MANY`, which is seldom, it is walked on.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from string import Formatter
from typing import Any, cast

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import BooleanField, F, Field, Func, Q, QuerySet, Value
from django.db.models.functions import Length

from moothall.domain.cases.marks import Cover
from moothall.domain.cases.models import LineMark, WorkLine
from moothall.domain.workflow.turns import ALWAYS, NEVER

WALK, FARTHEST = 3_000, 20_000
"""Lines looked at along an index before it is given up: so many, and up to so many where more lines take longer to look for."""

FEW = 1_000
"""Lines that are looked for at once when the planner takes no more to fit."""

MANY = 20_000
"""Lines that fit and are sorted. Where there are more, and the walk met few of them, it is gone to its end after all."""

CHEAP = 1_000
"""What counting may cost by the planner's measure, in which reading a page costs some 1: a few milliseconds."""

_WALK = """
walk_{number} AS MATERIALIZED (WITH cases_workline AS ({near}) {first}),
walked_{number} AS MATERIALIZED (
    SELECT (SELECT count(*) FROM walk_{number}) >= {most} OR (SELECT count(*) FROM ({near}) AS near) < {walk} AS enough
)
"""
_FIRST = "{all} ORDER BY {lead}place {way}, pk {way} LIMIT {most}"
_WALKED = """
SELECT pk, place, NULL::boolean AS enough FROM walk_{number} UNION ALL SELECT NULL, NULL, enough FROM walked_{number}
"""
_WALKING = "WITH {stretches} SELECT * FROM ({found}) AS found ORDER BY place {way}, pk {way}"
_FIT = """
fit_{number} AS MATERIALIZED (SELECT * FROM ({fitting}) AS fit LIMIT {many} + 1),
fits_{number} AS MATERIALIZED (SELECT count(*) AS fits, count(*) > {many} AS too_many FROM fit_{number}),
far_{number} AS MATERIALIZED (SELECT * FROM ({farther}) AS far WHERE (SELECT too_many FROM fits_{number}))
"""
_FARTHER = "SELECT pk, place FROM ({fitting}) AS fit WHERE {after} ORDER BY place {way}, pk {way} LIMIT {most}"
_FITTED = """
(SELECT pk, place FROM fit_{number} WHERE NOT (SELECT too_many FROM fits_{number}) AND {after}
ORDER BY place {way}, pk {way} LIMIT {most})
UNION ALL SELECT pk, place FROM far_{number}
"""
_FITTING = """
WITH {stretches}
SELECT * FROM ({sum}) AS counted LEFT JOIN ({found}) AS found ON true ORDER BY place {way}, pk {way} LIMIT {most}
"""
_MARKED = """
SELECT {columns} FROM (
    SELECT entered_at, item_id FROM ({each}) AS each ORDER BY entered_at {way}, item_id {way} LIMIT {walk}
) AS marked CROSS JOIN LATERAL (SELECT * FROM cases_workline WHERE item_id = marked.item_id OFFSET 0) AS line
"""
_BEGIN = """
SELECT {number}, {first}(at) FROM (
    SELECT (SELECT entered_at FROM cases_linemark WHERE mark = one ORDER BY entered_at {way}, item_id {way} LIMIT 1) AS at
    FROM unnest({marks}) AS one
    UNION ALL (SELECT {anywhere}::timestamptz FROM cases_linemark WHERE {later} LIMIT 1)
) AS marked
"""
_SUM = "SELECT sum(fits) AS total, bool_or(too_many) AS too_many FROM ({fits}) AS every"

_COLUMNS = ", ".join(
    f"marked.{field.column}" if field.name in {"item", "entered_at"} else f"line.{field.column}"
    for field in WorkLine._meta.concrete_fields
)
"""Of a line that has a mark; by those of the mark PostgreSQL knows in which order they come."""


@dataclass(frozen=True)
class Stretch:
    """Where in the order lines that fit can be: what an index serves, which begins with `lead` if that is given.

    All lines of it have the same there. PostgreSQL is to take no other index, one in the order alone: it does not know that
    where the order begins there may be none of these lines. So it is not told that the first column has a single value.
    """

    where: Q = field(default_factory=Q)
    lead: str = ""
    cover: Cover | None = None  # in the order of `entered_at` alone: the lines with one of these marks
    begins: tuple[Cover, ...] = ()  # there too: what fits has a mark of each, so that none lies before all have begun

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
        seeking = _Seeking(lines, column, falling=falling, most=most, beyond=beyond)
        narrow = any(one.where or one.lead or one.cover for one in stretches)  # so that what fits is soon met in them
        walk = reach(seeking.every, few=FEW // 3 if narrow else FEW)
        if walk:
            stretches = seeking.begun(stretches)
        met = seeking.walked(stretches, walk) if walk else None
        return Found(*seeking.fitted(stretches)) if met is None else Found(met[:most], None)
    except EmptyResultSet:  # nobody need be asked: no stage that is wanted is seen
        return Found([], 0)


@dataclass(frozen=True)
class Sql:
    """A statement, and the values in it."""

    text: str
    values: tuple[Any, ...] = ()

    @classmethod
    def of(cls, rows: "QuerySet[Any, Any]") -> "Sql":
        """The statement that asks for rows. Raises EmptyResultSet where nothing need be asked."""
        return cls(*rows.query.sql_with_params())


def reach(fitting: Sql, *, few: int) -> int:
    """How many lines to walk along before it is given up; 0: no more than `few` fit, which are looked for at once."""
    takes = int(_planned(fitting)["Plan Rows"])
    return 0 if takes <= few else max(WALK, min(2 * takes, FARTHEST))


def soon_counted(rows: "QuerySet[Any, Any]", *, most: int) -> int | None:
    """How many rows there are, up to `most`; None where PostgreSQL takes counting them to cost more than `CHEAP`."""
    try:
        every = Sql.of(rows.order_by().values_list("pk"))
    except EmptyResultSet:
        return 0
    if _planned(every)["Total Cost"] > CHEAP:
        return None
    ((many,),) = _asked(
        _told("SELECT count(*) FROM (SELECT 1 FROM ({every}) AS every LIMIT {most}) AS counted", every=every, most=most)
    )
    return int(many)


def _planned(rows: Sql) -> dict[str, Any]:
    """What PostgreSQL takes a statement to cost, and how many rows it takes to be found."""
    ((told,),) = _asked(_told("EXPLAIN (FORMAT JSON) {rows}", rows=rows))
    plan = told if isinstance(told, list) else json.loads(told)
    return cast(dict[str, Any], plan[0]["Plan"])


class _Seeking:
    """What is sought, and the parts of the statements that find it."""

    def __init__(
        self,
        lines: "QuerySet[WorkLine, Any]",
        column: str,
        *,
        falling: bool,
        most: int,
        beyond: tuple[Any, int] | None,
    ) -> None:
        self._sign, way = ("-", "DESC") if falling else ("", "ASC")
        self._column = column
        self._fitting = lines.annotate(place=F(column)).values_list("pk", "place")
        self._after, self._marked_after, after_told = Q(), Q(), Sql("true")
        if beyond:
            value = Value(beyond[0], output_field=cast("Field[Any, Any]", WorkLine._meta.get_field(column)))
            self._after, self._marked_after = (
                Q(
                    _Beyond(
                        _Pair(F(column), F(number)), _Pair(value, Value(beyond[1])), arg_joiner="<" if falling else ">"
                    )
                )
                for number in ("pk", "item")
            )
            after_told = Sql("(place, pk) < (%s, %s)" if falling else "(place, pk) > (%s, %s)", beyond)
        self.every = Sql.of(self._fitting.order_by())
        self._parts: dict[str, Any] = {
            "most": most,
            "many": MANY,
            "way": way,
            "after": after_told,
            "all": self.every,
        }

    def begun(self, stretches: Sequence[Stretch]) -> Sequence[Stretch]:
        """The stretches from where all marks have begun that their lines need. Raises EmptyResultSet where some never do."""
        needed = list(dict.fromkeys(cover for stretch in stretches for cover in stretch.begins))
        if not needed:
            return stretches
        firsts = dict(_asked(_joined(" UNION ALL ", [self._begin(number, one) for number, one in enumerate(needed)])))
        if None in firsts.values():
            raise EmptyResultSet
        farthest, after = (min, "lte") if self._sign else (max, "gte")
        return [
            replace(
                one,
                where=one.where
                & Q(**{f"entered_at__{after}": farthest(firsts[needed.index(cover)] for cover in one.begins)}),
            )
            if one.begins
            else one
            for one in stretches
        ]

    def _begin(self, number: int, cover: Cover) -> Sql:
        """The number, with when the first line that has one of these marks entered its stage; with nothing where none has."""
        first, end = cover.later or ("", "")
        return _told(
            _BEGIN,
            **self._parts,
            number=number,
            first="max" if self._sign else "min",
            marks=Sql("%s::text[]", (list(cover.marks),)),
            anywhere=Sql("%s", (NEVER if self._sign else ALWAYS,)),
            later=Sql("mark >= %s AND mark < %s", (first, end)),
        )

    def walked(self, stretches: Sequence[Stretch], walk: int) -> list[tuple[int, Any]] | None:
        """What is met by walking so many lines along each stretch; None when that was not enough for any of them."""
        every = []
        for number, stretch in enumerate(stretches):
            one = self._parts | {"number": number, "near": self._near(stretch, walk), "walk": walk}
            every.append(one | {"first": _told(_FIRST, **one, lead=self._lead(stretch))})
        parts = {
            "stretches": _joined(", ", [_told(_WALK, **one) for one in every]),
            "found": _joined(" UNION ALL ", [_told(_WALKED, **one) for one in every]),
        }
        rows = _asked(_told(_WALKING, **self._parts, **parts))
        if any(enough is False for _pk, _place, enough in rows):
            return None
        return [(pk, place) for pk, place, _ in rows if pk is not None]

    def fitted(self, stretches: Sequence[Stretch]) -> tuple[list[tuple[int, Any]], int | None]:
        """The first of all that fit, and how many these are, None: very many."""
        every = []
        for number, stretch in enumerate(stretches):
            here = Sql.of(self._fitting.filter(stretch.where).order_by()) if stretch.where else self.every
            one = self._parts | {"number": number, "fitting": here}
            every.append(one | {"farther": _told(_FARTHER, **one)})
        parts = {
            "stretches": _joined(", ", [_told(_FIT, **one) for one in every]),
            "found": _joined(" UNION ALL ", [_told(_FITTED, **one) for one in every]),
            "fits": _joined(" UNION ALL ", [_told("SELECT fits, too_many FROM fits_{number}", **one) for one in every]),
        }
        parts["sum"] = _told(_SUM, **parts)
        rows = _asked(_told(_FITTING, **self._parts, **parts))
        total, too_many = rows[0][:2]
        return [(pk, place) for _, _, pk, place in rows if pk is not None], None if too_many else int(total)

    def _near(self, stretch: Stretch, walk: int) -> Sql:
        """The first so many lines of the stretch."""
        if stretch.cover is None:
            return Sql.of(WorkLine.objects.filter(stretch.where, self._after).order_by(*self._order(stretch))[:walk])
        order = [f"{self._sign}{name}" for name in ("entered_at", "item")]
        marked = LineMark.objects.filter(stretch.where, self._marked_after).values_list("entered_at", "item_id")
        one = Sql.of(marked.filter(mark="").order_by(*order)[:walk])  # made once, with another mark for each
        place = one.values.index("")
        each = [
            Sql(f"({one.text})", (*one.values[:place], mark, *one.values[place + 1 :])) for mark in stretch.cover.marks
        ]
        if stretch.cover.later:
            first, end = stretch.cover.later
            later = marked.filter(mark__gte=first, mark__lt=end).alias(size=Length("mark")).filter(size=len(first))
            each.append(Sql.of(later))
        if not each:  # it ends before it begins
            raise EmptyResultSet
        return _told(_MARKED, **self._parts, each=_joined(" UNION ALL ", each), columns=_COLUMNS, walk=walk)

    def _order(self, stretch: Stretch) -> list[str]:
        return [f"{self._sign}{name}" for name in (stretch.lead, self._column, "pk") if name]

    def _lead(self, stretch: Stretch) -> str:
        field = cast(Any, WorkLine._meta.get_field(stretch.lead)) if stretch.lead else None
        return f"{field.column} {self._parts['way']}, " if field else ""


def _asked(statement: Sql) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement.text, statement.values)
        return list(cursor.fetchall())


class _Pair(Func):
    template = "(%(expressions)s)"


class _Beyond(Func):
    template = "%(expressions)s"
    output_field = BooleanField()


def _told(template: str, **parts: Any) -> Sql:
    """The template with each part in its place, and their values in that order."""
    text, values = "", ()
    for said, name, _, _ in Formatter().parse(template):
        part = parts[name] if name else Sql("")
        part = part if isinstance(part, Sql) else Sql(str(part))
        text, values = text + said + part.text, values + part.values
    return Sql(text, values)


def _joined(by: str, parts: Sequence[Sql]) -> Sql:
    return Sql(by.join(part.text for part in parts), tuple(value for part in parts for value in part.values))
