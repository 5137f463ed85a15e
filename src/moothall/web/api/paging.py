"""Pages of lists: never the whole of a table, and never counted without end."""

from collections.abc import Callable
from typing import Any, Generic, TypeVar

from django.db.models import QuerySet
from ninja import Schema
from pydantic import Field

COUNTED = 10_000
Out = TypeVar("Out")


class PageQuery(Schema):
    """Which page."""

    page: int = Field(1, ge=1, le=10_000)
    page_size: int = Field(50, ge=1, le=200)


class Page(Schema, Generic[Out]):
    """One page. `total` is exact up to ten thousand; beyond that `total_is_more` is true."""

    items: list[Out]
    page: int
    page_size: int
    total: int
    total_is_more: bool


def bounded_count(rows: "QuerySet[Any, Any]", most: int = COUNTED) -> tuple[int, bool]:
    """How many rows, counted up to `most`; and whether there are more."""
    found = rows.order_by()[: most + 1].count()
    return min(found, most), found > most


def page_of(rows: "QuerySet[Any, Any]", query: PageQuery, show: Callable[[Any], Out]) -> "Page[Out]":
    """The page asked for of `rows`, which are in a fixed order, each shown by `show`."""
    total, more = bounded_count(rows)
    first = (query.page - 1) * query.page_size
    return Page(
        items=[show(row) for row in rows[first : first + query.page_size]],
        page=query.page,
        page_size=query.page_size,
        total=total,
        total_is_more=more,
    )
