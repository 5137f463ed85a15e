"""Pages of the work list at any depth: a page begins after, or ends before, a row, and no row before it is read (CT-21).

Only numbers are read in order, of work lines (or of work items, for what is completed); what a page shows is read for its
own rows alone. A place is the number of a row and what it was sorted by, so that the next page follows on although the row
has moved or gone since: a time as it is, `812-1772539200000000`; anything else, which may name people, encrypted.
"""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography.fernet import InvalidToken
from django.core.exceptions import EmptyResultSet
from django.db.models import F, Func, JSONField, Q, QuerySet, TextField, Value
from django.db.models.functions import Cast, Coalesce, Concat
from django.http import Http404

from moothall.core import sealed
from moothall.domain.cases import seeking
from moothall.domain.cases.models import WorkItem, WorkLine
from moothall.domain.cases.seeking import Stretch
from moothall.domain.workflow.turns import NEVER
from moothall.web.desk.models import SIZES
from moothall.web.desk.work_columns import BY_KEY, BY_OUTCOME, BY_TARGET
from moothall.web.desk.work_outcomes import Labels

Rows = QuerySet[WorkLine, Any] | QuerySet[WorkItem, Any]
Beyond = tuple[Any, int] | None
Stretches = Callable[[str], Sequence[Stretch]]
MOST_COUNTED = 1_000
_TIMES = {
    "age",
    "entered",
    "created",
    "updated",
    "finished",
    BY_TARGET,
    *("entered_at", "opened_at", "updated_at", "late_after"),
}
"""The columns of the list and of its lines that are times."""
_PLACE = re.compile(r"(\d{1,18})(?:-(-?\d{1,18})|~([\w=-]{1,2000}))", re.ASCII)
_PURPOSE = "moothall.work.places"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_OF_LINES = {
    "case": "reference",
    "customer": "customer_name",
    "service": "service_name",
    "workflow": "workflow",
    "type": "type",
    "terminal": "terminal",
    "stage": "stage_name",
    BY_TARGET: "late_after",
    "age": "entered_at",
    "entered": "entered_at",
    "created": "opened_at",
    "updated": "updated_at",
    "assigned": "assigned_name",
    "tags": "tags",
    "source": "source",
    "owner": "owner_name",
    "team": "team_name",
    "finished": "entered_at",
    "finisher": "entered_at",
    "outcome": "entered_at",
}
"""What of a line it is sorted by. What is open has no outcome and nobody finished it."""


@dataclass(frozen=True)
class Order:
    """How a list is sorted: by which column, and which way."""

    key: str
    down: bool
    labels: Callable[[], Labels] = field(default=dict, compare=False)  # of outcomes

    @classmethod
    def named(cls, text: str, labels: Callable[[], Labels] = dict) -> "Order":
        """“age” or “-age”. What is no column, or does not sort, is the longest in its stage first.

        `labels` tells what outcomes are called (`outcome_labels`), which is what they are sorted by.
        """
        key = text.removeprefix("-")
        known = key in BY_KEY and BY_KEY[key].sorts
        return cls(key, text.startswith("-"), labels) if known else cls("age", True)

    def __str__(self) -> str:
        return f"-{self.key}" if self.down else self.key

    @property
    def falls(self) -> bool:
        """Whether the field it is sorted by falls from row to row."""
        return self.down != BY_KEY[self.key].turned


@dataclass(frozen=True)
class WorkPage:
    """The numbers of the work items, and the places the pages before and after begin at (empty: there is none)."""

    items: list[int]
    before: str
    after: str
    total: int | None  # of all pages; None: more than one page, and not counted


def page(
    rows: Rows,
    order: Order,
    *,
    size: int = SIZES[0],
    after: str = "",
    before: str = "",
    stretches: Stretches = lambda _: (Stretch(),),
) -> WorkPage:
    """The page of `size` of these rows after or before a place; without one, the first. Raises Http404 for what is no place.

    `stretches` says of a column of the lines where in its order the rows can be.
    """
    place = after or before
    beyond = _told(rows.model, order, place) if place else None
    falling = order.falls != bool(before)
    if rows.model is WorkLine:
        column = _OF_LINES[order.key]
        where = stretches(column)
        found = seeking.along(rows, column, falling=falling, most=size + 1, beyond=beyond, stretches=where)
        read, total = found.lines, found.total
    else:
        (stretch,) = stretches("finished_at")
        read, total = _of_items(rows, order, beyond, falling=falling, stretch=stretch, size=size)
    more = len(read) > size
    if total is None and beyond is None and not more:
        total = len(read)
    read = read[:size]
    if before:
        read.reverse()
    return WorkPage(
        [number for number, _ in read],
        before=place_of(*read[0], order.key) if read and (more if before else bool(after)) else "",
        after=place_of(*read[-1], order.key) if read and (True if before else more) else "",
        total=total,
    )


def _of_items(
    rows: Any, order: Order, beyond: Beyond, *, falling: bool, stretch: Stretch, size: int
) -> tuple[list[tuple[int, Any]], int | None]:
    """As `seeking.along` finds lines: where not a few fit, by a walk from where the page begins, which is given up when too
    few of what it meets do; else all that fit, sorted; and if these are very many after all, by walking on."""
    ordered = sorted_by(_beyond(rows.annotate(place=_by(rows.model, order)), beyond, falling=falling), order)
    ordered = (ordered if falling == order.falls else ordered.reverse()).values_list("pk", "place")
    if order.key != "finished":
        return list(ordered[: size + 1]), None
    try:
        walk = seeking.reach(seeking.Sql.of(ordered.order_by()), few=seeking.FEW)
    except EmptyResultSet:  # no stage that is wanted is seen
        return [], 0
    if walk:
        near = _near(beyond, stretch, walk, falling=falling)
        met = list(ordered.filter(near)[: size + 1])
        if len(met) > size or not near:
            return met, None
    fitting = list(ordered.order_by()[: seeking.MANY + 1])
    if len(fitting) > seeking.MANY:
        return list(ordered[: size + 1]), None
    fitting.sort(key=lambda one: (one[1], one[0]), reverse=falling)
    return fitting[: size + 1], None


def _near(beyond: Beyond, stretch: Stretch, walk: int, *, falling: bool) -> Q:
    """As far from where the page begins as a walk goes: a moment that so many items were finished before or after; nothing,
    where there are no more than so many."""
    items = WorkItem.objects.filter(stretch.where, finished_at__isnull=False).annotate(place=F("finished_at"))
    along = _beyond(items, beyond, falling=falling).order_by("-place" if falling else "place")
    last = along.values_list("place", flat=True)[walk : walk + 1].first()
    return Q(**{f"finished_at__{'gte' if falling else 'lte'}": last}) if last else Q()


def _beyond(rows: Any, beyond: Beyond, *, falling: bool) -> Any:
    """What comes after a place, by `place` and number."""
    if not beyond:
        return rows
    way, (value, number) = "lt" if falling else "gt", beyond
    return rows.filter(Q(**{f"place__{way}e": value}) & (Q(**{f"place__{way}": value}) | Q(**{f"pk__{way}": number})))


def sorted_by(rows: Rows, order: Order) -> "QuerySet[Any, Any]":
    """`rows` in this order, those of the same value by their number; what is not due at all comes after what is."""
    sign = "-" if order.falls else ""
    return rows.annotate(place=_by(rows.model, order)).order_by(f"{sign}place", f"{sign}pk")


def _by(model: type[Any], order: Order) -> Any:
    if model is WorkLine:
        return F(_OF_LINES[order.key])
    if order.key == BY_OUTCOME:
        return _called(order.labels())
    by = BY_KEY[order.key].sort or Coalesce(F("late_after"), Value(NEVER))
    return F(by) if isinstance(by, str) else by


def _called(labels: Labels) -> Any:
    """What the outcome of a completed item is called: at its stage, or everywhere; else its key."""
    known = Value(dict(labels), output_field=JSONField())
    at_stage = Concat(Cast("stage_id", TextField()), Value("/"), F("outcome"))
    return Coalesce(_Text(known, at_stage), _Text(known, F("outcome")), F("outcome"), output_field=TextField())


class _Text(Func):
    """A text in a JSON object, by its key."""

    arg_joiner = " ->> "
    template = "(%(expressions)s)"
    output_field = TextField()


def place_of(number: int, value: Any, key: str) -> str:
    """The place after or before which a page begins: of the row of this number, sorted by `key`, which was `value`."""
    if isinstance(value, datetime):
        return f"{number}-{(value - _EPOCH) // timedelta(microseconds=1)}"
    if isinstance(value, timedelta):
        return f"{number}-{value // timedelta(microseconds=1)}"
    return f"{number}~{sealed.box(_PURPOSE).encrypt(json.dumps([key, value]).encode()).decode()}"


def _told(model: type[Any], order: Order, place: str) -> tuple[Any, int]:
    """What the row at a place was sorted by when the place was told, and its number."""
    found = _PLACE.fullmatch(place)
    if not found:
        raise Http404
    number, much, token = found.groups()
    column = _OF_LINES[order.key] if model is WorkLine else order.key
    try:
        if column in _TIMES:
            since = timedelta(microseconds=int(much))
            return (since if model is WorkItem and column == "age" else _EPOCH + since), int(number)
        key, value = json.loads(sealed.box(_PURPOSE).decrypt(token or ""))
    except (TypeError, OverflowError, InvalidToken) as error:
        raise Http404 from error
    if key != order.key:
        raise Http404
    return value, int(number)
