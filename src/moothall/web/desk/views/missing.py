"""Documents of an application that are not on its case: shown among the others, and asked for again."""

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from moothall.connectors.dft_blue_badge import again, fetching
from moothall.connectors.dft_blue_badge.errors import NationalError
from moothall.core.accounts.models import User
from moothall.core.accounts.permissions import Permission
from moothall.domain.cases.models import Case, TimelineEntry
from moothall.domain.documents.actions import Refused
from moothall.domain.exchange import dealing
from moothall.domain.exchange.models import DealtWith
from moothall.web.desk.access import needs
from moothall.web.desk.finding import case_named
from moothall.web.desk.request import DeskRequest

MOST = 40


def missing(case: Case, user: User) -> list[TimelineEntry]:
    """What the timeline of a case says is not here and nobody has dealt with, the newest first.

    For who is confined to documents with certain tags, of those alone.
    """
    lines = dealing.open_ones(_lines(case), DealtWith.Kind.FILE).order_by("-at", "-id")
    return [line for line in lines[:MOST] if _seen(line, case, user)]


@needs(Permission.VIEW_DOCUMENTS, Permission.ADD_DOCUMENTS)
@require_POST
def fetch(request: DeskRequest, reference: str, line_id: int) -> HttpResponse:
    """Ask for a document again that is not here, and put it on the case if it can be had now."""
    case = case_named(request, reference, Permission.VIEW_DOCUMENTS, Permission.ADD_DOCUMENTS)
    line = _lines(case).filter(pk=line_id).select_related("case").first()
    if line is None or not _seen(line, case, request.user):
        raise Http404
    name = line.detail["missing"]
    if not dealing.open_ones(_lines(case).filter(pk=line.pk), DealtWith.Kind.FILE).exists():
        messages.info(request, _("“%s” was dealt with already.") % name)
        return redirect("desk:case_documents", case.reference)
    try:
        file = again.fetch(line)
        again.put(line, file, by=request.user, at=request.now)
    except (NationalError, Refused) as problem:
        messages.error(request, _("“%(name)s” is still not here. %(why)s") % {"name": name, "why": problem})
    else:
        messages.success(request, _("“%s” is here now.") % name)
    return redirect("desk:case_documents", case.reference)


def _lines(case: Case) -> QuerySet[TimelineEntry]:
    return dealing.missing_files(TimelineEntry.objects.filter(case=case))


def _seen(line: TimelineEntry, case: Case, user: User) -> bool:
    """Whether somebody could see the document, were it here."""
    tags, kind = user.document_tags(case.service.key), line.detail.get("type")
    return tags is None or (isinstance(kind, str) and fetching.tag(kind) in tags)


urlpatterns = [path("cases/<str:reference>/documents/missing/<int:line_id>/", fetch, name="missing_file")]
