"""The documents of a case: listed, put on it, looked at in the browser, tagged, deleted for good (CT-50, CT-51)."""

import hashlib
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import FileResponse, Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from moothall.core.accounts.permissions import Permission
from moothall.core.audit import recording
from moothall.core.lists.actions import TagRefused
from moothall.core.lists.models import Tag
from moothall.domain.cases import actions, filing, sight
from moothall.domain.cases.models import Case
from moothall.domain.documents import actions as files
from moothall.domain.documents import content as contents
from moothall.domain.documents.models import Document
from moothall.web.components.parts import Column
from moothall.web.desk.access import needs
from moothall.web.desk.case_page import case_page, may_see
from moothall.web.desk.finding import case_named, case_read
from moothall.web.desk.forms.case import CaseTags
from moothall.web.desk.forms.papers import Reason, Upload
from moothall.web.desk.request import DeskRequest
from moothall.web.ops.middleware import CONTENT_SECURITY_POLICY

MOST = 500
TWICE = timedelta(minutes=1)
"""The same file of the same person within this time is one file, sent twice."""
PICTURES = frozenset({contents.JPEG, contents.PNG, contents.GIF})
SHOWN = PICTURES | {contents.PDF}
"""Kinds of file a browser shows by itself and runs nothing of."""
SEALED = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'"
ORIGINS = {
    "applicant": gettext_lazy("Applicant"),
    "officer": gettext_lazy("Officer"),
    "generated": gettext_lazy("Made here"),
}


@needs(Permission.VIEW_DOCUMENTS)
@require_http_methods(["GET", "HEAD", "POST"])
def documents(request: DeskRequest, reference: str) -> HttpResponse:
    """The documents one may see, and a way to add more."""
    posted = request.method == "POST"
    page = case_page(request, reference, "documents", *([Permission.ADD_DOCUMENTS] if posted else []))
    case, known = page["case"], _tags()
    offered = [(tag.key, tag.label) for tag in known.values() if not tag.system and not tag.retired_on]
    form = Upload(offered, request.POST, request.FILES) if posted else Upload(offered)
    if posted and form.is_valid():
        _add(request, case, form)
        if form.is_valid():
            return redirect("desk:case_documents", case.reference)
    rows = sight.visible_documents(request.user).filter(case_link__case=case).select_related("created_by")
    given = {
        "form": form,
        "failed": posted,
        "lines": [_line(row, known) for row in rows.order_by("-created_at", "-id")[:MOST]],
        "columns": [Column(name) for name in (_("Name"), _("Tags"), _("From"), _("Added"), _("By"))],
        "may_add": may_see(request, case, Permission.ADD_DOCUMENTS),
    }
    return TemplateResponse(request, "desk/case_documents.html", {**page, **given}, status=422 if posted else 200)


@needs(Permission.VIEW_DOCUMENTS)
@require_safe
def document(request: DeskRequest, reference: str, document_id: int) -> HttpResponse:
    """One document: shown where a browser can, with its tags."""
    page = case_page(request, reference, "documents")
    found, known = _document(request, page["case"], document_id), _tags()
    offered = [(tag.key, tag.label) for tag in known.values() if not tag.system and not tag.retired_on]
    chosen = sorted(set(found.tags) & {key for key, label in offered})
    given = {
        "line": _line(found, known),
        "is_picture": found.media_type in PICTURES,
        "is_pdf": found.media_type == contents.PDF,
        "may_tag": may_see(request, page["case"], Permission.ADD_DOCUMENTS) and offered,
        "may_delete": may_see(request, page["case"], Permission.DELETE_DOCUMENTS),
        "tag_form": CaseTags(offered, initial={"tags": chosen, "before": " ".join(chosen)}),
    }
    response = TemplateResponse(request, "desk/case_document.html", {**page, **given})
    response["Content-Security-Policy"] = f"{CONTENT_SECURITY_POLICY}; frame-src 'self'"  # a PDF is shown in a frame
    return response


@needs(Permission.VIEW_DOCUMENTS)
@require_safe
def file(request: DeskRequest, reference: str, document_id: int) -> HttpResponseBase:
    """The file itself: pictures and PDF to look at within our own pages, everything else, and on asking, to keep."""
    case = case_read(request, reference, Permission.VIEW_DOCUMENTS, via="case.document.file")
    found = _document(request, case, document_id)
    recording.read(found, by=request.user, at=request.now, via="desk case.document.file")
    response = FileResponse(
        files.open_file(found),
        as_attachment=found.media_type not in SHOWN or "download" in request.GET,
        filename=found.name,
        content_type=found.media_type,
    )
    response["Content-Security-Policy"] = SEALED
    response["X-Content-Type-Options"] = "nosniff"
    response["X-Frame-Options"] = "SAMEORIGIN"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return response


@needs(Permission.VIEW_DOCUMENTS, Permission.ADD_DOCUMENTS)
@require_POST
def tag(request: DeskRequest, reference: str, document_id: int) -> HttpResponse:
    """Put tags on a document and take tags off, as ticked."""
    case = case_named(request, reference, Permission.VIEW_DOCUMENTS, Permission.ADD_DOCUMENTS)
    found = _document(request, case, document_id)
    form = CaseTags([(one.key, one.label) for one in _tags().values() if not one.system], request.POST)
    if form.is_valid():
        put, taken = form.changes()
        try:
            actions.tag_document(case, found, set=put, remove=taken, by=request.user, at=request.now)
        except TagRefused as refused:
            messages.error(request, str(refused))
        else:
            messages.success(request, _("The tags of “%s” are saved.") % found.name)
    else:
        messages.error(request, _("One of these tags is no longer in use. Choose again."))
    if not _visible(request, case).filter(pk=found.pk).exists():
        return redirect("desk:case_documents", case.reference)
    return redirect("desk:case_document", case.reference, found.pk)


@needs(Permission.VIEW_DOCUMENTS, Permission.DELETE_DOCUMENTS)
@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: DeskRequest, reference: str, document_id: int) -> HttpResponse:
    """Delete a document for good, with a reason."""
    page = case_page(request, reference, "documents", Permission.DELETE_DOCUMENTS)
    case = page["case"]
    found = _document(request, case, document_id)
    form = Reason(request.POST if request.method == "POST" else None)
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


def _add(request: DeskRequest, case: Case, form: Upload) -> None:
    """Put each file on the case that can be taken; the others are errors of the form."""
    added = 0
    for one in form.cleaned_data["uploads"]:
        problem = _take(request, case, one, form.cleaned_data["tags"])
        if problem:
            form.add_error("uploads", f"{one.name}: {problem}")
        else:
            added += 1
    if added:
        messages.success(request, ngettext("%s file was added.", "%s files were added.", added) % added)


def _take(request: DeskRequest, case: Case, one: "UploadedFile[Any]", tags: list[str]) -> str:
    """Why a file cannot be taken; empty when it was."""
    if (one.size or 0) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
        return _("This file is too large.")
    content = one.read()
    same = {"name": one.name, "sha256": hashlib.sha256(content).hexdigest()}
    if _visible(request, case).filter(created_by=request.user, created_at__gt=request.now - TWICE, **same).exists():
        return ""  # the button was pressed twice
    try:
        filing.add_document(
            case,
            name=one.name or "document",
            content=content,
            origin=Document.Origin.OFFICER,
            tags=tags,
            by=request.user,
            at=request.now,
        )
    except (files.Refused, TagRefused) as refused:
        return str(refused)
    return ""


def _visible(request: DeskRequest, case: Case) -> Any:
    return sight.visible_documents(request.user).filter(case_link__case=case)


def _document(request: DeskRequest, case: Case, document_id: int) -> Document:
    found: Document | None = _visible(request, case).select_related("created_by").filter(pk=document_id).first()
    if found is None:
        raise Http404
    return found


def _tags() -> dict[str, Tag]:
    return {tag.key: tag for tag in Tag.objects.filter(applies_to=Tag.Applies.DOCUMENT).order_by("label")}


def _line(row: Document, known: dict[str, Tag]) -> dict[str, Any]:
    labels = [known[key].label if key in known else key.replace("_", " ") for key in row.tags]
    return {"row": row, "tags": labels, "origin": str(ORIGINS.get(row.origin, row.origin))}


urlpatterns = [
    path("cases/<str:reference>/documents/", documents, name="case_documents"),
    path("cases/<str:reference>/documents/<int:document_id>/", document, name="case_document"),
    path("cases/<str:reference>/documents/<int:document_id>/file/", file, name="case_file"),
    path("cases/<str:reference>/documents/<int:document_id>/tags/", tag, name="case_document_tags"),
    path("cases/<str:reference>/documents/<int:document_id>/delete/", delete, name="case_document_delete"),
]
