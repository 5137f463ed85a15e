"""One document looked at beside its case, or two side by side; turned, deleted for good (CT-50)."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from moothall.core.accounts.permissions import Permission
from moothall.core.audit import recording
from moothall.domain.cases import actions
from moothall.domain.documents import actions as files
from moothall.domain.documents import content as contents
from moothall.domain.documents import pages, pictures
from moothall.domain.documents.models import Document
from moothall.kit.framing import TURNS, Frame
from moothall.web.common import paging
from moothall.web.common.files import seal, served
from moothall.web.common.sent import READ_OR_SEND, sent
from moothall.web.common.whole import whole
from moothall.web.desk import viewer
from moothall.web.desk.access import needs
from moothall.web.desk.case_page import case_page, may_see
from moothall.web.desk.finding import case_named, case_read
from moothall.web.desk.forms.papers import Reason
from moothall.web.desk.letters import framing
from moothall.web.desk.request import DeskRequest
from moothall.web.desk.uploading import settable, tags
from moothall.web.desk.views.documents import line, tag_form

MOST = 200  # documents to compare with


@needs(Permission.VIEW_DOCUMENTS)
@require_safe
def document(request: DeskRequest, reference: str, document_id: int) -> HttpResponse:
    """One document: shown where it can be, with its tags and the way to those before and after it."""
    page = case_page(request, reference, "documents")
    case = page["case"]
    found, known = viewer.named(request, case, document_id), tags()
    may_add = may_see(request, case, Permission.ADD_DOCUMENTS)
    before, after = viewer.neighbours(request, case, found)
    others = viewer.visible(request, case).exclude(pk=found.pk).order_by("-created_at", "-id")
    given = {
        "line": line(found, known),
        "pane": viewer.pane(request, case, found),
        "before": before,
        "after": after,
        "others": others.values_list("pk", "name")[:MOST],
        "may_turn": may_add and found.media_type in contents.PICTURES,
        "may_tag": may_add and settable(known, case, has=found.tags),
        "may_delete": may_see(request, case, Permission.DELETE_DOCUMENTS),
        "tag_form": tag_form(case, found, known),
    }
    return framing(TemplateResponse(request, "desk/case_document.html", {**page, **given}))


@needs(Permission.VIEW_DOCUMENTS)
@require_safe
def compare(request: DeskRequest, reference: str) -> HttpResponse:
    """Two documents side by side; while there are not two, the choice of them."""
    page = case_page(request, reference, "documents")
    case = page["case"]
    asked = [one for given in dict.fromkeys(request.GET.getlist("document")) if (one := whole(given)) is not None]
    found = [viewer.named(request, case, one) for one in asked[:2]]
    if len(asked) != 2:
        offered = viewer.visible(request, case).order_by("-created_at", "-id").values_list("pk", "name")[:MOST]
        given = {**page, "offered": offered, "chosen": {one.pk for one in found}, "many": len(asked) > 2}
        return TemplateResponse(request, "desk/case_compare_choose.html", given)
    panes = [viewer.pane(request, case, one, prefix=side) for one, side in zip(found, ("a_", "b_"), strict=True)]
    turned_round = f"?document={found[1].pk}&document={found[0].pk}"
    given = {**page, "panes": panes, "turned_round": turned_round}
    return framing(TemplateResponse(request, "desk/case_compare.html", given))


@needs(Permission.VIEW_DOCUMENTS)
@require_safe
def file(request: DeskRequest, reference: str, document_id: int) -> HttpResponseBase:
    """The file itself: pictures and PDF to look at within our own pages, everything else, and on asking, to keep."""
    case = case_read(request, reference, Permission.VIEW_DOCUMENTS, via="case.document.file")
    found = viewer.named(request, case, document_id)
    recording.read(found, by=request.user, at=request.now, via="desk case.document.file")
    return served(found, download="download" in request.GET, framed=True)


@needs(Permission.VIEW_DOCUMENTS)
@require_safe
def picture(request: DeskRequest, reference: str, document_id: int) -> HttpResponseBase:
    """A document as a picture: turned as it was turned or as asked, or a page of a PDF."""
    case = case_read(request, reference, Permission.VIEW_DOCUMENTS, via="case.document.picture")
    found = viewer.named(request, case, document_id)
    page, turn = paging.asked(request.GET), whole(request.GET.get("turn", str(found.turned)))
    if turn not in TURNS:
        raise Http404
    try:
        made = _made(found, page, turn)
    except pictures.NoPicture as problem:
        raise Http404(str(problem)) from problem
    recording.read(found, by=request.user, at=request.now, via="desk case.document.picture")
    response = HttpResponse(made, "image/jpeg")
    seal(response, framed=True)
    return response


@needs(Permission.VIEW_DOCUMENTS, Permission.ADD_DOCUMENTS)
@require_POST
def turn(request: DeskRequest, reference: str, document_id: int) -> HttpResponse:
    """Turn a picture, wherever it is shown."""
    case = case_named(request, reference, Permission.VIEW_DOCUMENTS, Permission.ADD_DOCUMENTS)
    found = viewer.named(request, case, document_id)
    degrees = whole(request.POST.get("degrees", "")) or 0
    try:
        actions.turn_document(case, found, degrees=degrees, by=request.user, at=request.now)
    except files.Refused as refused:
        messages.error(request, str(refused))
    except Document.DoesNotExist as gone:
        raise Http404 from gone
    return redirect("desk:case_document", case.reference, found.pk)


@needs(Permission.VIEW_DOCUMENTS, Permission.DELETE_DOCUMENTS)
@READ_OR_SEND
def delete(request: DeskRequest, reference: str, document_id: int) -> HttpResponse:
    """Delete a document for good, with a reason."""
    page = case_page(request, reference, "documents", Permission.DELETE_DOCUMENTS)
    case = page["case"]
    found = viewer.named(request, case, document_id)
    form = Reason(sent(request))
    if form.is_valid():
        name = found.name
        try:
            actions.delete_document(case, found, reason=form.cleaned_data["reason"], by=request.user, at=request.now)
        except Document.DoesNotExist as gone:  # somebody was faster
            raise Http404 from gone
        messages.success(request, _("“%s” was deleted.") % name)
        return redirect("desk:case_documents", case.reference)
    given = {**page, "form": form, "document": found, "failed": form.is_bound}
    return TemplateResponse(request, "desk/case_document_delete.html", given, status=422 if form.is_bound else 200)


def _made(document: Document, page: int, degrees: int) -> bytes:
    if document.media_type in contents.PICTURES:
        return pictures.shown(document, turned=degrees)
    if document.media_type != contents.PDF:
        raise pictures.NoPicture(_("This kind of file is not shown here. Download it to open it."))
    drawn = pages.jpeg(document, page)
    frame = Frame(turned=degrees)
    return pictures.jpeg(drawn, name=document.name, longest=pages.LONGEST, frame=frame) if degrees else drawn


_ONE = "cases/<str:reference>/documents/<int:document_id>/"
urlpatterns = [
    path("cases/<str:reference>/documents/compare/", compare, name="compare_documents"),
    path(_ONE, document, name="case_document"),
    path(f"{_ONE}file/", file, name="case_file"),
    path(f"{_ONE}picture/", picture, name="case_picture"),
    path(f"{_ONE}turn/", turn, name="turn_document"),
    path(f"{_ONE}delete/", delete, name="case_document_delete"),
]
