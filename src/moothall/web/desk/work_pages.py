"""Pages of the work list at any depth: a page begins after, or ends before, a row, and no row before it is read (CT-21).

A place is the number of a row and, unless it would name somebody, the value it is sorted by: `812-1772539200000000`. So the
next page follows on although the row has moved since.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import F, Q
from django.http import Http404

from moothall.domain.cases import clock
from moothall.domain.cases.models import WorkItem, WorkItemQuerySet
from moothall.web.desk.work_columns import BY_KEY, BY_TARGET

SIZE = 50
RECKONED = 2_000
"""Rows whose targets are worked out to sort by them. What is due when is never stored, so more cannot be sorted so."""

_TIMES = {"age", "entered", "created", "updated", "finished"}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Order:
    """How a list is sorted: by which column, and which way."""

    key: str
    down: bool

    @classmethod
    def named(cls, text: str) -> "Order":
        """“age” or “-age”. What is no column is the longest in its stage first."""
        key = text.removeprefix("-")
        return cls(key, text.startswith("-")) if key in BY_KEY else cls("age", True)

    def __str__(self) -> str:
        return f"-{self.key}" if self.down else self.key

    @property
    def falls(self) -> bool:
        """Whether the field it is sorted by falls from row to row."""
        return self.down != BY_KEY[self.key].turned


@dataclass(frozen=True)
class WorkPage:
    """Rows, and the places the pages before and after begin at (empty: there is none)."""

    rows: list[WorkItem]
    before: str
    after: str


def page(items: WorkItemQuerySet, order: Order, *, after: str = "", before: str = "", now: datetime) -> WorkPage:
    """The page of `items` after or before a place; without one, the first. Raises Http404 for what is no place.

    By target, only of `RECKONED` items or fewer: the caller sees to that.
    """
    if order.key == BY_TARGET:
        return _by_target(items, order, after=after, before=before, now=now)
    items = sorted_by(items, order)
    place = after or before
    if place:
        items = items.filter(_beyond(order, place, backwards=bool(before)))
    if before:
        items = items.reverse()
    rows = list(items[: SIZE + 1])
    more = len(rows) > SIZE
    rows = rows[:SIZE]
    if before:
        rows.reverse()
    return WorkPage(
        rows,
        before=_place(rows[0]) if rows and (more if before else bool(after)) else "",
        after=_place(rows[-1]) if rows and (True if before else more) else "",
    )


def sorted_by(items: WorkItemQuerySet, order: Order) -> WorkItemQuerySet:
    """`items` in this order, rows of the same value by their number. By target they are not sorted here."""
    by = BY_KEY[order.key].sort
    sign = "-" if order.falls else ""
    return items.annotate(place=F(by) if isinstance(by, str) else by).order_by(f"{sign}place", f"{sign}id")


def by_target(items: WorkItemQuerySet, order: Order, *, now: datetime) -> list[WorkItem]:
    """All of `items` by when they are due; those without a target last, whichever way."""
    due = []
    for item in items:
        reckoning = clock.reckon(item, now)
        due.append((reckoning.due if reckoning else None, item))
    with_one = sorted(((at, item.pk, item) for at, item in due if at), key=lambda one: one[:2], reverse=order.down)
    return [item for _, _, item in with_one] + [item for at, item in due if at is None]


def _by_target(items: WorkItemQuerySet, order: Order, *, after: str, before: str, now: datetime) -> WorkPage:
    rows = by_target(items.order_by("id")[:RECKONED], order, now=now)
    numbers = [item.pk for item in rows]
    place = after or before
    at = numbers.index(_number(place)) if place and _number(place) in numbers else None
    first = 0 if at is None else at + 1 if after else max(0, at - SIZE)
    last = first + SIZE
    return WorkPage(
        rows[first:last],
        before=str(numbers[first]) if first and rows[first:last] else "",
        after=str(numbers[last - 1]) if last < len(rows) else "",
    )


def _beyond(order: Order, place: str, *, backwards: bool) -> Q:
    number, value = _number(place), _value(order, place)
    way = "lt" if order.falls != backwards else "gt"
    return Q(**{f"place__{way}e": value}) & (Q(**{f"place__{way}": value}) | Q(**{f"id__{way}": number}))


def _place(item: WorkItem) -> str:
    value = item.place  # type: ignore[attr-defined]
    if isinstance(value, datetime):
        return f"{item.pk}-{(value - _EPOCH) // timedelta(microseconds=1)}"
    return str(item.pk)


def _number(place: str) -> int:
    number = place.partition("-")[0]
    if not (number.isascii() and number.isdigit() and len(number) < 19):
        raise Http404
    return int(number)


def _value(order: Order, place: str) -> Any:
    """What the row at a place is sorted by: as told, or as it is now."""
    _, told, moment = place.partition("-")
    if told and order.key in _TIMES:
        try:
            return _EPOCH + timedelta(microseconds=int(moment))
        except (ValueError, OverflowError) as error:
            raise Http404 from error
    found: Any = sorted_by(WorkItem.objects.filter(pk=_number(place)), order)
    row = found.values_list("place", flat=True)
    if not row:
        raise Http404
    return row[0]
