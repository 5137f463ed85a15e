"""What components are given that is more than text: columns, pages, tabs, entries. Views make them, templates show them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from django.http import QueryDict
from django.utils.http import urlencode

Colour = Literal["grey", "green", "teal", "blue", "purple", "magenta", "red", "orange", "yellow"]


@dataclass(frozen=True)
class Link:
    """Somewhere to go: of breadcrumbs, lists, menus."""

    text: str
    href: str


@dataclass(frozen=True)
class Tab:
    """One tab: a plain link. `count` is shown beside its name, 0 as well; None is no count.

    `urgent` shows it in red; `what` it counts is for screen readers.
    """

    text: str
    href: str
    active: bool = False
    count: int | None = None
    urgent: bool = False
    what: str = ""


@dataclass(frozen=True)
class Row:
    """One line of a summary list. `value` is text, or HTML made safe by whoever made it; `actions` stand at its end."""

    key: str
    value: object
    actions: Sequence[Link] = ()


@dataclass(frozen=True)
class Column:
    """The heading of a column. With `href` it sorts: `order` is how it is sorted now, or empty."""

    text: str
    href: str = ""
    order: Literal["", "ascending", "descending"] = ""
    numeric: bool = False
    hidden: bool = False  # its text is for screen readers only


@dataclass(frozen=True)
class Chosen:
    """A filter in force, and the address without it."""

    text: str
    href: str


@dataclass(frozen=True)
class ChosenGroup:
    """The filters in force of one kind."""

    heading: str
    items: Sequence[Chosen]


@dataclass(frozen=True)
class Moment:
    """One entry of a timeline; `at` is a day where no time is known."""

    title: str
    at: date
    by: str = ""
    text: str = ""
    tag: str = ""
    links: Sequence[Link] = ()


@dataclass(frozen=True)
class Pin:
    """Something on a map, which stands in a list beside it as well."""

    text: str
    latitude: float
    longitude: float
    href: str = ""
    about: str = ""
    kind: Literal["case", "place", "here"] = "place"

    @property
    def at(self) -> str:
        """Its point as scripts read it."""
        return f"{self.latitude:.6f},{self.longitude:.6f}"


@dataclass(frozen=True)
class Step:
    """One step of a progress bar."""

    text: str
    done: bool = False
    now: bool = False


@dataclass(frozen=True)
class Target:
    """The bar of a target: how far it has run, in words as well as in colour (CT-22).

    `band` is what the clock says: blue, amber, red or late. `share` is from 0; over 1 is late.
    """

    band: Literal["blue", "amber", "red", "late"]
    share: float
    remaining: str  # “3 working days left”
    due: datetime | None = None
    paused: bool = False

    @property
    def percent(self) -> int:
        """Of the bar that is filled."""
        return max(0, min(100, round(self.share * 100)))


@dataclass(frozen=True)
class PageLink:
    """A numbered page, or a gap (`number` 0)."""

    number: int
    href: str = ""
    current: bool = False


@dataclass(frozen=True)
class Pages:
    """Where a list goes on: numbered, or only before and after where the pages of a list have no numbers."""

    previous: str = ""
    next: str = ""
    numbers: Sequence[PageLink] = field(default_factory=tuple)
    summary: str = ""  # “Showing 1 to 50 of 312 cases”


def numbered(*, page: int, last: int, query: QueryDict, summary: str = "") -> Pages:
    """Numbered pages of the list that `query` asks for, by its parameter `page`: first, last and those near."""
    near = sorted({number for number in (1, page - 1, page, page + 1, last) if 1 <= number <= last})
    links: list[PageLink] = []
    for number in near:
        if links and number - links[-1].number > 1:
            links.append(PageLink(0))
        links.append(PageLink(number, with_query(query, page=str(number)), current=number == page))
    return Pages(
        previous=with_query(query, page=str(page - 1)) if page > 1 else "",
        next=with_query(query, page=str(page + 1)) if page < last else "",
        numbers=links if last > 1 else (),
        summary=summary,
    )


def sorting(text: str, key: str, *, query: QueryDict, sort: str, numeric: bool = False) -> Column:
    """A column that sorts by `key`: again by it turns the order. `sort` is the order now, “-key” when descending."""
    order: Literal["", "ascending", "descending"] = ""
    if sort.removeprefix("-") == key:
        order = "descending" if sort.startswith("-") else "ascending"
    turned = f"-{key}" if order == "ascending" else key
    return Column(text, href=with_query(query, sort=turned, page=None), order=order, numeric=numeric)


def with_query(query: QueryDict, **changes: str | None) -> str:
    """`?…` as asked, with these parameters changed; None takes one out."""
    changed = dict(query.lists()) | {name: [value] for name, value in changes.items() if value is not None}
    kept = {name: values for name, values in changed.items() if changes.get(name, values) is not None}
    return f"?{urlencode(kept, doseq=True)}"
