"""Documents put on a case, and deleted from it for good (CT-50)."""

import hashlib
from collections.abc import Iterable
from datetime import datetime, timedelta

from moothall.core.accounts.models import User
from moothall.core.audit import recording
from moothall.core.lists import actions as lists
from moothall.domain.cases import progress, timeline
from moothall.domain.cases.locking import lock
from moothall.domain.cases.models import Case, CaseDocument, TimelineEntry
from moothall.domain.documents import actions as documents
from moothall.domain.documents import content as contents
from moothall.domain.documents.models import Document
from moothall.kit import framing


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
    once_within: timedelta | None = None,
) -> Document:
    """Put a file on a case; automatic stages that wait for documents move on.

    `origin` is who it came from (`Document.Origin`). Only workflows and integrations (`system`) may give it system
    tags. `once_within`: the same file given by the same person so shortly before, or at the same moment, is that file
    sent twice, and what is kept of it is returned. Raises documents.Refused or lists.TagRefused, each with a sentence.
    Within a transaction give what `documents.examine` returned before it began.
    """
    given = sorted(frozenset(tags))
    if not system:
        lists.check_tags("document", services=[case.service_key], set=given, remove=())
    if origin != Document.Origin.GENERATED:
        content = documents.examine(content, about=case, by=by, at=at)
    with recording.because(action="document.added", by=by, at=at):
        lock(case)  # of two at once the second waits here, and finds what the first kept
        if once_within and (kept := _same(case, content, by=by, since=at - once_within)):
            return kept
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


def turn_document(case: Case, document: Document, *, degrees: int, by: User, at: datetime) -> Document:
    """Turn a picture by 90, 180 or 270 degrees clockwise, wherever it is looked at or sent; its file stays as it came.

    Raises documents.Refused when it is no picture, Document.DoesNotExist when it is gone.
    """
    if degrees not in framing.TURNS[1:]:
        raise documents.Refused("A picture is turned by 90, 180 or 270 degrees.")
    with recording.because(action="document.turned", by=by, at=at):
        lock(case)
        fresh = Document.objects.select_for_update(no_key=True).get(pk=document.pk, case_link__case=case)
        if fresh.media_type not in contents.PICTURES:
            raise documents.Refused(f"“{fresh.name}” is no picture, so it cannot be turned.")
        fresh.turned = document.turned = (fresh.turned + degrees) % 360
        fresh.save(update_fields=["turned"])
        ways = {90: "to the right", 180: "upside down", 270: "to the left"}
        timeline.write(
            case,
            kind=TimelineEntry.Kind.DOCUMENT,
            text=f"Picture “{fresh.name}” turned {ways[degrees]}.",
            by=by,
            at=at,
            document=fresh.pk,
        )
        recording.record("document.turned", fresh, by=by, at=at, turned=fresh.turned)
    return fresh


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


def _same(case: Case, content: bytes, *, by: User, since: datetime) -> Document | None:
    """What this person put on the case of the very same content since then."""
    digest = hashlib.sha256(content).hexdigest()
    return Document.objects.filter(case_link__case=case, created_by=by, created_at__gt=since, sha256=digest).first()
