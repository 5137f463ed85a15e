"""Supplies of the gazetteer: given, followed while they come in, and what was refused of them."""

from collections.abc import Iterator
from datetime import timedelta

from django.contrib import messages
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from moothall.core.accounts.permissions import Permission
from moothall.core.leases import length
from moothall.domain.documents import scanning
from moothall.domain.places.gazetteer import report, supplies
from moothall.domain.places.gazetteer.refusal import SupplyRefused
from moothall.domain.places.gazetteer.supplies import GOING_ON
from moothall.domain.places.models import Supply
from moothall.web.common import paging
from moothall.web.common import supplies as given
from moothall.web.common.sent import READ_OR_SEND
from moothall.web.components.forms import Form
from moothall.web.components.parts import Column, Row, numbered
from moothall.web.desk.access import needs
from moothall.web.desk.forms.papers import SeveralFiles
from moothall.web.desk.request import DeskRequest

LATEST = 30
SIZE = 50
STATES = {
    Supply.State.READING: (gettext_lazy("Being read"), "blue"),
    Supply.State.CHECKING: (gettext_lazy("Being checked"), "blue"),
    Supply.State.APPLYING: (gettext_lazy("Being put in force"), "blue"),
    Supply.State.APPLIED: (gettext_lazy("Applied"), "green"),
    Supply.State.REFUSED: (gettext_lazy("Refused"), "red"),
    Supply.State.CANCELLED: (gettext_lazy("Cancelled"), "grey"),
}
RECORDS = {
    "11": gettext_lazy("Streets"),
    "15": gettext_lazy("Names of streets"),
    "21": gettext_lazy("Properties"),
    "23": gettext_lazy("Cross-references"),
    "24": gettext_lazy("Addresses"),
    "28": gettext_lazy("Delivery points"),
    "30": gettext_lazy("Successors"),
    "31": gettext_lazy("Organisations"),
    "32": gettext_lazy("Classes"),
}


class Give(Form):
    """The files of one supply."""

    volumes = SeveralFiles(
        label=gettext_lazy("Files of one supply"),
        help_text=gettext_lazy("All its volumes, as .csv or .zip: BS 7666 DTF 7.3 or OS AddressBase Premium."),
        error_messages={
            "required": gettext_lazy("Choose the files of a supply."),
            "empty": gettext_lazy("This file is empty."),
        },
    )


@needs(Permission.IMPORT_GAZETTEER)
@READ_OR_SEND
def gazetteer(request: DeskRequest) -> HttpResponse:
    """The latest supplies; another is given here."""
    form = Give(request.POST or None, request.FILES or None) if request.method == "POST" else Give()
    if request.method == "POST" and form.is_valid():
        try:
            kept = given.keep(form.cleaned_data["volumes"])
            supply = given.begin(kept, by=request.user, at=request.now)
        except (SupplyRefused, scanning.Infected, scanning.NotScanned) as refused:
            form.add_error("volumes", str(refused))
        else:
            return redirect("desk:gazetteer_supply", supply.pk)
    latest = list(Supply.objects.select_related("by").order_by("-pk")[:LATEST])
    page = {
        "form": form,
        "failed": form.is_bound,
        "supplies": [(one, *STATES[Supply.State(one.state)]) for one in latest],
        "columns": [Column(_("Supply")), Column(_("Begun")), Column(_("By")), Column(_("State"))],
        "going_on": next((one for one in latest if one.state in GOING_ON), None),
    }
    return TemplateResponse(request, "desk/gazetteer.html", page, status=422 if form.is_bound else 200)


@needs(Permission.IMPORT_GAZETTEER)
@require_safe
def supply(request: DeskRequest, supply_id: int) -> HttpResponse:
    """How far a supply is, what it did, and what was refused of it line by line."""
    one = get_object_or_404(Supply.objects.select_related("by"), pk=supply_id)
    rejects = one.rejects.order_by("volume", "line", "id")
    here = paging.nearest(request.GET, count=rejects.count(), size=SIZE)
    names = [file["name"] for file in one.files]
    state, colour = STATES[Supply.State(one.state)]
    going_on = one.state in GOING_ON
    page = {
        "supply": one,
        "state": state,
        "colour": colour,
        "rows": list(_facts(one)),
        "going_on": going_on,
        "silent": going_on and request.now - one.told_at > max(length(), timedelta(minutes=2)),
        "share": 100 * one.read_bytes // max(1, one.total_bytes),
        "rejects": [(names[row.volume - 1], row) for row in here.of(rejects)],
        "columns": [Column(_("Where")), Column(_("Key")), Column(_("Field")), Column(_("What is wrong"))],
        "pages": numbered(page=here.number, last=here.last, query=request.GET),
    }
    template = "desk/_gazetteer_supply.html" if request.htmx else "desk/gazetteer_supply.html"
    return TemplateResponse(request, template, page)


def _facts(one: Supply) -> Iterator[Row]:
    yield Row(_("Files"), ", ".join(file["name"] for file in one.files[:5]) + (" …" if len(one.files) > 5 else ""))
    kind = _("full") if one.full else _("changes only")
    yield Row(_("Format"), f"{one.get_format_display()}, {kind}")
    yield Row(_("Custodian"), str(one.custodian))
    yield Row(_("Lines read"), f"{one.read_lines:,}")
    for record, lines in one.counts.get("lines", {}).items():
        yield Row(str(RECORDS[record]), f"{lines:,}")
    words = {
        "new properties": _("New properties"),
        "gone properties": _("Properties no longer supplied"),
        "gone streets": _("Streets no longer supplied"),
        "written": _("Written"),
        "deleted": _("Deleted"),
        "gone": _("Properties and streets no longer supplied"),
    }
    done = one.counts.get("done", {})
    yield from (Row(text, f"{done[name]:,}") for name, text in words.items() if name in done)
    yield Row(_("Lines kept out"), f"{one.rejected:,}")
    yield Row(_("Lines with a warning"), f"{one.warned:,}")


@needs(Permission.IMPORT_GAZETTEER)
@require_safe
def rejects(request: DeskRequest, supply_id: int) -> StreamingHttpResponse:  # noqa: ARG001
    """What was refused of a supply, as CSV."""
    one = get_object_or_404(Supply, pk=supply_id)
    answer = StreamingHttpResponse(report.rows(one), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="gazetteer-supply-{one.pk}.csv"'
    return answer


@needs(Permission.IMPORT_GAZETTEER)
@require_POST
def cancel(request: DeskRequest, supply_id: int) -> HttpResponse:
    """Give up a supply that is not in force."""
    one = get_object_or_404(Supply, pk=supply_id)
    if supplies.cancel(one, by=request.user, at=request.now):
        messages.success(request, _("The supply is cancelled. Nothing was changed."))
    else:
        messages.error(request, _("The supply had ended already, so it could not be cancelled."))
    return redirect("desk:gazetteer_supply", one.pk)


@needs(Permission.IMPORT_GAZETTEER)
@require_POST
def resume(request: DeskRequest, supply_id: int) -> HttpResponse:
    """Have a supply that fell silent go on where it was."""
    one = get_object_or_404(Supply, pk=supply_id)
    if one.state in GOING_ON:
        supplies.queue(one)
        messages.success(request, _("It goes on as soon as a worker is free."))
    return redirect("desk:gazetteer_supply", one.pk)


urlpatterns = [
    path("gazetteer/", gazetteer, name="gazetteer"),
    path("gazetteer/<int:supply_id>/", supply, name="gazetteer_supply"),
    path("gazetteer/<int:supply_id>/rejects/", rejects, name="gazetteer_rejects"),
    path("gazetteer/<int:supply_id>/cancel/", cancel, name="gazetteer_cancel"),
    path("gazetteer/<int:supply_id>/resume/", resume, name="gazetteer_resume"),
]
