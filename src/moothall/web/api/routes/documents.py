"""Documents of a case: listed, uploaded, downloaded, tagged, deleted for good."""

from typing import Literal

from django.conf import settings
from django.http import FileResponse
from django.http.response import HttpResponseBase
from ninja import File, Form, Query, Schema, UploadedFile
from pydantic import Field

from moothall.connectors.dft_blue_badge import fetching, papers
from moothall.core.accounts.permissions import Permission
from moothall.core.audit import recording
from moothall.domain.cases import actions, sight
from moothall.domain.cases.models import Case, TimelineEntry
from moothall.domain.documents import actions as files
from moothall.domain.documents.models import Document
from moothall.domain.documents.scanning import Scanned
from moothall.domain.exchange import dealing
from moothall.web.api.finding import case_named, case_read
from moothall.web.api.operations import Operations
from moothall.web.api.paging import Page, PageQuery, page_of
from moothall.web.api.problems import Problem, not_found
from moothall.web.api.request import ApiRequest
from moothall.web.api.schemas import Body, Moment, Prose, UserOut
from moothall.web.common import missing

router = Operations(tags=["Documents"])
_SEALED = "default-src 'none'; sandbox"


class DocumentOut(Schema):
    id: int
    name: str
    media_type: str
    size: int = Field(description="Bytes")
    sha256: str
    origin: str
    tags: list[str]
    turned: int = Field(description="Degrees clockwise by which a picture is turned when it is looked at or sent")
    created_at: Moment
    created_by: UserOut


class DocumentQuery(PageQuery):
    tag: str | None = Field(None, max_length=60)


class UploadFields(Schema):
    tags: list[str] = Field([], max_length=50)


class DocumentTags(Body):
    set: list[str] = Field([], max_length=50)
    remove: list[str] = Field([], max_length=50)


class Turn(Body):
    degrees: Literal[90, 180, 270] = Field(description="Clockwise")


class DeletionReason(Body):
    reason: Prose


@router.reads("/cases/{reference}/documents", needs=Permission.VIEW_DOCUMENTS, answers=Page[DocumentOut])
def case_documents(request: ApiRequest, reference: str, query: Query[DocumentQuery]) -> Page[DocumentOut]:
    """The documents of a case you may see, newest first."""
    case = case_read(request, reference, via="cases.documents")
    documents = sight.visible_documents(request.auth).filter(case_link__case=case)
    if query.tag:
        documents = documents.filter(tags__contains=[query.tag])
    return page_of(documents.select_related("created_by").order_by("-id"), query, _show)


def _examined(
    request: ApiRequest,
    reference: str,
    file: UploadedFile,
    fields: UploadFields,  # noqa: ARG001 - as the view takes them
) -> Scanned:
    """The file, once the virus scanner found nothing in it."""
    case = case_named(request, reference)
    if (file.size or 0) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
        raise Problem(413, "The file is too large.")
    return files.examine(file.read(), about=case, by=request.auth, at=request.now)


@router.writes(
    "POST",
    "/cases/{reference}/documents",
    needs=Permission.ADD_DOCUMENTS,
    answers=DocumentOut,
    status=201,
    body="form",
    first=_examined,
)
def upload_document(
    request: ApiRequest, reference: str, file: File[UploadedFile], fields: Form[UploadFields]
) -> DocumentOut:
    """Put a file on a case. Its type is read from its content; a disguised, oversize or empty one is refused, as is one
    in which the virus scanner found something. While the scanner does not answer, none is taken (503)."""
    case = case_named(request, reference)
    document = actions.add_document(
        case,
        name=file.name or "document",
        content=request.fetched,
        origin=Document.Origin.OFFICER,
        tags=fields.tags,
        by=request.auth,
        at=request.now,
    )
    return _show(document)


@router.reads("/cases/{reference}/documents/{int:document_id}", needs=Permission.VIEW_DOCUMENTS, answers=DocumentOut)
def read_document(request: ApiRequest, reference: str, document_id: int) -> DocumentOut:
    """What is known of one document."""
    return _show(_document(request, case_read(request, reference, via="cases.document"), document_id))


@router.reads("/cases/{reference}/documents/{int:document_id}/content", needs=Permission.VIEW_DOCUMENTS, answers=None)
def download_document(request: ApiRequest, reference: str, document_id: int) -> HttpResponseBase:
    """The file itself, always as a download."""
    case = case_read(request, reference, via="cases.document.content")
    document = _document(request, case, document_id)
    recording.read(document, by=request.auth, at=request.now, via="api cases.document.content")
    response = FileResponse(
        files.open_file(document), as_attachment=True, filename=document.name, content_type=document.media_type
    )
    response["Content-Security-Policy"] = _SEALED
    response["X-Content-Type-Options"] = "nosniff"
    return response


@router.writes(
    "POST", "/cases/{reference}/documents/{int:document_id}/tags", needs=Permission.ADD_DOCUMENTS, answers=DocumentOut
)
def tag_document(request: ApiRequest, reference: str, document_id: int, body: DocumentTags) -> DocumentOut:
    """Put tags on a document and take tags off."""
    case = case_read(request, reference, via="cases.document.tags")
    document = _document(request, case, document_id)
    actions.tag_document(case, document, set=body.set, remove=body.remove, by=request.auth, at=request.now)
    return _show(Document.objects.select_related("created_by").get(pk=document.pk))


@router.writes(
    "POST", "/cases/{reference}/documents/{int:document_id}/turn", needs=Permission.ADD_DOCUMENTS, answers=DocumentOut
)
def turn_document(request: ApiRequest, reference: str, document_id: int, body: Turn) -> DocumentOut:
    """Turn a picture wherever it is looked at or sent. Its file stays as it came."""
    case = case_read(request, reference, via="cases.document.turn")
    document = _document(request, case, document_id)
    actions.turn_document(case, document, degrees=body.degrees, by=request.auth, at=request.now)
    return _show(document)


@router.writes(
    "POST",
    "/cases/{reference}/documents/{int:document_id}/deletion",
    needs=Permission.DELETE_DOCUMENTS,
    answers=None,
    status=204,
)
def delete_document(request: ApiRequest, reference: str, document_id: int, body: DeletionReason) -> None:
    """Delete a document for good. That it was there, and why it went, is kept."""
    case = case_named(request, reference)
    document = _document(request, case, document_id)
    actions.delete_document(case, document, reason=body.reason, by=request.auth, at=request.now)


class MissingOut(Schema):
    """A document given with an application that is not on its case, and that nobody has dealt with."""

    id: int
    name: str
    why: str = Field(description="A sentence")
    at: Moment
    may_come: bool = Field(description="Whether asking for it again may bring it")


@router.reads("/cases/{reference}/missing-documents", needs=Permission.ADD_DOCUMENTS, answers=list[MissingOut])
def missing_documents(request: ApiRequest, reference: str) -> list[MissingOut]:
    """Documents given with the application that are not here, the newest first; of those you could see, were they here."""
    case = case_read(request, reference, via="cases.missing_documents")
    return [
        MissingOut(id=line.pk, name=line.detail["missing"], why=line.text, at=line.at, may_come="type" in line.detail)
        for line in missing.missing(case, request.auth)
    ]


def _fetched_again(request: ApiRequest, reference: str, line_id: int) -> fetching.File:
    """The document, once the virus scanner found nothing in it."""
    return papers.fetch_again(_missing(request, reference, line_id), by=request.auth, at=request.now)


@router.writes(
    "POST",
    "/cases/{reference}/missing-documents/{int:line_id}/fetch",
    needs=Permission.ADD_DOCUMENTS,
    answers=DocumentOut,
    status=201,
    body="none",
    first=_fetched_again,
)
def fetch_missing_document(request: ApiRequest, reference: str, line_id: int) -> DocumentOut:
    """Ask for a document again that did not come with its application. The answer says why it still cannot be had (502),
    or what the virus scanner found in it (422)."""
    line = _missing(request, reference, line_id)
    document = papers.put_again(line, request.fetched, by=request.auth, at=request.now)
    if document is None:
        raise _dealt_with()
    return _show(document)


def _missing(request: ApiRequest, reference: str, line_id: int) -> TimelineEntry:
    line = missing.named(case_named(request, reference), request.auth, line_id)
    if line is None:
        raise not_found()
    if not dealing.waits(line):
        raise _dealt_with()
    return line


def _dealt_with() -> Problem:
    return Problem(409, "Somebody has dealt with this document already.", kind="dealt-with")


def _document(request: ApiRequest, case: Case, document_id: int) -> Document:
    documents = sight.visible_documents(request.auth).select_related("created_by")
    document = documents.filter(case_link__case=case, pk=document_id).first()
    if document is None:
        raise not_found()
    return document


def _show(document: Document) -> DocumentOut:
    return DocumentOut(
        id=document.pk,
        name=document.name,
        media_type=document.media_type,
        size=document.size,
        sha256=document.sha256,
        origin=document.origin,
        tags=document.tags,
        turned=document.turned,
        created_at=document.created_at,
        created_by=UserOut.of(document.created_by),
    )
