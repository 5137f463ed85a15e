"""The work list as a file: the same rows, order and columns as on the page (BEST-70)."""

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

import xlsxwriter  # type: ignore[import-untyped]
from django.http import FileResponse, Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import path
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from moothall.core.accounts.permissions import Permission
from moothall.core.audit import recording
from moothall.domain.cases.models import Case, WorkItem
from moothall.web.api.export import csv_response
from moothall.web.api.paging import bounded_count
from moothall.web.desk import work_answers, work_pages
from moothall.web.desk.access import needs
from moothall.web.desk.models import WorkColumns
from moothall.web.desk.request import DeskRequest
from moothall.web.desk.views.errors import said
from moothall.web.desk.work_columns import Line, WorkColumn
from moothall.web.desk.work_lists import WorkList, asked_for
from moothall.web.desk.work_pages import Rows

MOST = 50_000
SOME = 1_000  # of which the answers are read at once
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@needs(Permission.VIEW_WORK, Permission.EXPORT_CASES)
@require_safe
def export(request: DeskRequest, kind: str) -> HttpResponseBase:
    """Every row of the list this address asks for, of services whose cases one may export."""
    if kind not in {"csv", "xlsx"}:
        raise Http404
    found = asked_for(request)
    if not found.form.is_valid():
        return said(request, 422, _("This list cannot be exported"), _("Go back and correct its filters."))
    here = Case.objects.visible_to(request.user, Permission.EXPORT_CASES).values("id")
    rows = found.rows.filter(case__in=here)
    total, more = bounded_count(rows, most=MOST)
    if more:
        return _too_many(request)
    recording.searched(
        "workitem", by=request.user, at=request.now, via="desk work export", found=total, asked=found.asked
    )
    keys = WorkColumns.objects.filter(user=request.user).values_list("keys", flat=True).first()
    columns = found.columns(keys)
    head = [str(column.heading) for column in columns]
    lines = _lines(_items(found, rows, columns), found, [column.key for column in columns], request)
    shown = ([column.show(line) for column in columns] for line in lines)
    return csv_response(head, shown, name="work.csv") if kind == "csv" else _workbook(head, shown)


def _items(found: WorkList, rows: Rows, columns: Sequence[WorkColumn]) -> Iterable[WorkItem]:
    numbers = work_pages.sorted_by(rows, found.order).values_list("pk", flat=True).iterator(chunk_size=SOME)
    while some := list(islice(numbers, SOME)):
        yield from found.shown(some, columns)


def _lines(items: Iterable[WorkItem], found: WorkList, keys: list[str], request: DeskRequest) -> Iterator[Line]:
    """The items as lines, the answers of many read at once."""
    rest, language = iter(items), get_language()
    while some := list(islice(rest, SOME)):
        answers = work_answers.read(some, keys, request.user)
        yield from (Line(item, request.now, found.tags, answers[item.pk], found.away, language) for item in some)


def _too_many(request: DeskRequest) -> HttpResponse:
    sentence = _("At most %s work items can be exported at once, and the list has more. Choose more filters.")
    return said(request, 409, _("This list is too long"), sentence % f"{MOST:,}")


def _workbook(head: Sequence[str], rows: Iterator[list[str]]) -> FileResponse:
    """An Excel workbook of text, written row by row: nothing in it is taken for a formula or an address."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the answer closes it
    safely = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(file, safely)
    sheet = book.add_worksheet(_("Work"))
    bold = book.add_format({"bold": True})
    for place, text in enumerate(head):
        sheet.write_string(0, place, text, bold)
    for number, row in enumerate(rows, start=1):
        for place, text in enumerate(row):
            sheet.write_string(number, place, text)
    sheet.freeze_panes(1, 1)
    sheet.set_column(0, len(head) - 1, 20)
    book.close()
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename="work.xlsx", content_type=SHEET)


urlpatterns = [path("work/export/<str:kind>/", export, name="work_export")]
