"""Documents of an application that are not on its case: fetched again, or asked of the applicant once more."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from moothall.core.accounts.permissions import Permission
from moothall.domain.cases.models import Case, TimelineEntry
from moothall.domain.documents.actions import Refused
from moothall.domain.exchange import dealing
from moothall.domain.exchange.operations import SendError
from moothall.web.common import missing
from moothall.web.desk import another_copy
from moothall.web.desk.access import needs
from moothall.web.desk.case_page import case_page, may_see
from moothall.web.desk.finding import case_named
from moothall.web.desk.request import DeskRequest


@needs(Permission.VIEW_DOCUMENTS, Permission.ADD_DOCUMENTS)
@require_POST
def fetch(request: DeskRequest, reference: str, line_id: int) -> HttpResponse:
    """Ask for a document again that is not here, and put it on the case if it can be had now."""
    case = case_named(request, reference, Permission.VIEW_DOCUMENTS, Permission.ADD_DOCUMENTS)
    line = _line(request, case, line_id)
    name = line.detail["missing"]
    if not dealing.waits(line):
        messages.info(request, _("“%s” was dealt with already.") % name)
        return redirect("desk:case_documents", case.reference)
    try:
        put = missing.again(line, by=request.user, at=request.now)
    except (SendError, Refused) as problem:
        messages.error(request, _("“%(name)s” is still not here. %(why)s") % {"name": name, "why": problem})
    else:
        if put:
            messages.success(request, _("“%s” is here now.") % name)
        else:
            messages.info(request, _("“%s” was dealt with already.") % name)
    return redirect("desk:case_documents", case.reference)


@needs(Permission.VIEW_DOCUMENTS, Permission.ADD_DOCUMENTS, Permission.VIEW_WORK)
@require_safe
def ask(request: DeskRequest, reference: str, line_id: int) -> HttpResponse:
    """How to ask the applicant for another copy, as the case stands now; where one outcome does it, straight to that."""
    allowed = (Permission.ADD_DOCUMENTS, Permission.VIEW_WORK)
    page = case_page(request, reference, "documents", *allowed)
    case = page["case"]
    line = _line(request, case, line_id)
    if not dealing.waits(line):
        messages.info(request, _("“%s” was dealt with already.") % line.detail["missing"])
        return redirect("desk:case_documents", case.reference)
    waiting = [one.item for one in page["waiting"]]
    for item in waiting:
        item.case = case
    ways = another_copy.ways(waiting, missing.tag(line), by=request.user, at=request.now)
    if len(ways) == 1 and ways[0].asks:
        return redirect(ways[0].address)
    may = {
        "ask": may_see(request, case, Permission.ASK_APPLICANT),
        "write": may_see(request, case, Permission.SEND_MESSAGES),
    }
    given = {"line": line, "ways": ways, "by_hand": another_copy.by_hand(waiting, by=request.user), "may": may}
    return TemplateResponse(request, "desk/another_copy.html", {**page, **given})


def _line(request: DeskRequest, case: Case, line_id: int) -> TimelineEntry:
    line = missing.named(case, request.user, line_id)
    if line is None:
        raise Http404
    return line


urlpatterns = [
    path("cases/<str:reference>/documents/missing/<int:line_id>/", fetch, name="missing_file"),
    path("cases/<str:reference>/documents/missing/<int:line_id>/ask/", ask, name="another_copy"),
]
