"""A second pair of eyes: proposals confirmed or sent back, decisions checked, the results counted (BEST-5)."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from moothall.core.accounts.permissions import Permission
from moothall.core.audit import recording
from moothall.domain.cases import confirming, numbers, proposals, quality, refusals
from moothall.domain.cases.models import Proposal, QualityCheck
from moothall.domain.workflow import published
from moothall.kit.calendars import LONDON
from moothall.web.common.sent import READ_OR_SEND, sent
from moothall.web.components.parts import Column
from moothall.web.desk import checks, customers, workflow_page
from moothall.web.desk.access import needs
from moothall.web.desk.forms.checks import Checking, Counting, SendingBack
from moothall.web.desk.request import DeskRequest

_COUNTED_DAYS = 90


@needs(Permission.CONFIRM)
@require_safe
def to_do(request: DeskRequest) -> HttpResponse:
    """What waits for oneself as second officer or checker, and what one proposed that waits for others."""
    user = request.user
    given: dict[str, Any] = {
        "tabs": checks.tabs(request, "checks"),
        "to_confirm": checks.proposed(checks.to_confirm(user)[: checks.SHOWN]),
        "to_check": checks.decided(checks.to_check(user)[: checks.SHOWN]),
        "mine": checks.proposed(checks.proposed_by(user)[: checks.SHOWN]),
        "shown": checks.SHOWN,
        "proposal_columns": [Column(_("Proposed")), Column(_("Case")), Column(_("By")), Column(_("Since"))],
        "check_columns": [Column(_("Decision")), Column(_("Case")), Column(_("By")), Column(_("Decided"))],
        "my_columns": [Column(_("Proposed")), Column(_("Case")), Column(_("Since"))],
    }
    found = sum(len(given[name]) for name in ("to_confirm", "to_check", "mine"))
    recording.searched("proposal", by=user, at=request.now, via="desk checks", found=found, asked=[])
    return TemplateResponse(request, "desk/checks.html", given)


@needs(Permission.VIEW_WORK)
@READ_OR_SEND
def proposal(request: DeskRequest, proposal_id: int) -> HttpResponseBase:
    """What was proposed, with the letters as they would go out; confirmed, sent back, or withdrawn by who proposed it."""
    rows = Proposal.objects.visible_to(request.user).select_related("stage", "by", "ended_by", "item__run")
    row = rows.filter(pk=proposal_id).first()
    if row is None:
        raise Http404
    item, page = workflow_page.seen_page(request, row.item_id, via="case.workflow.proposal")
    row.item = item
    why_not = confirming.obstacle(row, request.user)
    if not why_not and not request.user.may(Permission.CONFIRM, item.case.service.key):
        why_not = _("This needs the permission %s for this service.") % Permission.CONFIRM
    mine = row.by_id == request.user.pk
    if why_not and not mine:
        raise PermissionDenied(why_not)
    step = request.POST.get("step", "") if request.method == "POST" else ""
    form = SendingBack(request.POST if step == "send_back" else None)
    if step and (step != "send_back" or form.is_valid()):
        try:
            messages.success(request, _done(request, row, step, form))
        except refusals.every() as refused:
            numbers.note_refused(refused, at=request.now)
            if _is_done(row, request, step):
                return redirect("desk:case_workflow", item.case.reference)  # sent twice: it is done
            messages.error(request, str(refused))
            return redirect("desk:proposal", proposal_id)
        return redirect("desk:case_workflow", item.case.reference)
    given = {**page, **_shown(request, row), "form": form, "mine": mine, "failed": bool(form.errors)}
    return TemplateResponse(request, "desk/check_proposal.html", given, status=422 if form.errors else 200)


def _done(request: DeskRequest, row: Proposal, step: str, form: SendingBack) -> str:
    """Do what was asked; what came of it."""
    by, at = request.user, request.now
    name = proposals.outcome_name(row)
    if step == "confirm":
        chosen = confirming.confirm(row, by=by, at=at)
        if chosen.now_at:
            said = {"outcome": name, "next": chosen.now_at.stage.name}
            return _("“%(outcome)s” is confirmed. Now at %(next)s.") % said
        return _("“%s” is confirmed. The workflow ended.") % name
    if step == "send_back":
        confirming.send_back(row, reason=form.cleaned_data["reason"], by=by, at=at)
        return _("“%(outcome)s” is sent back to %(name)s.") % {"outcome": name, "name": row.by.full_name}
    confirming.withdraw(row, by=by, at=at)
    return _("“%s” is withdrawn: you can choose again.") % name


def _is_done(row: Proposal, request: DeskRequest, step: str) -> bool:
    states = {"confirm": Proposal.State.CONFIRMED, "send_back": Proposal.State.SENT_BACK}
    wanted = states.get(step, Proposal.State.WITHDRAWN)
    return Proposal.objects.filter(pk=row.pk, state=wanted, ended_by=request.user).exists()


def _shown(request: DeskRequest, row: Proposal) -> dict[str, Any]:
    """What a proposal says, and what confirming would do."""
    definition = published.workflow(row.stage.version_id)
    outcome = definition.stage(row.stage.key).outcome(row.outcome)
    waiting = row.state == Proposal.State.WAITING
    return {
        "proposal": row,
        "undecided": waiting,
        "outcome": outcome,
        "answers": checks.said(row),
        "recorded": customers.as_recorded(row.item.case, outcome, request.user) if waiting else [],
        "note": row.note if request.user.may(Permission.VIEW_NOTES, row.item.case.service.key) else "",
        "consequences": workflow_page.consequences(row.item.case, definition, outcome),
        "problem": confirming.hindrance(row, at=request.now) if waiting else "",
    }


@needs(Permission.CONFIRM)
@READ_OR_SEND
def quality_check(request: DeskRequest, check_id: int) -> HttpResponseBase:
    """A decision drawn for a check of its quality: looked at, passed or failed."""
    rows = QualityCheck.objects.visible_to(request.user).select_related("decided_by", "by")
    row = rows.filter(pk=check_id).first()
    if row is None:
        raise Http404
    item, page = workflow_page.seen_page(request, row.item_id, Permission.CONFIRM, via="case.workflow.quality")
    row.item = item
    if why_not := quality.obstacle(row, request.user):
        raise PermissionDenied(why_not)
    form = Checking(quality.questions(row), sent(request))
    if form.is_bound and form.is_valid():
        result = QualityCheck.Result(form.cleaned_data["result"])
        note = form.cleaned_data["note"]
        try:
            quality.finish(row, result=result, answers=form.answers(), note=note, by=request.user, at=request.now)
        except quality.CheckRefused as refused:
            row.refresh_from_db()
            if row.by_id == request.user.pk:
                return redirect("desk:checks")  # sent twice: it is done
            form.add_error(None if row.by_id else "note", str(refused))
        else:
            messages.success(request, _("The check of %s is kept.") % item.case.reference)
            return redirect("desk:checks")
    definition = page["workflow"]
    given = {
        **page,
        "check": row,
        "outcome": workflow_page.outcome_name(definition, item),
        "note": item.note if request.user.may(Permission.VIEW_NOTES, item.case.service.key) else "",
        "form": form,
        "failed": bool(form.errors),
    }
    return TemplateResponse(request, "desk/check_quality.html", given, status=422 if form.errors else 200)


@needs(Permission.VIEW_REPORTS)
@require_safe
def results(request: DeskRequest) -> HttpResponse:
    """What the checks of quality came to, for each outcome and each officer."""
    today = request.now.astimezone(LONDON).date()
    first, last = today - timedelta(days=_COUNTED_DAYS), today
    form = Counting(request.GET if request.GET else None, initial={"first": first, "last": last})
    if form.is_bound and form.is_valid():
        first, last = form.cleaned_data["first"], form.cleaned_data["last"]
    headings = [
        Column(_("Passed"), numeric=True),
        Column(_("Failed"), numeric=True),
        Column(_("Not checked yet"), numeric=True),
    ]
    given = {
        "tabs": checks.tabs(request, "check_results"),
        "form": form,
        "first": first,
        "last": last,
        "outcomes": quality.by_outcome(request.user, first=first, last=last),
        "officers": quality.by_officer(request.user, first=first, last=last),
        "outcome_columns": [Column(_("Outcome")), *headings],
        "officer_columns": [Column(_("Decided by")), *headings],
        "failed": bool(form.errors),
    }
    recording.searched("qualitycheck", by=request.user, at=request.now, via="desk checks.results", found=0, asked=[])
    return TemplateResponse(request, "desk/check_results.html", given, status=422 if form.errors else 200)


urlpatterns = [
    path("checks/", to_do, name="checks"),
    path("checks/results/", results, name="check_results"),
    path("checks/quality/<int:check_id>/", quality_check, name="quality_check"),
    path("checks/proposals/<int:proposal_id>/", proposal, name="proposal"),
]
