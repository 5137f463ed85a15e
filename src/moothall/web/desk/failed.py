"""One kind of failure as the page of failures shows it: how many there are, and the first of them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from moothall.web.components.parts import Column, Link

SHOWN = 20
COUNTED = 1000


@dataclass(frozen=True)
class Line:
    """One thing that failed. `retry` is where to post to try again, `deal` where to say that it was dealt with."""

    what: Link
    case: str
    problem: str
    at: datetime
    retry: str = ""
    deal: str = ""


@dataclass(frozen=True)
class Section:
    """One kind of failure, with how many there are and the first of them."""

    title: str
    id: str
    count: int
    lines: list[Line]
    all: Link | None = None
    columns: list[Column] = field(default_factory=list)
    who: str = ""  # who deals with it
    of_cases: bool = True


def section(
    title: str,
    id: str,
    rows: QuerySet[Any],
    line: Callable[[Any], Line],
    *,
    all_of_them: Link | None = None,
    who: str = "",
    of_cases: bool = True,
) -> Section:
    """A section of these rows, each told by `line`."""
    case = [Column(_("Case"))] if of_cases else []
    columns = [Column(_("What")), *case, Column(_("Why")), Column(_("Since")), Column(_("Do"), hidden=True)]
    count = rows.order_by()[:COUNTED].count()
    lines = [line(row) for row in rows[:SHOWN]] if count else []
    return Section(title, id, count, lines, all_of_them, columns, who, of_cases)
