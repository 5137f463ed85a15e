"""A tile as its page shows it: counts in words, where they lead, and how long its bars are."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from moothall.web.components.templatetags.components import render
from moothall.web.desk.dashboard_figures import Bar, Figures
from moothall.web.desk.models import DashboardTile
from moothall.web.desk.work_columns import BY_TARGET, WorkColumn
from moothall.web.desk.work_lists import ANY_TIME

Kind = DashboardTile.Kind
HEADINGS = {
    Kind.BY_STAGE: lambda: _("Stage"),
    Kind.BY_TARGET: lambda: _("Target"),
    Kind.BY_SERVICE: lambda: _("Service"),
    Kind.BY_OFFICER: lambda: _("Officer"),
    Kind.BY_TEAM: lambda: _("Case team"),
    Kind.BY_AGE: lambda: _("In the stage for"),
}
_URGENT = ("late", "red", "amber")


def count_said(count: int, more: bool) -> str:
    """“1,234”, or “More than 10,000”."""
    return _("More than %s") % f"{count:,}" if more else f"{count:,}"


@dataclass(frozen=True)
class ShownBar:
    """A bar: its count in words, where it leads (empty: nowhere), its length and its share of all in hundredths."""

    text: str
    count: str
    href: str
    length: int
    share: str
    colour: str
    key: str


@dataclass(frozen=True)
class ShownTile:
    """A tile with its figures. `arranged`: whoever looks is changing the dashboard; it may go `up` or `down` then."""

    tile: DashboardTile
    figures: Figures
    arranged: bool = False
    up: bool = False
    down: bool = False

    @property
    def is_list(self) -> bool:
        return self.tile.kind == Kind.LIST

    @property
    def is_number(self) -> bool:
        return self.tile.kind == Kind.NUMBER

    @property
    def href(self) -> str:
        """The work list this is of."""
        return _list(self.figures.query or self.tile.query)

    @property
    def total(self) -> str:
        return count_said(self.figures.total, self.figures.more)

    @property
    def what(self) -> str:
        """What the total counts."""
        return ngettext("work item", "work items", self.figures.total)

    @property
    def heading(self) -> str:
        """What the bars are by."""
        return HEADINGS[Kind(self.tile.kind)]()

    @cached_property
    def bars(self) -> list[ShownBar]:
        """The bars; of a number those that need somebody."""
        longest = max((bar.count for bar in self.figures.bars), default=0)
        return [self._bar(bar, longest) for bar in self.figures.bars if not self.is_number or bar.key in _URGENT]

    def _bar(self, bar: Bar, longest: int) -> ShownBar:
        whole = 0 if self.figures.more or bar.more else self.figures.total
        return ShownBar(
            bar.text,
            count_said(bar.count, bar.more),
            _list(bar.query) if bar.query else "",
            max(1, round(100 * bar.count / longest)) if bar.count else 0,
            f"{round(100 * bar.count / whole)}%" if whole else "",
            bar.colour,
            bar.key,
        )

    @property
    def columns(self) -> Sequence[WorkColumn]:
        return self.figures.columns[1:]

    @property
    def rows(self) -> Iterable[tuple[Any, list[tuple[str, Any]]]]:
        """The work item of each row, and heading and text of its cells."""
        for line in self.figures.lines:
            cells = [
                (str(one.heading), render("target", {"target": line.target, "short": True}))
                if one.key == BY_TARGET
                else (str(one.heading), one.show(line))
                for one in self.columns
            ]
            yield line, cells

    def table(self) -> tuple[list[str], list[list[str]]]:
        """The numbers of the tile as the head and the rows of a file."""
        if self.is_list:
            shown = ([column.show(line) for column in self.figures.columns] for line in self.figures.lines)
            return [str(column.heading) for column in self.figures.columns], list(shown)
        head = [self.tile.title if self.is_number else self.heading, _("Work items")]
        rows = [[bar.text, count_said(bar.count, bar.more).replace(",", "")] for bar in self.figures.bars]
        return head, [*rows, [_("All"), self.total.replace(",", "")]]


def _list(query: str) -> str:
    """The list with all that a tile counts, also what the list would leave out as it begins."""
    return f"{reverse('desk:work')}?{query}&{ANY_TIME}=any"
