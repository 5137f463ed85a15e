"""The first page: the work somebody has taken."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from moothall.core.audit import recording
from moothall.domain.cases import clock
from moothall.domain.cases.models import WorkItem
from moothall.web.components.parts import Column
from moothall.web.desk.access import open_to_all, signed_in
from moothall.web.desk.request import DeskRequest
from moothall.web.desk.targets import target

SHOWN = 50


@signed_in
@require_safe
def home(request: DeskRequest) -> HttpResponse:
    """My open work, the oldest first."""
    items = WorkItem.objects.visible_to(request.user).open().filter(assigned_to=request.user)
    rows = clock.with_clock(items).select_related("case__customer", "case__service").order_by("entered_at", "id")
    lines = [{"item": item, "target": target(item, request.now)} for item in rows[:SHOWN]]
    recording.searched("workitem", by=request.user, at=request.now, via="desk home", found=len(lines), asked=[])
    columns = [Column(_("Case")), Column(_("Customer")), Column(_("Stage")), Column(_("In this stage since"))]
    page = {"lines": lines, "columns": [*columns, Column(_("Target"))]}
    return TemplateResponse(request, "desk/home.html", page)


@open_to_all
@require_safe
def door(_request: HttpRequest) -> HttpResponse:
    """The bare address leads to the desk."""
    return redirect("desk:home")


urlpatterns = [path("", home, name="home")]
