"""A colleague's work item taken over: said whose it is, asked, and told to them."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from moothall.core.accounts.permissions import Permission
from moothall.domain.cases import assigning
from moothall.web.common import whole
from moothall.web.desk import workflow_page
from moothall.web.desk.access import needs
from moothall.web.desk.request import DeskRequest


@needs(Permission.VIEW_WORK)
@require_http_methods(["GET", "HEAD", "POST"])
def take_over(request: DeskRequest, item_id: int) -> HttpResponse:
    """Ask, then take it; who had it finds a notification. A second click does nothing more."""
    item, page = workflow_page.item_page(request, item_id, via="case.workflow.take_over")
    holder = item.assigned_to
    if item.finished_at or holder is None or holder == request.user:
        if holder is None and not item.finished_at:
            messages.error(request, _("Nobody has it now: take it."))
        return redirect("desk:case_workflow", item.case.reference)
    if request.method == "POST":
        version = whole.version(request.POST.get("version", ""))
        try:
            assigning.take(item, by=request.user, at=request.now, version=version, take_over=True)
        except assigning.CannotAssign as refusal:
            messages.error(request, str(refusal))
            return redirect("desk:take_over", item.pk)
        messages.success(
            request,
            _("%(stage)s of %(reference)s is yours. %(name)s is told.")
            % {"stage": item.stage.name, "reference": item.case.reference, "name": holder.full_name},
        )
        return redirect("desk:case_workflow", item.case.reference)
    return TemplateResponse(request, "desk/workflow_take_over.html", {**page, "holder": holder})


urlpatterns: list[Any] = [path("work/<int:item_id>/take-over/", take_over, name="take_over")]
