"""The rows of the work list as HTML. There are fifty of seven cells: as templates they would take most of a page's time."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from moothall.kit.calendars import LONDON
from moothall.web.components.parts import Target
from moothall.web.components.templatetags.components import render
from moothall.web.desk.work_columns import BY_TARGET, ON_ONE_LINE, Line, WorkColumn

_ROW = '<tr class="govuk-table__row">{}{}{}</tr>\n'
_PICK = (
    '<td class="govuk-table__cell app-work__pick"><div class="govuk-checkboxes govuk-checkboxes--small">'
    '<div class="govuk-checkboxes__item"><input type="checkbox" class="govuk-checkboxes__input" id="pick-{number}"'
    ' name="item" value="{number}" form="select"><label class="govuk-label govuk-checkboxes__label" for="pick-{number}">'
    '<span class="govuk-visually-hidden">{text}</span></label></div></div></td>'
)
_CASE = (
    '<th scope="row" class="govuk-table__header app-nowrap"><div class="app-work__case">'
    '<a class="govuk-link" href="{href}">{reference}</a> {terminal}{button}</div></th>'
)
_BUTTON = (
    '<button type="submit" form="act" id="{what}-{number}" class="app-work__button" formaction="{action}">{text}'
    '<span class="govuk-visually-hidden"> {reference}</span></button>'
)
_OVER = '<a class="govuk-link app-work__over" href="{href}">{text}<span class="govuk-visually-hidden"> {reference}</span></a>'
_CELL = '<td class="govuk-table__cell{}">{}</td>'


@dataclass(frozen=True)
class Rows:
    """How rows are shown: to somebody of these groups and with this number, in these columns."""

    columns: Sequence[WorkColumn]  # the first is the case
    groups: Collection[str]
    user: int
    completed: bool

    def html(self, lines: Iterable[Line]) -> SafeString:
        """The rows, one below the other."""
        shown = (format_html(_ROW, self._pick(line), self._case(line), self._cells(line)) for line in lines)
        return mark_safe("".join(shown))  # noqa: S308 - each is escaped

    def _pick(self, line: Line) -> SafeString | str:
        if self.completed:
            return ""
        said = _("Select %(reference)s, %(stage)s")
        text = said % {"reference": line.item.case.reference, "stage": line.item.stage.name}
        return format_html(_PICK, number=line.item.pk, text=text)

    def _case(self, line: Line) -> SafeString:
        reference = line.item.case.reference
        return format_html(
            _CASE,
            href=reverse("desk:case", args=[reference]),
            reference=reference,
            terminal=_badge(_("Terminal"), get_language()) if line.terminal else "",
            button=self._button(line),
        )

    def _button(self, line: Line) -> SafeString | str:
        item = line.item
        if item.finished_at is not None or not set(item.stage.progress) & set(self.groups):
            return ""
        if item.assigned_to_id is None:
            what, address, text = "take", "desk:work_take", _("Take")
        elif item.assigned_to_id == self.user:
            what, address, text = "release", "desk:work_release", _("Release")
        else:
            href = reverse("desk:take_over", args=[item.pk])
            return format_html(_OVER, href=href, text=_("Take over"), reference=item.case.reference)
        action = reverse(address, args=[item.pk])
        return format_html(_BUTTON, what=what, number=item.pk, action=action, text=text, reference=item.case.reference)

    def _cells(self, line: Line) -> SafeString:
        return format_html_join(
            "",
            _CELL,
            ((" app-nowrap" if column.key in ON_ONE_LINE else "", _shown(column, line)) for column in self.columns[1:]),
        )


def _shown(column: WorkColumn, line: Line) -> str:
    if column.key != BY_TARGET:
        return column.show(line)
    bar = line.target
    if bar and bar.due:
        due = bar.due.astimezone(LONDON).replace(hour=12, minute=0, second=0, microsecond=0)
        bar = replace(bar, share=bar.percent / 100, due=due)
    return _bar(bar, get_language())


@lru_cache(maxsize=4096)
def _bar(target: Target | None, _language: str | None) -> SafeString:
    """The bar of a target. In a list many are the same, for no more is told than the day when it is due."""
    return render("target", {"target": target, "short": True})


@lru_cache(maxsize=32)
def _badge(text: str, _language: str | None) -> SafeString:
    return render("badge", {"text": text, "colour": "red"})
