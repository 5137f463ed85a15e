"""What was begun on many cases at once: how far it is, what came of each, and giving back what was shared out."""

from uuid import uuid4

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from moothall.core.accounts.permissions import Permission
from moothall.core.audit import recording
from moothall.domain.cases import batches, sharing
from moothall.domain.cases.models import Batch, BatchLine, Case
from moothall.domain.cases.sharing import CannotShare
from moothall.web.common import paging
from moothall.web.components.parts import Column, numbered
from moothall.web.desk.access import needs
from moothall.web.desk.doing import done_or_queued
from moothall.web.desk.request import DeskRequest

SIZE = 100
LATEST = 50
_TO_DO = {Batch.Kind.ASSIGN_TO_DO, Batch.Kind.MOVE_TO_DO, Batch.Kind.DO_TO_DO}
_OF_TEAMS = {Batch.Kind.SHARE_OUT, Batch.Kind.GIVE_BACK, Batch.Kind.HAND_OVER}


def title(batch: Batch) -> str:
    """What was asked, in words."""
    return {
        Batch.Kind.ASSIGN: _("Assigned"),
        Batch.Kind.TAG: _("Tagged"),
        Batch.Kind.OUTCOME: _("Outcome chosen"),
        Batch.Kind.SHARE_OUT: _("Shared out"),
        Batch.Kind.GIVE_BACK: _("Given back"),
        Batch.Kind.HAND_OVER: _("Handed over"),
        Batch.Kind.ASSIGN_TO_DO: _("Things to do assigned"),
        Batch.Kind.MOVE_TO_DO: _("Things to do moved to another day"),
        Batch.Kind.DO_TO_DO: _("Things to do completed"),
    }[Batch.Kind(batch.kind)]


@needs(Permission.VIEW_CASES)
@require_safe
def work_batches(request: DeskRequest) -> HttpResponse:
    """What one began on many cases lately."""
    rows = list(Batch.objects.filter(by=request.user).select_related("about").order_by("-at", "-id")[:LATEST])
    page = {
        "batches": [(row, title(row)) for row in rows],
        "columns": [Column(_("What")), Column(_("Begun")), Column(_("State"))],
    }
    return TemplateResponse(request, "desk/team/batches.html", page)


@needs(Permission.VIEW_CASES)
@require_safe
def work_batch(request: DeskRequest, batch_id: int) -> HttpResponse:
    """How far a batch is, and what came of each case one may see: what was refused first."""
    batch = _own(request, batch_id)
    standing = batches.standing(batch)
    lines = batch.lines.exclude(result="").filter(case__in=Case.objects.visible_to(request.user).values("id"))
    shown = lines.count()
    here = paging.nearest(request.GET, count=shown, size=SIZE)
    rows = list(here.of(lines.select_related("case").order_by("-result", "id")))
    recording.searched("case", by=request.user, at=request.now, via="desk batch", found=shown, asked=["batch"])
    of_team = batch.kind in _OF_TEAMS
    came_from = batch.asked.get("list", "")
    here_list = reverse("desk:to_do" if batch.kind in _TO_DO else "desk:work")
    page = {
        "batch": batch,
        "list": reverse("desk:team") if of_team else f"{here_list}?{came_from}",
        "list_text": _("Back to the team") if of_team else _("Back to the list"),
        "title": title(batch),
        "lines": rows,
        "columns": [Column(_("Case")), Column(_("Result")), Column(_("Why"))],
        "standing": standing,
        "summary": _("%(done)s of %(all)s done.") % {"done": f"{standing.done:,}", "all": f"{standing.lines:,}"},
        "all_done": standing.done == standing.lines,
        "pages": numbered(page=here.number, last=here.last, query=request.GET),
        "back": Batch.objects.filter(undoes=batch).first() if batch.kind == Batch.Kind.SHARE_OUT else None,
        "may_stop": standing.waiting > 0,
        "may_give_back": batch.kind == Batch.Kind.SHARE_OUT and batch.finished_at is not None and standing.done > 0,
        "result": BatchLine.Result,
    }
    template = "desk/team/_batch.html" if request.htmx else "desk/team/batch.html"
    return TemplateResponse(request, template, page)


@needs(Permission.SUPERVISE)
@require_POST
def give_back(request: DeskRequest, batch_id: int) -> HttpResponse:
    """Give back what was shared out, where nobody has touched it since."""
    batch = _own(request, batch_id)
    try:
        back = sharing.give_back(batch, key=uuid4(), by=request.user, at=request.now)
    except CannotShare as refusal:
        messages.error(request, str(refusal))
        return redirect("desk:work_batch", batch.pk)
    return done_or_queued(back)


@needs(Permission.VIEW_CASES)
@require_POST
def stop(request: DeskRequest, batch_id: int) -> HttpResponse:
    """End a batch here."""
    batch = _own(request, batch_id)
    try:
        batches.stop(batch, by=request.user, at=request.now)
    except batches.LineTakesLong as refusal:
        messages.error(request, str(refusal))
    return redirect("desk:work_batch", batch.pk)


def _own(request: DeskRequest, batch_id: int) -> Batch:
    """A batch one began oneself. Raises Http404."""
    found = Batch.objects.filter(pk=batch_id, by=request.user).select_related("about").first()
    if found is None:
        raise Http404
    return found


urlpatterns = [
    path("work/batches/", work_batches, name="work_batches"),
    path("work/batches/<int:batch_id>/", work_batch, name="work_batch"),
    path("work/batches/<int:batch_id>/give-back/", give_back, name="work_batch_give_back"),
    path("work/batches/<int:batch_id>/stop/", stop, name="work_batch_stop"),
]
