"""A case: its summary, its timeline, what its service issues, and its tags."""

from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from moothall.core.accounts.permissions import Permission
from moothall.core.lists.actions import TagRefused
from moothall.domain.cases import actions
from moothall.domain.exchange import registers
from moothall.domain.exchange.operations import SendError
from moothall.kit.invalid import Invalid
from moothall.web.components.parts import Column
from moothall.web.desk import case_issued, case_summary, case_timeline, case_to_do, questions, workflow_page
from moothall.web.desk.access import needs
from moothall.web.desk.case_page import ISSUED, SUMMARY, case_page, issued_of, may_see
from moothall.web.desk.finding import case_named, case_read
from moothall.web.desk.forms.case import CaseTags, FindLine
from moothall.web.desk.request import DeskRequest
from moothall.web.desk.views import errors


@needs(Permission.VIEW_CASES)
@require_safe
def case(request: DeskRequest, reference: str) -> HttpResponse:
    """What the case is, whom it is for, and what else there is to know before working on it."""
    page = case_page(request, reference, SUMMARY)
    found = page["case"]
    summary = case_summary.summary(request, found)
    may_open = may_see(request, found, Permission.OPEN_CASES) and request.user.may(Permission.VIEW_PEOPLE)
    tags = summary["tags"]
    given = {"tags": tags.chosen, "before": " ".join(tags.chosen)}
    may_start = may_see(request, found, Permission.START_WORKFLOWS)
    more = {
        "case_rows": [*summary["case_rows"], *case_summary.told(page["waiting"])],
        "may_open": may_open,
        "to_do": case_to_do.section(found, user=request.user, now=request.now),
        "may_plan": may_see(request, found, Permission.MANAGE_INTENTIONS),
        "startable": workflow_page.startable(found, by=request.user) if may_start else [],
        "similar_columns": _columns(_("Reference"), _("Customer"), _("Why"), _("Opened"), _("State")),
        "namesake_columns": _columns(_("Reference"), _("Customer"), _("Opened"), _("State")),
        "linked_columns": _columns(_("This case is"), _("Customer"), _("Why"), _("Where it is")),
        "access_columns": _columns(_("Who"), _("When"), _("Where")),
    }
    return TemplateResponse(
        request, "desk/case.html", {**page, **summary, **more, "tag_form": CaseTags(tags.offered, initial=given)}
    )


@needs(Permission.EDIT_CASES)
@require_POST
def tags(request: DeskRequest, reference: str) -> HttpResponse:
    """Put tags on the case and take tags off, as ticked."""
    found = case_named(request, reference, Permission.EDIT_CASES)
    form = CaseTags(case_summary.tags(found).offered, request.POST)
    if not form.is_valid():
        messages.error(request, _("One of these tags is no longer in use. Choose again."))
        return redirect("desk:case", found.reference)
    put, taken = form.changes()
    try:
        actions.tag_case(found, set=put, remove=taken, by=request.user, at=request.now)
    except TagRefused as refused:
        messages.error(request, str(refused))
    else:
        if put or taken:
            messages.success(request, _("The tags were changed."))
    return redirect("desk:case", found.reference)


@needs(Permission.SEARCH_NATIONALLY)
@require_POST
def national(request: DeskRequest, reference: str) -> HttpResponseBase:
    """Ask the national register of the case's service anew what the customer holds."""
    found = case_read(request, reference, Permission.SEARCH_NATIONALLY, via="case.national")
    register = registers.of_service(found.service.key)
    if register is None:
        return errors.said(request, 409, _("This is not asked nationally"), _("The case is of another service."))
    try:
        register.ask_of(found, by=request.user, at=request.now)
    except (Invalid, SendError) as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("The national service was asked."))
    return redirect("desk:case", found.reference)


@needs(Permission.VIEW_TIMELINE)
@require_safe
def timeline(request: DeskRequest, reference: str) -> HttpResponse:
    """What happened on the case, the last first."""
    page = case_page(request, reference, "timeline")
    shown = case_timeline.shown(request, page["case"])
    status = 422 if shown["failed"] else 200
    return TemplateResponse(request, "desk/case_timeline.html", {**page, **shown}, status=status)


@needs(Permission.VIEW_TIMELINE)
@require_POST
def timeline_find(request: DeskRequest, reference: str) -> HttpResponse:
    """Look for words in the timeline: kept in the session, for they may name somebody."""
    found = case_named(request, reference, Permission.VIEW_TIMELINE)
    form = FindLine(request.POST)
    text = form.cleaned_data["text"] if form.is_valid() else ""
    kind = request.POST.get("kind", "")
    query = {"kind": kind} if kind in case_timeline.KINDS else {}
    if text:
        query["find"] = questions.keep(request, case_timeline.FIND, {"text": text}, at=request.now)
    return redirect(reverse("desk:case_timeline", args=[found.reference]) + (f"?{urlencode(query)}" if query else ""))


@needs(Permission.VIEW_BADGE)
@require_safe
def issued(request: DeskRequest, reference: str) -> HttpResponse:
    """What the service issues as it was asked for on this case, and those the customer has had."""
    page = case_page(request, reference, ISSUED)
    declared = issued_of(page["case"])
    if declared is None:
        raise Http404
    columns = _columns(_("Number"), _("Status"), _("From"), _("Until"))
    details = case_issued.shown(page["case"], declared, request.user)
    return TemplateResponse(
        request, "desk/case_issued.html", {**page, **details, "issued": declared, "columns": columns}
    )


def _columns(*names: str) -> list[Column]:
    return [Column(name) for name in names]


urlpatterns = [
    path("cases/<str:reference>/", case, name="case"),
    path("cases/<str:reference>/tags/", tags, name="case_tags"),
    path("cases/<str:reference>/national/", national, name="case_national"),
    path("cases/<str:reference>/timeline/", timeline, name="case_timeline"),
    path("cases/<str:reference>/timeline/find/", timeline_find, name="timeline_find"),
    path("cases/<str:reference>/issued/", issued, name="case_issued"),
]
