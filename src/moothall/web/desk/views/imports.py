"""Customers from a file: given, its columns said, tried, brought in, followed meanwhile, and taken back (PPP-17, ACC-6)."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.contrib import messages
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from moothall.core.accounts.permissions import Permission
from moothall.core.audit import recording
from moothall.core.leases import length
from moothall.domain.cases import sight
from moothall.domain.documents import scanning
from moothall.domain.people.importing import columns as kept_columns
from moothall.domain.people.importing import report, running, services
from moothall.domain.people.importing.files import Shape
from moothall.domain.people.importing.refusal import ImportRefused
from moothall.domain.people.importing.running import CAN_BE_SET_UP, GOING_ON
from moothall.domain.people.models import Import, ImportColumns, ImportRow
from moothall.web.common import paging
from moothall.web.common.sent import READ_OR_SEND
from moothall.web.common.whole import whole
from moothall.web.components.parts import Colour, Column, Row, Tab, numbered, with_query
from moothall.web.desk.access import needs
from moothall.web.desk.forms.imports import Columns, Give
from moothall.web.desk.request import DeskRequest

LATEST = 30
SIZE = 50
State, Outcome = Import.State, ImportRow.Outcome
STATES: dict[Import.State, tuple[Any, Colour]] = {
    State.GIVEN: (gettext_lazy("Waits for its columns"), "yellow"),
    State.READING: (gettext_lazy("Being read"), "blue"),
    State.CHECKING: (gettext_lazy("Being tried"), "blue"),
    State.CHECKED: (gettext_lazy("Tried, not started"), "yellow"),
    State.IMPORTING: (gettext_lazy("Being brought in"), "blue"),
    State.DONE: (gettext_lazy("Done"), "green"),
    State.UNDOING: (gettext_lazy("Being undone"), "blue"),
    State.UNDONE: (gettext_lazy("Undone"), "grey"),
    State.REFUSED: (gettext_lazy("Refused"), "red"),
    State.CANCELLED: (gettext_lazy("Cancelled"), "grey"),
}
OUTCOMES = {
    Outcome.NEW: gettext_lazy("New"),
    Outcome.CHANGED: gettext_lazy("Known, and added to"),
    Outcome.KNOWN: gettext_lazy("Known, nothing new"),
    Outcome.LIKELY: gettext_lazy("Likely recorded"),
    Outcome.REFUSED: gettext_lazy("Refused"),
    Outcome.REMOVED: gettext_lazy("Removed again"),
}


@needs(Permission.IMPORT_PEOPLE)
@READ_OR_SEND
def imports(request: DeskRequest) -> HttpResponse:
    """The latest imports; a file is given here."""
    form = Give(request.POST, request.FILES) if request.method == "POST" else Give()
    if request.method == "POST" and form.is_valid():
        try:
            made = _given(request, form.cleaned_data["upload"])
        except (ImportRefused, scanning.Infected, scanning.NotScanned, scanning.TooLargeToScan) as problem:
            form.add_error("upload", str(problem))
        else:
            return redirect("desk:import_columns", made.pk)
    latest = Import.objects.select_related("by").order_by("-pk")[:LATEST]
    page = {
        "form": form,
        "imports": [(one, *STATES[State(one.state)]) for one in latest],
        "columns": [Column(_("File")), Column(_("Begun")), Column(_("By")), Column(_("State"))],
    }
    return TemplateResponse(request, "desk/imports.html", page, status=422 if form.is_bound else 200)


def _given(request: DeskRequest, file: "UploadedFile[Any]") -> Import:
    """Keep the file and look at it. Raises ImportRefused, and what the virus scanner says."""
    if (file.size or 0) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
        most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE // 1024**2
        raise ImportRefused(
            _("The file is larger than %s MB. Divide it, or have it imported by `moothall people import`.") % most
        )
    scanning.checked(file.read())
    file.seek(0)
    kept = default_storage.save(f"imports/{uuid4().hex}", file)
    try:
        return running.begin(kept, name=file.name or "", stored=True, by=request.user, at=request.now)[0]
    except BaseException:
        default_storage.delete(kept)
        raise


@needs(Permission.IMPORT_PEOPLE)
@READ_OR_SEND
def columns(request: DeskRequest, import_id: int) -> HttpResponse:
    """What the columns of a file are, with the first of its values; then every row is tried."""
    one = get_object_or_404(Import, pk=import_id)
    if one.state not in CAN_BE_SET_UP:
        return redirect("desk:import", one.pk)
    asked = whole(request.GET.get("kept", ""))
    kept = ImportColumns.objects.filter(pk=asked).first() if asked else None
    initial = {"columns": (kept or one).columns, "options": (kept or one).options}
    samples = _samples(one)
    form = Columns(one.headings, samples, request.POST or None, initial=initial)
    if form.is_valid():
        try:
            running.set_up(one, columns=form.columns, options=form.options, by=request.user, at=request.now)
            if name := form.cleaned_data["keep_as"]:
                kept_columns.keep(name, columns=form.columns, given=form.options, by=request.user, at=request.now)
        except ImportRefused as problem:
            form.add_error(None, str(problem))
        else:
            return redirect("desk:import", one.pk)
    recording.read(one, by=request.user, at=request.now, via="desk import.columns")
    page = {
        "import": one,
        "form": form,
        "shape": Shape(**one.shape).words,
        "kept": ImportColumns.objects.order_by("name")[: kept_columns.MOST],
    }
    return TemplateResponse(request, "desk/import_columns.html", page, status=422 if form.is_bound else 200)


def _samples(one: Import) -> list[list[str]]:
    try:
        return list(running.sample(one))
    except ImportRefused:
        return []


@needs(Permission.IMPORT_PEOPLE)
@require_safe
def import_(request: DeskRequest, import_id: int) -> HttpResponse:
    """How far an import is, and what becomes or became of each row."""
    one = get_object_or_404(Import.objects.select_related("by"), pk=import_id)
    if one.state == State.GIVEN:
        return redirect("desk:import_columns", one.pk)
    outcome = _outcome(request, one)
    rows = ImportRow.objects.filter(importing=one, outcome=outcome).order_by("number").defer("cells")
    count = int(one.counts.get(outcome, 0))
    here = paging.nearest(request.GET, count=count, size=SIZE)
    shown = list(here.of(rows))
    state, colour = STATES[State(one.state)]
    going_on = one.state in GOING_ON
    total = running.of_how_many(one)
    page = {
        "import": one,
        "state": state,
        "colour": colour,
        "going_on": going_on,
        "silent": going_on and request.now - one.told_at > max(length(), timedelta(minutes=2)),
        "share": 100 * one.done // total if total else 0,
        "total": total,
        "reading": one.state == State.READING,
        "speed": running.left(one, at=one.told_at),
        "can_start": one.state == State.CHECKED,
        "can_cancel": one.state in GOING_ON,
        "can_give_up": one.state == State.CHECKED,
        "can_undo": running.can_be_undone(one, at=request.now),
        "rows": _facts(one),
        "outcome": outcome,
        "tabs": _tabs(request, one, outcome),
        "found": [(row, *_what(row)) for row in shown],
        "visible": _visible(request, shown),
        "columns": [Column(_("Row")), Column(_("What")), Column(_("Customer"))],
        "pages": numbered(page=here.number, last=here.last, query=request.GET),
    }
    template = "desk/_import.html" if request.htmx else "desk/import.html"
    return TemplateResponse(request, template, page)


def _outcome(request: DeskRequest, one: Import) -> str:
    """Which rows are shown: those asked for, else the first kind there is, what needs somebody first."""
    asked = request.GET.get("outcome", "")
    if asked in OUTCOMES:
        return asked
    first = (Outcome.REFUSED, Outcome.LIKELY, Outcome.CHANGED, Outcome.NEW, Outcome.KNOWN, Outcome.REMOVED)
    return str(next((kind for kind in first if one.counts.get(kind)), Outcome.NEW))


def _tabs(request: DeskRequest, one: Import, outcome: str) -> list[Tab]:
    return [
        Tab(
            str(text),
            with_query(request.GET, outcome=str(kind), page=None),
            active=kind == outcome,
            count=int(one.counts.get(kind, 0)),
            what=_("rows"),
        )
        for kind, text in OUTCOMES.items()
        if one.counts.get(kind) or kind == outcome
    ]


def _what(row: ImportRow) -> tuple[str, str]:
    """The column a row is refused for, and the sentence about it."""
    if row.changed:
        return "", _("Adds: %s.") % ", ".join(row.changed)
    return row.field, row.says


def _visible(request: DeskRequest, rows: list[ImportRow]) -> set[int]:
    """Which of the customers one may open."""
    wanted = [row.customer for row in rows if row.customer]
    if not wanted or not request.user.may(Permission.VIEW_PEOPLE):
        return set()
    return set(sight.visible_people(request.user).filter(pk__in=wanted).values_list("pk", flat=True))


def _facts(one: Import) -> list[Row]:
    kept = {**one.options}
    rows = [
        Row(_("File"), one.name),
        Row(_("Read as"), Shape(**one.shape).words),
        Row(_("Given by"), one.by.full_name),
        Row(_("Rows"), f"{one.rows_read:,}"),
        Row(_("Columns used"), ", ".join(one.columns) or "–"),
    ]
    if kept.get("match"):
        rows.append(Row(_("Addresses"), _("Looked up in the gazetteer")))
    if kept.get("source"):
        rows.append(Row(_("Contacts and cases of"), kept["source"]))
    if kept.get("service"):
        rows.append(Row(_("They belong to"), services.known().get(kept["service"], kept["service"])))
    return rows


@needs(Permission.IMPORT_PEOPLE)
@require_safe
def rows(request: DeskRequest, import_id: int) -> StreamingHttpResponse:
    """What becomes or became of each row, as CSV; of one kind with `?outcome=`."""
    one = get_object_or_404(Import, pk=import_id)
    asked = request.GET.get("outcome", "")
    lines = report.rows(one, outcome=asked if asked in OUTCOMES else "")
    answer = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="import-{one.pk}.csv"'
    return answer


@needs(Permission.IMPORT_PEOPLE)
@require_POST
def start(request: DeskRequest, import_id: int) -> HttpResponse:
    """Bring in what was tried."""
    return _act(request, import_id, running.start)


@needs(Permission.IMPORT_PEOPLE)
@require_POST
def undo(request: DeskRequest, import_id: int) -> HttpResponse:
    """Take back whom the import made."""
    return _act(request, import_id, running.undo)


def _act(request: DeskRequest, import_id: int, act: Any) -> HttpResponse:
    one = get_object_or_404(Import, pk=import_id)
    try:
        act(one, by=request.user, at=request.now)
    except ImportRefused as problem:
        messages.error(request, str(problem))
    return redirect("desk:import", one.pk)


@needs(Permission.IMPORT_PEOPLE)
@require_POST
def cancel(request: DeskRequest, import_id: int) -> HttpResponse:
    """Give up an import; what it made by then stays."""
    one = get_object_or_404(Import, pk=import_id)
    if running.cancel(one, by=request.user, at=request.now):
        messages.success(request, _("The import is cancelled. What it had brought in by then stays."))
    else:
        messages.error(request, _("The import had ended already, so it could not be cancelled."))
    return redirect(reverse("desk:import", args=[one.pk]))


@needs(Permission.IMPORT_PEOPLE)
@require_POST
def resume(request: DeskRequest, import_id: int) -> HttpResponse:
    """Have an import that fell silent go on where it was."""
    one = get_object_or_404(Import, pk=import_id)
    if one.state in GOING_ON:
        running.queue(one)
        messages.success(request, _("It goes on as soon as a worker is free."))
    return redirect("desk:import", one.pk)


urlpatterns = [
    path("imports/", imports, name="imports"),
    path("imports/<int:import_id>/", import_, name="import"),
    path("imports/<int:import_id>/columns/", columns, name="import_columns"),
    path("imports/<int:import_id>/rows/", rows, name="import_rows"),
    path("imports/<int:import_id>/start/", start, name="import_start"),
    path("imports/<int:import_id>/undo/", undo, name="import_undo"),
    path("imports/<int:import_id>/cancel/", cancel, name="import_cancel"),
    path("imports/<int:import_id>/resume/", resume, name="import_resume"),
]
