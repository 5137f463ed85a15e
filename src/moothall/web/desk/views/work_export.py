"""The work list as a file: the same rows, order and columns as on the page (BEST-70)."""

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

import xlsxwriter  # type: ignore[import-untyped]
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from moothall.core.accounts.permissions import Permission
from moothall.core.audit import recording
from moothall.domain.cases.models import Case, WorkItem
from moothall.web.api.export import csv_response
from moothall.web.desk import work_answers, work_columns, work_pages
from moothall.web.desk.access import needs
from moothall.web.desk.models import WorkColumns
from moothall.web.desk.request import DeskRequest
from moothall.web.desk.views.errors import said
from moothall.web.desk.work_columns import BY_TARGET, Line
from moothall.web.desk.work_lists import WorkList, asked_for

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
    total = found.items.filter(case__in=here).count()
    most = work_pages.RECKONED if found.order.key == BY_TARGET else MOST
    if total > most:
        return _too_many(request, total, most)
    recording.searched(
        "workitem", by=request.user, at=request.now, via="desk work export", found=total, asked=found.asked
    )
    keys = WorkColumns.objects.filter(user=request.user).values_list("keys", flat=True).first()
    columns = work_columns.chosen(keys, completed=found.completed)
    head = [str(column.heading) for column in columns]
    lines = _lines(_rows(found, here, request), found, [column.key for column in columns], request)
    rows = ([column.show(line) for column in columns] for line in lines)
    return csv_response(head, rows, name="work.csv") if kind == "csv" else _workbook(head, rows)


def _rows(found: WorkList, here: "QuerySet[Case, Any]", request: DeskRequest) -> Iterable[WorkItem]:
    items = found.shown().filter(case__in=here)
    if found.order.key == BY_TARGET:
        return work_pages.by_target(items.order_by("id"), found.order, now=request.now)
    return work_pages.sorted_by(items, found.order).iterator(chunk_size=1000)


def _lines(items: Iterable[WorkItem], found: WorkList, keys: list[str], request: DeskRequest) -> Iterator[Line]:
    """The items as lines, the answers of many read at once."""
    rest = iter(items)
    while some := list(islice(rest, SOME)):
        answers = work_answers.read(some, keys, request.user)
        yield from (Line(item, request.now, found.tags, answers[item.pk], found.away) for item in some)


def _too_many(request: DeskRequest, total: int, most: int) -> HttpResponse:
    sentence = _("The list has %(total)s work items, and at most %(most)s can be exported so. Choose more filters.")
    return said(request, 409, _("This list is too long"), sentence % {"total": f"{total:,}", "most": f"{most:,}"})


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
