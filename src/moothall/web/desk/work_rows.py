"""The rows of the work list as HTML. There are fifty of seven cells: as templates they would take most of a page's time.

On a phone a row is shown as a card, each cell beside its label. The roles keep it a row of a table to a screen reader,
which otherwise forgets what is not laid out as one.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import lru_cache
from html import escape
from typing import Any
from urllib.parse import quote

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from moothall.kit.calendars import LONDON
from moothall.web.common.addresses import address
from moothall.web.components.parts import Target
from moothall.web.components.templatetags.components import render
from moothall.web.desk.work_columns import BY_TARGET, ON_ONE_LINE, ONLY_WIDE, SAYS_ITSELF, Line, WorkColumn

_ROW = '<tr class="govuk-table__row" role="row">{pick}{case}{cells}</tr>\n'
_PICK = (
    '<td class="govuk-table__cell app-work__pick" role="cell"><div class="govuk-checkboxes govuk-checkboxes--small">'
    '<div class="govuk-checkboxes__item"><input type="checkbox" class="govuk-checkboxes__input" id="pick-{number}"'
    ' name="item" value="{number}" form="select"><label class="govuk-label govuk-checkboxes__label" for="pick-{number}">'
    '<span class="govuk-visually-hidden">{text}</span></label></div></div></td>'
)
_CASE = (
    '<th scope="row" class="govuk-table__header app-nowrap" role="rowheader"><div class="app-work__case">'
    '<a class="govuk-link" href="{href}">{reference}</a> {terminal}{button}</div></th>'
)
_BUTTON = (
    '<button type="submit" form="act" id="{what}-{number}" class="app-work__button" formaction="{action}">{text}'
    '<span class="govuk-visually-hidden"> {reference}</span></button>'
)
_OVER = '<a class="govuk-link app-work__over" href="{href}">{text}<span class="govuk-visually-hidden"> {reference}</span></a>'
_CELL = '<td class="govuk-table__cell{more}" role="cell" data-label="{label}">'
Begun = Sequence[tuple[WorkColumn, str]]  # each column, and how its cells begin


@dataclass(frozen=True)
class Rows:
    """How rows are shown: to somebody of these groups and with this number, in these columns."""

    columns: Sequence[WorkColumn]  # the first is the case
    groups: Collection[str]
    user: int
    completed: bool
    usual: bool = False  # nobody chose these columns

    def html(self, lines: Iterable[Line]) -> SafeString:
        """The rows, one below the other."""
        words, begun = _Words.now(), [(column, _begun(column, usual=self.usual)) for column in self.columns[1:]]
        return mark_safe("".join(self._row(line, words, begun) for line in lines))  # noqa: S308 - each is escaped

    def _row(self, line: Line, words: "_Words", begun: Begun) -> str:
        pick = "" if self.completed else self._pick(line, words)
        cells = "".join(f"{cell}{_escaped(_shown(column, line))}</td>" for column, cell in begun)
        return _ROW.format(pick=pick, case=self._case(line, words), cells=cells)

    def _pick(self, line: Line, words: "_Words") -> str:
        text = words.select % {"reference": line.item.case.reference, "stage": line.item.stage.name}
        return _PICK.format(number=line.item.pk, text=escape(text))

    def _case(self, line: Line, words: "_Words") -> str:
        reference = escape(line.item.case.reference)
        return _CASE.format(
            href=_address("desk:case", line.item.case.reference),
            reference=reference,
            terminal=_badge(words.terminal, line.language) if line.terminal else "",
            button=self._button(line, words, reference),
        )

    def _button(self, line: Line, words: "_Words", reference: str) -> str:
        item = line.item
        if item.finished_at is not None or not set(item.stage.progress) & set(self.groups):
            return ""
        if item.assigned_to_id is None:
            what, address, text = "take", "desk:work_take", words.take
        elif item.assigned_to_id == self.user:
            what, address, text = "release", "desk:work_release", words.release
        else:
            return _OVER.format(href=_address("desk:take_over", item.pk), text=words.take_over, reference=reference)
        return _BUTTON.format(
            what=what, number=item.pk, action=_address(address, item.pk), text=text, reference=reference
        )


@dataclass(frozen=True)
class _Words:
    """What every row says, escaped but for `select`, which is told of a case."""

    select: str
    terminal: str
    take: str
    release: str
    take_over: str

    @classmethod
    def now(cls) -> "_Words":
        """In the language of the request."""
        acts = (escape(text) for text in (_("Take"), _("Release"), _("Take over")))
        return cls(_("Select %(reference)s, %(stage)s"), _("Terminal"), *acts)


def _begun(column: WorkColumn, *, usual: bool) -> str:
    """How a cell of this column begins: the same in every row."""
    wide = " app-work__wide" if usual and column.key in ONLY_WIDE else ""
    nowrap = " app-nowrap" if column.key in ON_ONE_LINE else ""
    plain = " app-work__plain" if column.key in SAYS_ITSELF else ""
    return _CELL.format(more=nowrap + plain + wide, label=escape(str(column.heading)))


def _escaped(text: str) -> str:
    """A text as HTML, unless it is."""
    return text if isinstance(text, SafeString) else escape(str(text))


def _address(name: str, place: str | int) -> str:
    """The address of a page, escaped; worked out once for all of its kind."""
    stands = _ANY_REFERENCE if isinstance(place, str) else _ANY_NUMBER
    return escape(address(name, stands)).replace(str(stands), quote(str(place)))


_ANY_REFERENCE, _ANY_NUMBER = "ANY-REFERENCE", 900_719_925_474


def _shown(column: WorkColumn, line: Line) -> str:
    if column.key != BY_TARGET:
        return column.show(line)
    bar = line.target
    if bar is None:
        return _bar("", 0, "", None, False, line.language)
    due = bar.due.astimezone(LONDON).date() if bar.due else None
    return _bar(bar.band, bar.percent, bar.remaining, due, bar.paused, line.language)


@lru_cache(maxsize=4096)
def _bar(
    band: Any, percent: int, remaining: str, due: date | None, paused: bool, _language: str | None, /
) -> SafeString:
    """The bar of a target, or of none. In a list many are the same, for no more is told than the day when it is due."""
    noon = datetime.combine(due, time(12), LONDON) if due else None
    shown = Target(band, percent / 100, remaining, noon, paused) if band else None
    return render("target", {"target": shown, "short": True})


@lru_cache(maxsize=32)
def _badge(text: str, _language: str | None) -> SafeString:
    return render("badge", {"text": text, "colour": "red"})
