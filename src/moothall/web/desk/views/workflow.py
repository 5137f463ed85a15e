"""The Workflow tab of a case: where it is, what may be chosen, what was asked, what was; and a workflow started."""

from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from moothall.core.accounts.models import User
from moothall.core.accounts.permissions import Permission
from moothall.core.compiled import compiled
from moothall.domain.cases import progress, sight
from moothall.domain.cases.models import Request as Asked
from moothall.domain.cases.models import Run, WorkItem
from moothall.domain.messages.models import Message
from moothall.domain.opinions.models import Opinion
from moothall.domain.workflow import diagram, published
from moothall.domain.workflow.definition import Intend, Outcome
from moothall.kit.calendars import LONDON
from moothall.kit.invalid import Invalid
from moothall.web.common.sent import READ_OR_SEND, sent
from moothall.web.desk import own_page, workflow_page
from moothall.web.desk.access import needs
from moothall.web.desk.case_page import case_page, may_see
from moothall.web.desk.finding import case_named
from moothall.web.desk.forms.workflow import Picking, Starting
from moothall.web.desk.request import DeskRequest

_DRAWN = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
MOST_REQUESTS = 50
MOST_MESSAGES = 10


@needs(Permission.VIEW_WORK)
@require_safe
def workflow(request: DeskRequest, reference: str) -> HttpResponse:
    """Where the case is in each run, and everything one may do about it."""
    page = case_page(request, reference, "workflow")
    case, user = page["case"], request.user
    asked = _asked(case=case.pk)
    may = {name: may_see(request, case, permission) for name, permission in _ACTS.items()}
    sent = _sent(user, case=case.pk)
    going = workflow_page.going(case, page["waiting"], asked, by=user, at=request.now)
    return TemplateResponse(
        request,
        "desk/workflow.html",
        {
            **page,
            "going": going,
            "asked": asked,
            "may": may,
            "opinions": _opinions(case=case.pk) if may["opinions"] else [],
            "sent": sent[:MOST_MESSAGES],
            "more_sent": len(sent) > MOST_MESSAGES,
            "today": request.now.astimezone(LONDON).date(),
        },
    )


@compiled(prepared=True)
def _asked(*, case: int) -> QuerySet[Asked]:
    return Asked.objects.filter(case=case).select_related("asked_by", "ended_by").order_by("-number")[:MOST_REQUESTS]


@compiled(prepared=True)
def _opinions(*, case: int) -> QuerySet[Opinion]:
    asked = Opinion.objects.filter(case=case).select_related("asked_by").defer("draft", "form")
    return asked.order_by("-number")[:MOST_REQUESTS]


@compiled(prepared=True)
def _sent(user: User, *, case: int) -> QuerySet[Message]:
    sent = sight.visible_messages(user).filter(case_link__case=case).defer("html")
    return sent.order_by("-id")[: MOST_MESSAGES + 1]


_ACTS = {
    "start": Permission.START_WORKFLOWS,
    "extend": Permission.EXTEND_TARGETS,
    "step": Permission.STEP_OUTSIDE,
    "ask": Permission.ASK_APPLICANT,
    "send": Permission.SEND_MESSAGES,
    "opinions": Permission.VIEW_OPINIONS,
    "ask_opinions": Permission.ASK_OPINIONS,
    "notes": Permission.VIEW_NOTES,
    "plan": Permission.MANAGE_INTENTIONS,
}


@needs(Permission.VIEW_WORK)
@require_safe
def pick(request: DeskRequest, item_id: int) -> HttpResponseBase:
    """To the page of the outcome that was picked; without one, the question again."""
    item, page = workflow_page.item_page(request, item_id, via="case.workflow.outcomes")
    offered = progress.permitted(item, by=request.user, at=request.now)
    form = Picking([one.outcome for one in offered if not one.reasons], request.GET or None)
    if form.is_bound and form.is_valid():
        return redirect("desk:outcome", item_id, form.cleaned_data["outcome"])
    given = {**page, "form": form, "failed": form.is_bound}
    return TemplateResponse(request, "desk/workflow_pick.html", given, status=422 if form.is_bound else 200)


@needs(Permission.START_WORKFLOWS)
@READ_OR_SEND
def start(request: DeskRequest, reference: str) -> HttpResponseBase:
    """Start a workflow of the case's service by hand, of those one may: of one named in the address after being asked."""
    page = case_page(request, reference, "workflow", Permission.START_WORKFLOWS)
    case = page["case"]
    found = workflow_page.startable(case, by=request.user)
    named = request.GET.get("workflow")
    chosen = next((one for one in found if one.key == named), None)

    def act(given: dict[str, Any]) -> str:
        try:
            run = progress.start(case, given["workflow"], by=request.user, at=request.now, by_hand=True)
        except LookupError as unknown:
            raise Invalid(str(unknown)) from unknown
        return _("%s started.") % published.workflow(run.version_id).name

    form = Starting(found, sent(request), initial={"workflow": chosen.key} if chosen else None)
    given = {**page, "found": found, "chosen": chosen, "begins": chosen.stage(chosen.start).name if chosen else ""}
    onward = ("desk:case_workflow", case.reference)
    return own_page.asked(request, form, act, template="desk/workflow_start.html", page=given, onward=onward)


@needs(Permission.VIEW_WORK)
@require_safe
def drawing(request: DeskRequest, reference: str, run_id: int) -> HttpResponse:
    """The flow diagram of a run as a picture, with its stage lit for who may see it."""
    case = case_named(request, reference, Permission.VIEW_WORK)
    run, current = _run(request, case.pk, run_id)
    response = HttpResponse(diagram.svg(published.workflow(run.version_id), current=current), "image/svg+xml")
    response["Content-Security-Policy"] = _DRAWN
    return response


@needs(Permission.VIEW_WORK)
@require_safe
def flow(request: DeskRequest, reference: str, run_id: int) -> HttpResponse:
    """The flow diagram of a run, large, and the same in words."""
    page = case_page(request, reference, "workflow")
    run, current = _run(request, page["case"].pk, run_id)
    definition = published.workflow(run.version_id)
    stages = [
        (stage, stage.id == current, [(one, diagram.leads_to(definition, one), _adds(one)) for one in stage.outcomes])
        for stage in definition.stages
    ]
    given = {**page, "run": run, "workflow": definition, "stages": stages}
    return TemplateResponse(request, "desk/workflow_flow.html", given)


def _adds(outcome: Outcome) -> list[str]:
    """What an outcome may add to what is to be done."""
    return [effect.text for effect in outcome.do if isinstance(effect, Intend)]


def _run(request: DeskRequest, case_id: int, run_id: int) -> tuple[Run, str | None]:
    run = Run.objects.filter(case=case_id, pk=run_id).first()
    if run is None:
        raise Http404
    item = WorkItem.objects.visible_to(request.user).open().filter(run=run).select_related("stage").first()
    return run, item.stage.key if item else None


urlpatterns = [
    path("cases/<str:reference>/workflow/", workflow, name="case_workflow"),
    path("cases/<str:reference>/workflow/start/", start, name="start_workflow"),
    path("cases/<str:reference>/workflow/<int:run_id>/", flow, name="flow"),
    path("cases/<str:reference>/workflow/<int:run_id>/diagram.svg", drawing, name="diagram"),
    path("work/<int:item_id>/outcomes/", pick, name="pick_outcome"),
]
