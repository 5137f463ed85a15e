"""The customers whose search line fits, in the order of their names, at a cost that hardly grows with how many there are.

Names are in some hundred slices of the alphabet, and the threes of a line are found by their slice as well. So what fits is
looked up in one slice after another until enough are counted: of few that is done in all of them, which takes a millisecond
or two; of many in the first ones. Where so many fit that a slice alone has too many, which PostgreSQL's planner is asked
beforehand, they are met by walking along the lines in the order of names; where they are not, as when they all stand at the
end of the alphabet, they are looked up after all. Where only few customers may be found at all, such as those with a tag,
their lines are read and no others.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

from moothall.domain.people.models import Customer
from moothall.domain.people.models_search import LAST_SLICE

FEW, DENSE = 5_000, 20
"""It is walked where more lines than these are taken to fit, and one in so many of all, or more. So few customers are read."""

EVENLY, FARTHEST = 3, 10_000
"""It is walked so many times as far as it takes to meet a page of them, if they lie evenly; for one behind, not at all."""

_WALK = """SELECT line.customer_id FROM (SELECT * FROM people_searchline ORDER BY name, customer_id LIMIT {far}) AS line
{seen} WHERE {fitting} ORDER BY line.name, line.customer_id LIMIT {most} OFFSET {first}
"""
_SLICES = """WITH RECURSIVE taken (slice, fits, ids, names) AS (
    SELECT -1, 0::bigint, NULL::bigint[], NULL::text[]
    UNION ALL
    SELECT taken.slice + 1, taken.fits + part.fits, part.ids, part.names
    FROM taken CROSS JOIN LATERAL (
        SELECT count(*) AS fits, array_agg(customer_id) AS ids, array_agg(name) AS names FROM (
            SELECT * FROM (
                SELECT line.customer_id, line.name FROM people_searchline AS line {seen_before} WHERE {led} AND {fitting} OFFSET 0
            ) AS led ORDER BY name, customer_id LIMIT {counted} + 1
        ) AS one
    ) AS part
    WHERE taken.slice < {last} AND taken.fits <= {counted}
), fit AS MATERIALIZED (SELECT one.* FROM taken, unnest(ids, names) AS one (customer_id, name)),
"""
# With OFFSET 0 the lines of a slice are led to by their threes, and never met one by one in the order they are wanted in.

_OF_THESE = """WITH fit AS MATERIALIZED (
    SELECT line.customer_id, line.name FROM people_searchline AS line {seen_before} WHERE {led} AND {fitting}
),
"""
_PAGE = """cut AS MATERIALIZED (SELECT * FROM fit ORDER BY name, customer_id LIMIT {counted} + 1),
shown AS MATERIALIZED (SELECT line.* FROM cut AS line {seen_after})
SELECT (SELECT count(*) FROM fit), (SELECT count(*) FROM shown),
    ARRAY(SELECT customer_id FROM shown ORDER BY name, customer_id LIMIT {most} OFFSET {first}),
    set_config('moothall.alone', '', true)
"""  # what sets something is not shared among processes, which take longer to begin than this takes
_THREES = "people_sliced_grams(line.name, line.names, line.facts) @> ARRAY[{each}]"
_THREE = "%s || lpad(to_hex(taken.slice + 1), 2, '0')"
_HOW_MANY = "EXPLAIN (FORMAT JSON) SELECT ARRAY(SELECT 1 FROM people_searchline), ARRAY({among}){each}"
_WITH_THREE = ", ARRAY(SELECT 1 FROM people_searchline WHERE people_grams(names, facts) @> ARRAY[%s])"


@dataclass(frozen=True)
class Wanted:
    """What a line must have: threes that lead to it, and texts that its columns hold."""

    grams: tuple[str, ...] = ()
    holds: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Found:
    """The numbers of the customers of one page; how many are known to fit, and whether there are more."""

    customers: list[int]
    total: int
    more: bool


@dataclass(frozen=True, kw_only=True)
class Sought:
    """What is looked for: any of `wanted`, in customers `among` and `also`; from the first to the most of these.

    `nearly_all`: `among` leaves out but a few, who are left out when the first in the order are taken, `counted` of them.
    """

    wanted: Sequence[Wanted]
    among: "QuerySet[Customer]"
    also: "QuerySet[Any, Any] | None"
    nearly_all: bool
    first: int
    most: int
    counted: int

    def found(self) -> Found:
        """Who fits, by the shorter way."""
        try:
            if self.also is not None:
                return self._looked_up()
            lines, threes, customers = self._known()
            if customers <= min(FEW, threes):
                return replace(self, also=self.among.order_by().values("pk"))._looked_up()
            return self._walked(lines, threes) or self._looked_up()
        except EmptyResultSet:  # nobody need be asked: no customer may be seen
            return Found([], 0, False)

    def _known(self) -> tuple[int, int, int]:
        """What PostgreSQL takes there to be: lines, those of them with all threes at the most, and customers among whom they are."""
        threes = [three for one in self.wanted for three in one.grams]
        among, values = ("SELECT 1", ()) if self.nearly_all else _sql(self.among.order_by())
        ((told,),) = _asked(_HOW_MANY.format(among=among, each=_WITH_THREE * len(threes)), [*values, *threes])
        plan = told if isinstance(told, list) else json.loads(told)
        lines, customers, *rows = (part["Plan Rows"] for part in plan[0]["Plan"]["Plans"])
        each = iter(rows)
        fit = sum(min(next(each) for _ in one.grams) for one in self.wanted)
        return lines, fit, lines if self.nearly_all else customers

    def _walked(self, lines: int, threes: int) -> Found | None:
        """The page, if so many fit that it is walked for, and its last is met and somebody behind it."""
        far = EVENLY * (self.first + self.most + 1) * lines // threes + 1
        if threes <= FEW or threes * DENSE < lines or far > FARTHEST:
            return None
        seen, seen_values = self._seen()
        fitting, values = self._fitting()
        asked = _WALK.format(far=far, seen=seen, fitting=fitting, most=self.most + 1, first=self.first)
        met = [customer for (customer,) in _asked(asked, [*seen_values, *values])]
        return Found(met[: self.most], self.first + self.most, True) if len(met) > self.most else None

    def _looked_up(self) -> Found:
        seen, seen_values = self._seen()
        fitting, values = self._fitting()
        led, led_values = self._led()
        way, before, after = (_SLICES if self.also is None else _OF_THESE), seen, ""
        all_values = [*seen_values, *led_values, *values]
        if self.nearly_all:
            before, after, all_values = "", seen, [*led_values, *values, *seen_values]
        asked = (way + _PAGE).format(
            led=led,
            fitting=fitting,
            seen_before=before,
            seen_after=after,
            last=LAST_SLICE,
            counted=self.counted,
            most=self.most,
            first=self.first,
        )
        ((fits, shown, customers, _),) = _asked(asked, all_values)
        return Found(customers, min(shown, self.counted), fits > self.counted)

    def _seen(self) -> tuple[str, Sequence[Any]]:
        """What joins a line to its customer, if that is among those who may be found; of each by itself, not of all there are."""
        text, values = _sql(self.among.order_by().filter(pk=RawSQL("line.customer_id", []))[:1])
        return f"CROSS JOIN LATERAL ({text}) AS seen", values

    def _fitting(self) -> tuple[str, list[Any]]:
        holds = [" AND ".join(f"strpos(line.{column}, %s) > 0" for column, _ in one.holds) for one in self.wanted]
        values = [text for one in self.wanted for _, text in one.holds]
        return " OR ".join(f"({one or 'true'})" for one in holds).join("()"), values

    def _led(self) -> tuple[str, Sequence[Any]]:
        """The condition by which an index leads to the lines: in one slice, or to those of the customers who are known."""
        if self.also is not None:
            text, values = self.also.query.sql_with_params()
            return f"line.customer_id IN ({text})", values
        ways = [_THREES.format(each=", ".join(_THREE for _ in one.grams)) for one in self.wanted]
        return " OR ".join(ways).join("()"), [three for one in self.wanted for three in one.grams]


def _sql(customers: "QuerySet[Customer]") -> tuple[str, Sequence[Any]]:
    text, values = customers.values("pk").query.sql_with_params()
    return text, values


def _asked(text: str, values: Sequence[Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(text, values)
        rows: list[Any] = cursor.fetchall()
    return rows
