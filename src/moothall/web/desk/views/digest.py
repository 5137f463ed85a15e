"""Everything that failed anywhere, on one page (BEST-31): each with the way to where it is put right."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from moothall.connectors.dft_blue_badge.errors import NationalError
from moothall.core.accounts.permissions import Permission
from moothall.core.audit import recording
from moothall.domain.cases import sight, stuck
from moothall.domain.cases.models import WorkItem
from moothall.domain.exchange import entries
from moothall.domain.exchange.models import Item
from moothall.domain.messages.models import Message
from moothall.web.common import unmade
from moothall.web.components.parts import Column, Link
from moothall.web.desk.access import needs
from moothall.web.desk.request import DeskRequest

SHOWN = 20
COUNTED = 1000


@dataclass(frozen=True)
class Line:
    """One thing that failed. `retry` is where to post to try again."""

    what: Link
    case: str
    problem: str
    at: datetime
    retry: str = ""


@dataclass(frozen=True)
class Section:
    """One kind of failure, with how many there are and the first of them."""

    title: str
    id: str
    count: int
    lines: list[Line]
    all: Link | None = None
    columns: list[Column] = field(default_factory=list)


@needs(Permission.VIEW_QUEUE)
@require_safe
def digest(request: DeskRequest) -> HttpResponse:
    """Messages, queue, applications and stages that need somebody, of what one may see."""
    sections = [_messages(request), *_queue(request), _applications(request), _stages(request)]
    total = sum(section.count for section in sections)
    recording.searched("failure", by=request.user, at=request.now, via="desk digest", found=total, asked=[])
    page = {"sections": sections, "total": total, "now": request.now}
    return TemplateResponse(request, "desk/digest.html", page)


@needs(Permission.MANAGE_QUEUE)
@require_POST
def retry(request: DeskRequest, submission_id: int) -> HttpResponse:
    """Try again to make a case of an application."""
    submission = unmade.tried(request.user, submission_id)
    if submission is None:
        raise Http404
    try:
        anew = unmade.fetched(submission)
    except NationalError as error:
        messages.error(request, str(error))
        return redirect("desk:digest")
    unmade.retry(submission, anew, by=request.user, at=request.now)
    submission.refresh_from_db()
    if submission.case_id is None:
        messages.error(request, _("It failed again: %s") % submission.problem)
    else:
        messages.success(request, _("There is a case of it now."))
    return redirect("desk:digest")


def _messages(request: DeskRequest) -> Section:
    rows = sight.visible_messages(request.user).filter(status=Message.Status.FAILED)
    rows = rows.select_related("case_link__case").defer("html").order_by("-created_at", "-id")

    def line(row: Any) -> Line:
        reference = row.case_link.case.reference
        return Line(
            _case_link(row.subject or row.get_channel_display(), reference), reference, row.problem, row.created_at
        )

    return _section(_("Messages that could not be delivered"), "messages", rows, line)


def _queue(request: DeskRequest) -> list[Section]:
    kinds = {
        Item.Status.ERROR: _("Integrations that failed"),
        Item.Status.PAUSED: _("Integrations that are paused"),
    }

    def line(row: Item) -> Line:
        link = Link(entries.title(row), reverse("desk:queue_item", args=[row.pk]))
        why = row.problem if row.status == Item.Status.ERROR else row.pause_reason
        return Line(link, row.case.reference, why, row.created_at)

    found = []
    for status, title in kinds.items():
        rows = (
            Item.objects.visible_to(request.user)
            .filter(status=status)
            .select_related("case")
            .defer("case__submitted", "sent")
        )
        link = Link(_("All of them"), f"{reverse('desk:queue')}?{urlencode({'status': status})}")
        found.append(_section(title, str(status), rows.order_by("-created_at", "-id"), line, all_of_them=link))
    return found


def _applications(request: DeskRequest) -> Section:
    def line(row: Any) -> Line:
        name = f"{row.source.replace('_', ' ')} {row.external_id}"
        return Line(Link(name, ""), "", row.problem, row.received_at, reverse("desk:digest_retry", args=[row.pk]))

    return _section(_("Applications no case could be made of"), "applications", unmade.failed(request.user), line)


def _stages(request: DeskRequest) -> Section:
    seen = WorkItem.objects.visible_to(request.user).values("id")
    rows = stuck.stages().filter(pk__in=seen).select_related("case", "stage").defer("case__submitted")

    def line(row: WorkItem) -> Line:
        said = _("It could not go on by itself: the reason is in an important note.")
        return Line(_case_link(row.stage.name, row.case.reference), row.case.reference, said, row.entered_at)

    return _section(_("Automatic stages that are stuck"), "stages", rows.order_by("-entered_at", "-id"), line)


def _section(
    title: str, id: str, rows: QuerySet[Any], line: Callable[[Any], Line], *, all_of_them: Link | None = None
) -> Section:
    columns = [Column(_("What")), Column(_("Case")), Column(_("Why")), Column(_("Since"))]
    if id == "applications":
        columns = [Column(_("What")), Column(_("Why")), Column(_("Since")), Column(_("Try again"), hidden=True)]
    count = rows.order_by()[:COUNTED].count()
    return Section(title, id, count, [line(row) for row in rows[:SHOWN]] if count else [], all_of_them, columns)


def _case_link(text: str, reference: str) -> Link:
    return Link(text, reverse("desk:case", args=[reference]))


urlpatterns = [
    path("failures/", digest, name="digest"),
    path("failures/applications/<int:submission_id>/retry/", retry, name="digest_retry"),
]
