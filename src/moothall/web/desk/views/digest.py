"""Everything that failed anywhere, on one page (BEST-31): each with the way to where it is put right."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from moothall.core.accounts.permissions import Permission
from moothall.core.audit import recording
from moothall.domain.cases import sight
from moothall.domain.cases.models import Case, Submission, TimelineEntry
from moothall.domain.exchange import dealing
from moothall.domain.exchange.operations import SendError
from moothall.domain.messages.models import Message
from moothall.web.common import paging, unmade
from moothall.web.common.sent import READ_OR_SEND, sent
from moothall.web.components.forms import Form, Text
from moothall.web.components.parts import numbered
from moothall.web.desk import failures
from moothall.web.desk.access import needs
from moothall.web.desk.finding import allow
from moothall.web.desk.request import DeskRequest

PAGE = 50


class How(Form):
    """How somebody dealt with a failure."""

    note = Text(
        label=gettext_lazy("How was it dealt with?"),
        help_text=gettext_lazy("For example: sent by post instead. It is written on the case."),
        max_length=1000,
        error_messages={"required": gettext_lazy("Say how it was dealt with.")},
    )


@needs(Permission.VIEW_QUEUE)
@require_safe
def digest(request: DeskRequest) -> HttpResponse:
    """What needs somebody, each kind with who deals with it."""
    sections = failures.sections(request.user)
    total = sum(section.count for section in sections)
    recording.searched("failure", by=request.user, at=request.now, via="desk digest", found=total, asked=[])
    page = {
        "sections": sections,
        "total": total,
        "now": request.now,
        "may_manage": request.user.may(Permission.MANAGE_QUEUE),
    }
    return TemplateResponse(request, "desk/digest.html", page)


@needs(Permission.VIEW_QUEUE)
@require_safe
def of_kind(request: DeskRequest, kind: str) -> HttpResponse:
    """Everything of one kind that failed, the last first, in pages."""
    section = next((one for one in failures.sections(request.user) if one.id == kind), None)
    if section is None:
        raise Http404
    here = paging.nearest(request.GET, count=section.rows.count(), size=PAGE)
    lines = [section.line(row) for row in here.of(section.rows)]
    recording.searched("failure", by=request.user, at=request.now, via="desk digest", found=len(lines), asked=[kind])
    page = {
        "section": section,
        "lines": lines,
        "pages": numbered(page=here.number, last=here.last, query=request.GET) if here.last > 1 else None,
        "may_manage": request.user.may(Permission.MANAGE_QUEUE),
    }
    return TemplateResponse(request, "desk/digest_section.html", page)


@needs(Permission.MANAGE_QUEUE)
@require_POST
def retry(request: DeskRequest, submission_id: int) -> HttpResponse:
    """Try again to make a case of an application."""
    submission = unmade.tried(request.user, submission_id)
    if submission is None:
        raise Http404
    try:
        anew = unmade.fetched(submission)
    except SendError as error:
        messages.error(request, str(error))
        return redirect("desk:digest")
    unmade.retry(submission, anew, by=request.user, at=request.now)
    submission.refresh_from_db()
    if submission.case_id is None:
        messages.error(request, _("It failed again: %s") % submission.problem)
    else:
        messages.success(request, _("There is a case of it now."))
    return redirect("desk:digest")


@needs(Permission.VIEW_QUEUE, Permission.MANAGE_QUEUE)
@READ_OR_SEND
def deal(request: DeskRequest, kind: str, row_id: int) -> HttpResponse:
    """Say that a failure was dealt with, and how: it is not listed any longer."""
    subject, case, what = _failed(request, kind, row_id)
    form = How(sent(request))
    if form.is_valid():
        dealing.dealt_with(subject, note=form.cleaned_data["note"], case=case, by=request.user, at=request.now)
        messages.success(request, _("It is marked as dealt with."))
        return redirect("desk:digest")
    if case is not None:
        recording.read(case, by=request.user, at=request.now, via="desk digest.deal")
    failed = bool(form.errors)
    page = {"form": form, "what": what, "case": case, "failed": failed}
    return TemplateResponse(request, "desk/digest_deal.html", page, status=422 if failed else 200)


def _failed(
    request: DeskRequest, kind: str, row_id: int
) -> tuple[Message | Submission | TimelineEntry, Case | None, str]:
    """The failure, its case if it has one, and what it is called."""
    if kind == "message":
        rows = sight.visible_messages(request.user).filter(status=Message.Status.FAILED, pk=row_id)
        message = rows.select_related("case_link__case__service").first()
        if message is None:
            raise Http404
        case = message.case_link.case
        allow(request, case.service.key, Permission.MANAGE_QUEUE)
        return message, case, message.subject or message.get_channel_display()
    if kind == "file":
        lines = dealing.missing_files(sight.visible_timeline(request.user)).filter(pk=row_id)
        line = lines.select_related("case__service").first()
        if line is None:
            raise Http404
        allow(request, line.case.service.key, Permission.MANAGE_QUEUE)
        return line, line.case, str(line.detail["missing"])
    submission = unmade.failed(request.user).filter(pk=row_id).first() if kind == "submission" else None
    if submission is None:
        raise Http404
    return submission, None, f"{submission.source.replace('_', ' ')} {submission.external_id}"


urlpatterns = [
    path("failures/", digest, name="digest"),
    path("failures/<slug:kind>/", of_kind, name="digest_section"),
    path("failures/applications/<int:submission_id>/retry/", retry, name="digest_retry"),
    path("failures/<slug:kind>/<int:row_id>/", deal, name="digest_deal"),
]
