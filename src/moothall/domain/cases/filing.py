"""Documents put on a case, and deleted from it for good (CT-50)."""

from collections.abc import Iterable
from datetime import datetime

from moothall.core.accounts.models import User
from moothall.core.audit import recording
from moothall.core.lists import actions as lists
from moothall.domain.cases import progress, timeline
from moothall.domain.cases.locking import lock
from moothall.domain.cases.models import Case, CaseDocument, TimelineEntry
from moothall.domain.documents import actions as documents
from moothall.domain.documents.models import Document


def add_document(
    case: Case,
    *,
    name: str,
    content: bytes,
    origin: str,
    by: User,
    at: datetime,
    tags: Iterable[str] = (),
    system: bool = False,
) -> Document:
    """Put a file on a case; automatic stages that wait for documents move on.

    `origin` is who it came from (`Document.Origin`). Only workflows and integrations (`system`) may give it system
    tags. Raises documents.Refused or lists.TagRefused, each with a sentence.
    """
    given = sorted(frozenset(tags))
    if not system:
        lists.check_tags("document", set=given, remove=())
    with recording.because(action="document.added", by=by, at=at):
        lock(case)
        document = documents.store(name=name, content=content, origin=origin, tags=given, by=by, at=at)
        CaseDocument.objects.create(case=case, document=document)
        timeline.write(
            case,
            kind=TimelineEntry.Kind.DOCUMENT,
            text=f"Document “{document.name}” added.",
            by=by,
            at=at,
            document=document.pk,
            origin=origin,
        )
        progress.happened(case, event="document", at=at)
    return document


def delete_document(case: Case, document: Document, *, reason: str, by: User, at: datetime) -> None:
    """Delete a document of a case for good; the timeline and a `Deletion` say that it was there.

    Raises documents.Refused when no reason is given.
    """
    with recording.because(action="document.deleted", by=by, at=at, reason=reason):
        lock(case)
        document = Document.objects.get(pk=document.pk, case_link__case=case)
        pk, name = document.pk, document.name
        documents.delete(document, reason=reason, by=by, at=at)
        timeline.write(
            case,
            kind=TimelineEntry.Kind.DOCUMENT,
            text=f"Document “{name}” deleted: {reason.strip()}",
            by=by,
            at=at,
            document=pk,
        )
        progress.happened(case, event="document", at=at)
