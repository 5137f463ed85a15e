"""The figures of a dashboard's tile, for whoever looks: each is of the work list that it leads to, as that person sees it.

A tile is counted in one statement, which reads at most `COUNTED` rows; where there are more, each bar is counted for itself,
as far as that, in one more. What takes longer than `PATIENCE` is given up, and said.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import OperationalError, connection, transaction
from django.db.models import Case, F, IntegerField, Value, When
from django.http import QueryDict
from django.utils.translation import gettext as _
from psycopg.errors import QueryCanceled

from moothall.core.accounts.models import User
from moothall.domain.cases.models import WorkLine
from moothall.domain.cases.seeking import Sql
from moothall.web.desk import dashboard_slices, work_answers, work_columns, work_pages
from moothall.web.desk.dashboard_slices import Slice, band_at
from moothall.web.desk.models import DashboardTile
from moothall.web.desk.work_columns import Line, WorkColumn
from moothall.web.desk.work_lists import WorkList, listed

COUNTED = 10_000
MOST_BARS = 40
PATIENCE = timedelta(seconds=3)
USUAL = ("customer", "stage", "target", "assigned")
"""The columns of a list, besides the case, unless some are chosen."""

Kind = DashboardTile.Kind
_GROUPED = "SELECT bar, count(*) FROM ({rows}) AS counted (bar) GROUP BY bar"
_EACH = "SELECT {place}, (SELECT count(*) FROM ({rows}) AS counted)"


@dataclass(frozen=True)
class Bar:
    """One part of a tile. `query` is of its own work list; empty where there is none to lead to. `more`: than `count`."""

    text: str
    count: int
    more: bool = False
    query: str = ""
    colour: str = ""
    key: str = ""
    among: str = ""


@dataclass(frozen=True)
class Figures:
    """What a tile shows. `problem` is a sentence in place of all the rest."""

    query: str = ""
    total: int = 0
    more: bool = False
    bars: Sequence[Bar] = ()
    columns: Sequence[WorkColumn] = ()
    lines: Sequence[Line] = ()
    asked: Sequence[str] = field(default_factory=list)
    completed: bool = False
    problem: str = ""


def figures(tile: DashboardTile, *, user: User, now: datetime) -> Figures:
    """The figures of a tile for this user, in a bounded number of statements however much work there is."""
    try:
        with _patiently():
            found = listed(QueryDict(tile.query), user=user, now=now)
            if not found.form.is_valid():
                return Figures(problem=_not_there(found))
            return _listed(tile, found, now) if tile.kind == Kind.LIST else _counted(tile, found, now)
    except OperationalError as error:
        if not isinstance(error.__cause__, QueryCanceled):
            raise
        return Figures(
            query=tile.query, problem=_("This takes too long to count just now. The list itself can be opened.")
        )


@contextmanager
def _patiently() -> Iterator[None]:
    with transaction.atomic():
        with connection.cursor() as cursor:
            milliseconds = str(int(PATIENCE / timedelta(milliseconds=1)))
            cursor.execute("SELECT set_config('statement_timeout', %s, true)", [milliseconds])
        yield


def _not_there(found: WorkList) -> str:
    """What the filters ask for that is not to be had: it is gone, or not this person's to see."""
    names = [str(found.form.fields[name].label) for name in found.form.errors if name in found.form.fields]
    if not names:  # an answer, which is no filter for this person
        return " ".join(str(one) for one in found.form.non_field_errors())
    said = _("What this tile asks for under “%s” is not there any more, or you may not see it.")
    return said % "”, “".join(names)


def _listed(tile: DashboardTile, found: WorkList, now: datetime) -> Figures:
    """The first rows, and how many there are as far as the list knows."""
    page = work_pages.page(found.rows, found.order, size=tile.rows, stretches=found.stretches)
    columns = work_columns.chosen(tile.columns or USUAL, completed=found.completed, services=found.current)
    items = found.shown(page.items, columns)
    answers = work_answers.read(items, [column.key for column in columns], found.user)
    lines = [Line(item, now, found.tags, answers[item.pk], found.away) for item in items]
    total, more = (len(items), True) if page.total is None else (page.total, False)
    return Figures(tile.query, total, more, (), columns, lines, found.asked, found.completed)


def _counted(tile: DashboardTile, found: WorkList, now: datetime) -> Figures:
    number = tile.kind == Kind.NUMBER
    kind = Kind.BY_TARGET if number and not found.completed else tile.kind
    slices = dashboard_slices.of(kind, found, now)
    grouped = _grouped(found, kind, now)
    if grouped is None:
        bars, total, more = _each(found, slices), COUNTED, True
    else:
        bars, total, more = _bars(found, slices, grouped), sum(grouped.values()), False
    bars = bars if number else _drawn(kind, bars)
    return Figures(tile.query, total, more, bars, asked=found.asked, completed=found.completed)


def _drawn(kind: str, bars: Sequence[Bar]) -> list[Bar]:
    """The bars that are not empty; of officers and teams the longest first; the shortest of very many taken together."""
    shown = [bar for bar in bars if bar.count]
    if len({bar.among for bar in shown if bar.among}) > 1:
        shown = [replace(bar, text=f"{bar.text} ({bar.among})" if bar.among else bar.text) for bar in shown]
    by_length = sorted(shown, key=_by_length)
    if len(shown) > MOST_BARS:
        kept = {bar.key for bar in by_length[: MOST_BARS - 1]}
        rest = sum(bar.count for bar in shown if bar.key not in kept)
        shown = [*(bar for bar in shown if bar.key in kept), Bar(_("Others"), rest, key="others")]
        by_length = sorted(shown, key=_by_length)
    return by_length if kind in {Kind.BY_OFFICER, Kind.BY_TEAM} else shown


def _by_length(bar: Bar) -> tuple[bool, bool, int]:
    """Nobody's and no team's first, then the longest; all others together last."""
    return bar.key == "others", bar.key not in {"nobody", "none"}, -bar.count


def _grouped(found: WorkList, kind: str, now: datetime) -> dict[Any, int] | None:
    """How many rows there are of each kind; None where there are more than `COUNTED` in all."""
    rows: Any = found.rows.order_by().annotate(bar=_key(found, kind, now))
    try:
        part = Sql.of(rows.values_list("bar", flat=True)[: COUNTED + 1])
    except EmptyResultSet:  # no stage that is wanted is seen
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_GROUPED.format(rows=part.text), part.values)
        counts = dict(cursor.fetchall())
    return None if sum(counts.values()) > COUNTED else counts


def _key(found: WorkList, kind: str, now: datetime) -> Any:
    """What of a row says to which bar it belongs, as `Slice.keys` names it."""
    lines = found.rows.model is WorkLine
    match kind:
        case Kind.BY_STAGE:
            return F("stage_id")
        case Kind.BY_SERVICE:
            return F("service_id") if lines else F("case__service_id")
        case Kind.BY_OFFICER:
            return F("assigned_to_id") if lines else F("finished_by_id")
        case Kind.BY_TEAM:
            return F("case__team_id")
        case Kind.BY_TARGET if lines:
            slices = dashboard_slices.of(kind, found, now)
            return Case(*(When(one.where, then=Value(one.keys[0])) for one in slices), output_field=IntegerField())
        case Kind.BY_AGE:
            return band_at(now, lines=lines)
    return Value(0, output_field=IntegerField())


def _bars(found: WorkList, slices: Sequence[Slice], grouped: Mapping[Any, int]) -> list[Bar]:
    """A bar for each slice, and one for all that belongs to none: of people no filter names."""
    bars = [_bar(found, one, sum(grouped.get(key, 0) for key in one.keys)) for one in slices]
    rest = sum(grouped.values()) - sum(bar.count for bar in bars)
    return [*bars, Bar(_("Others"), rest, key="others")] if rest and bars else bars


def _each(found: WorkList, slices: Sequence[Slice]) -> list[Bar]:
    """A bar for each slice, counted for itself as far as `COUNTED`."""
    told: dict[int, Sql] = {}
    for place, one in enumerate(slices[:MOST_BARS]):
        try:
            rows: Any = found.rows.order_by().filter(one.where)
            told[place] = Sql.of(rows.values_list("pk", flat=True)[: COUNTED + 1])
        except EmptyResultSet:
            continue
    if not told:
        return []
    text = " UNION ALL ".join(_EACH.format(place=place, rows=part.text) for place, part in told.items())
    with connection.cursor() as cursor:
        cursor.execute(text, [value for part in told.values() for value in part.values])
        counts = dict(cursor.fetchall())
    return [_bar(found, one, counts.get(place, 0)) for place, one in enumerate(slices[:MOST_BARS])]


def _bar(found: WorkList, one: Slice, count: int) -> Bar:
    query = found.query.copy()
    query["tab"] = found.tab
    for name, value in one.change.items():
        query.pop(name, None)
        if value is not None:
            query[name] = value
    return Bar(one.text, min(count, COUNTED), count > COUNTED, query.urlencode(), one.colour, one.key, one.among)
