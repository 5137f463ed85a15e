"""Which page of a list an address asks for, by its parameter `page`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import Http404

from moothall.web.common.whole import whole


@dataclass(frozen=True)
class Place:
    """A page of a list: its number, from 1, that of the last there is, and how many rows a page has."""

    number: int
    last: int
    size: int

    @property
    def before(self) -> int:
        """How many rows stand on the pages before it."""
        return (self.number - 1) * self.size

    def of(self, rows: Any) -> Any:
        """Those of the rows that stand on it."""
        return rows[self.before : self.before + self.size]


def asked(query: Mapping[str, str]) -> int:
    """The number asked for, 1 without any. Raises Http404 for what is no number of a page."""
    number = whole(query.get("page", "1"))
    if not number:
        raise Http404
    return number


def page(query: Mapping[str, str], *, count: int, size: int) -> Place:
    """The page asked for of so many rows. Raises Http404 for one there is not."""
    number, last = asked(query), _last(count, size)
    if number > last:
        raise Http404
    return Place(number, last, size)


def nearest(query: Mapping[str, str], *, count: int, size: int) -> Place:
    """The page asked for, or the nearest there is: of a list that grows shorter while it is worked on."""
    last = _last(count, size)
    return Place(min(max(1, whole(query.get("page", "1")) or 1), last), last, size)


def _last(count: int, size: int) -> int:
    return max(1, -(-count // size))
