"""One kind of failure as the page of failures shows it: how many there are, and the first of them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
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
    """One kind of failure. Of more than `COUNTED` it is said that there are more."""

    title: str
    id: str
    rows: QuerySet[Any]
    line: Callable[[Any], Line]
    all: Link | None = None
    who: str = ""  # who deals with it
    of_cases: bool = True

    @cached_property
    def count(self) -> int:
        """How many there are, up to one more than `COUNTED`."""
        return self.rows.order_by()[: COUNTED + 1].count()

    @property
    def said(self) -> str:
        """How many there are, or that there are more than are counted."""
        return f"{COUNTED:,}+" if self.count > COUNTED else f"{self.count:,}"

    @cached_property
    def lines(self) -> list[Line]:
        """The first of them."""
        return [self.line(row) for row in self.rows[:SHOWN]] if self.count else []

    @property
    def columns(self) -> list[Column]:
        """What stands above the lines."""
        case = [Column(_("Case"))] if self.of_cases else []
        return [Column(_("What")), *case, Column(_("Why")), Column(_("Since")), Column(_("Do"), hidden=True)]
