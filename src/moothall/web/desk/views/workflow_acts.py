"""What is done about a case beside choosing outcomes: its clock, what the applicant is asked, steps outside the flow."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from moothall.core.accounts.permissions import Permission
from moothall.domain.cases import checklists, clock, requests, stepping
from moothall.domain.cases.models import Case, Pause, Request, Run, WorkItem
from moothall.domain.workflow import published
from moothall.web.common import missing, whole
from moothall.web.common.sent import READ_OR_SEND, sent
from moothall.web.components.forms import Form
from moothall.web.desk import own_page, pressed, workflow_page
from moothall.web.desk.access import needs
from moothall.web.desk.case_page import case_page, may_see
from moothall.web.desk.forms.workflow import Asking, Cancelling, Extending, Pausing, Received, Stepping
from moothall.web.desk.request import DeskRequest


@needs(Permission.EXTEND_TARGETS)
@READ_OR_SEND
def pause(request: DeskRequest, item_id: int) -> HttpResponseBase:
    """Stop the clock of a work item."""
    item, page = _open_item(request, item_id, Permission.EXTEND_TARGETS)
    form = Pausing(sent(request))

    def act(given: dict[str, Any]) -> str:
        clock.pause(item, **given, by=request.user, at=request.now)
        return _("The clock of %s is paused.") % item.stage.name

    return _page(request, page, form, act, title=_("Pause the clock of %s") % item.stage.name, button=_("Pause"))


@needs(Permission.EXTEND_TARGETS)
@READ_OR_SEND
def resume(request: DeskRequest, item_id: int, pause_id: int) -> HttpResponseBase:
    """Let the clock of a work item go on."""
    item, page = _open_item(request, item_id, Permission.EXTEND_TARGETS)
    row = Pause.objects.filter(item=item, pk=pause_id).select_related("item__case", "item__stage").first()
    if row is None:
        raise Http404

    def act(_given: dict[str, Any]) -> str:
        clock.resume(row, by=request.user, at=request.now)
        return _("The clock of %s goes on.") % item.stage.name

    form = Form(sent(request))
    title, told = _("Let the clock of %s go on") % item.stage.name, _("It was paused because: %s") % row.reason
    return _page(request, page, form, act, title=title, button=_("Let it go on"), told=told)


@needs(Permission.EXTEND_TARGETS)
@READ_OR_SEND
def extend(request: DeskRequest, item_id: int) -> HttpResponseBase:
    """Give a work item more time."""
    item, page = _open_item(request, item_id, Permission.EXTEND_TARGETS)
    target = published.workflow(item.stage.version_id).stage(item.stage.key).target
    if target is None:
        raise PermissionDenied(_("%s has no target to extend.") % item.stage.name)
    form = Extending(target.unit, sent(request))

    def act(given: dict[str, Any]) -> str:
        clock.extend(item, **given, by=request.user, at=request.now)
        return _("%s has more time.") % item.stage.name

    told = _("Its target is %(target)s, and it can have at most as much again.") % {"target": target}
    title = _("Give %s more time") % item.stage.name
    return _page(request, page, form, act, title=title, button=_("Give more time"), told=told)


@needs(Permission.VIEW_WORK)
@require_POST
def checklist(request: DeskRequest, item_id: int) -> HttpResponseBase:
    """Tick and untick the checklist of a work item: what the form shows otherwise than it was shown (`was`)."""
    item, _page = workflow_page.item_page(request, item_id, via="case.workflow.checklist")
    done, was = set(request.POST.getlist("done")), set(request.POST.getlist("was"))
    told = ""
    try:
        checklists.tick(item, done=sorted(done - was), undone=sorted(was - done), by=request.user, at=request.now)
    except checklists.CannotTick as refused:
        told = str(refused)
    if not request.htmx:
        messages.error(request, told) if told else messages.success(request, _("The checklist is saved."))
        return redirect("desk:case_workflow", item.case.reference)
    given = {"item": item, "lines": workflow_page.checklist(item), "ticks": not item.finished_at, "told": told}
    return TemplateResponse(request, "desk/workflow_checklist.html", given)


@needs(Permission.STEP_OUTSIDE)
@READ_OR_SEND
def jump(request: DeskRequest, item_id: int) -> HttpResponseBase:
    """Leave a stage for another that no outcome leads to."""
    item, page = workflow_page.seen_page(request, item_id, Permission.STEP_OUTSIDE, via="case.workflow.jump")
    _refuse_finished(request, item)
    stages = [stage for stage in page["workflow"].stages if stage.id != item.stage.key]
    form = Stepping(stages, sent(request))
    version = whole.version(request.POST.get("version", "")) if request.method == "POST" else item.version

    def act(given: dict[str, Any]) -> str:
        there = stepping.jump(item, **given, version=version, by=request.user, at=request.now)
        return _("Stepped outside the flow, to %s.") % there.stage.name

    told = _("What the applicant was asked at %s is cancelled, and no letters are sent.") % item.stage.name
    title = _("Step outside the flow from %s") % item.stage.name
    return _page(request, page, form, act, title=title, button=_("Step outside the flow"), told=told, version=version)


@needs(Permission.STEP_OUTSIDE)
@READ_OR_SEND
def reopen(request: DeskRequest, reference: str, run_id: int) -> HttpResponseBase:
    """Go on with a workflow that ended."""
    page = case_page(request, reference, "workflow", Permission.STEP_OUTSIDE)
    run = Run.objects.filter(case=page["case"], pk=run_id).select_related("case").first()
    if run is None:
        raise Http404
    definition = published.workflow(run.version_id)
    form = Stepping(definition.stages, sent(request))

    def act(given: dict[str, Any]) -> str:
        there = stepping.reopen(run, **given, by=request.user, at=request.now)
        return _("%(workflow)s is reopened at %(stage)s.") % {"workflow": definition.name, "stage": there.stage.name}

    return _page(request, page, form, act, title=_("Reopen %s") % definition.name, button=_("Reopen"))


@needs(Permission.ASK_APPLICANT)
@READ_OR_SEND
def ask(request: DeskRequest, item_id: int) -> HttpResponseBase:
    """Ask the applicant for something by hand, while the case stays where it is."""
    item, page = _open_item(request, item_id, Permission.ASK_APPLICANT)
    form = Asking(sent(request), copy_of=_missing_file(request, item.case))

    def act(given: dict[str, Any]) -> str:
        asked = requests.ask(
            item,
            kind=given["kind"],
            items=form.asked(),
            answer_by=given["answer_by"],
            pauses=given["pauses"],
            by=request.user,
            at=request.now,
        )
        return _("Request %s is open. Nothing was sent: write to the applicant if they do not know.") % asked.number

    told = _("A request is kept on the case until it is answered or cancelled. It sends nothing by itself.")
    return _page(request, page, form, act, title=_("Ask the applicant"), button=_("Keep the request"), told=told)


@needs(Permission.ASK_APPLICANT)
@READ_OR_SEND
def received(request: DeskRequest, reference: str, number: int) -> HttpResponseBase:
    """Record that the applicant answered a request."""
    page, row = _request(request, reference, number)
    form = Received(sent(request))

    def act(given: dict[str, Any]) -> str:
        requests.answer(row, text=given["text"], by=request.user, at=request.now)
        return _("Request %s is answered.") % row.number

    title = _("Request %s was answered") % row.number
    return _page(request, page, form, act, title=title, button=_("Record the answer"), told=_labels(row))


@needs(Permission.ASK_APPLICANT)
@READ_OR_SEND
def cancel(request: DeskRequest, reference: str, number: int) -> HttpResponseBase:
    """Withdraw a request."""
    page, row = _request(request, reference, number)
    form = Cancelling(sent(request))

    def act(given: dict[str, Any]) -> str:
        requests.cancel(row, reason=given["reason"], by=request.user, at=request.now)
        return _("Request %s is cancelled.") % row.number

    title = _("Cancel request %s") % row.number
    return _page(request, page, form, act, title=title, button=_("Cancel the request"), told=_labels(row))


def _missing_file(request: DeskRequest, case: Case) -> str:
    """The name of the document that the link which led here says is not on the case, if one may see that."""
    number = whole.whole(request.GET.get("missing", ""))
    if number is None:
        return ""
    if not (may_see(request, case, Permission.VIEW_DOCUMENTS) and may_see(request, case, Permission.ADD_DOCUMENTS)):
        return ""
    line = missing.named(case, request.user, number)
    return str(line.detail["missing"]) if line else ""


def _open_item(request: DeskRequest, item_id: int, *permissions: Permission) -> tuple[WorkItem, dict[str, Any]]:
    item, page = workflow_page.item_page(request, item_id, *permissions, via="case.workflow.act")
    _refuse_finished(request, item)
    return item, page


def _refuse_finished(request: DeskRequest, item: WorkItem) -> None:
    """Nothing is done at a stage that is over; what the form did already, sent twice, is told where forms are answered."""
    if item.finished_at and not pressed.before(request):
        raise PermissionDenied(_("%s is finished, so nothing more can be done there.") % item.stage.name)


def _request(request: DeskRequest, reference: str, number: int) -> tuple[dict[str, Any], Request]:
    page = case_page(request, reference, "workflow", Permission.ASK_APPLICANT)
    row = page["case"].requests.filter(number=number).select_related("case").first()
    if row is None:
        raise Http404
    return page, row


def _labels(row: Request) -> str:
    return _("Asked for: %s.") % ", ".join(str(one["label"]) for one in row.items)


def _page(
    request: DeskRequest,
    page: dict[str, Any],
    form: Form,
    act: Callable[[dict[str, Any]], str],
    *,
    title: str,
    button: str,
    told: str = "",
    version: int = 0,
) -> HttpResponseBase:
    """The form on a page of its own; sent and sound, the act, what it came to, and the Workflow tab."""
    given = {**page, "title": title, "button": button, "told": told, "version": version}
    onward = ("desk:case_workflow", page["case"].reference)
    return own_page.asked(request, form, act, template="desk/workflow_act.html", page=given, onward=onward)


urlpatterns = [
    path("work/<int:item_id>/pause/", pause, name="pause_clock"),
    path("work/<int:item_id>/pauses/<int:pause_id>/end/", resume, name="resume_clock"),
    path("work/<int:item_id>/extend/", extend, name="extend_target"),
    path("work/<int:item_id>/checklist/", checklist, name="checklist"),
    path("work/<int:item_id>/step-outside/", jump, name="step_outside"),
    path("work/<int:item_id>/ask/", ask, name="ask_applicant"),
    path("cases/<str:reference>/workflow/<int:run_id>/reopen/", reopen, name="reopen_run"),
    path("cases/<str:reference>/requests/<int:number>/received/", received, name="request_received"),
    path("cases/<str:reference>/requests/<int:number>/cancel/", cancel, name="cancel_request"),
]
