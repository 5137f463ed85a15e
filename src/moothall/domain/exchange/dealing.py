"""Failures that somebody has dealt with: an undelivered message, a file of an application that is not on its case, an
application that never became a case (BEST-31)."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from moothall.core.accounts.models import User
from moothall.core.audit import recording
from moothall.domain.cases import timeline
from moothall.domain.cases.models import Case, Submission, TimelineEntry
from moothall.domain.exchange.actions.refusal import QueueRefusal
from moothall.domain.exchange.models import DealtWith
from moothall.domain.messages.models import Message

Kind = DealtWith.Kind
_KINDS: dict[type[Any], Kind] = {Message: Kind.MESSAGE, TimelineEntry: Kind.FILE, Submission: Kind.SUBMISSION}


def open_ones(rows: QuerySet[Any], kind: Kind) -> QuerySet[Any]:
    """Of failures of a kind those nobody has dealt with."""
    return rows.exclude(pk__in=DealtWith.objects.filter(kind=kind).values("subject_id"))


def waits(subject: Message | Submission | TimelineEntry) -> bool:
    """Whether nobody has dealt with this failure."""
    return not DealtWith.objects.filter(kind=_KINDS[type(subject)], subject_id=subject.pk).exists()


def missing_files(lines: QuerySet[TimelineEntry]) -> QuerySet[TimelineEntry]:
    """Of lines of timelines those that say that a file is not here."""
    return lines.filter(detail__has_key="missing")


def dealt_with(
    subject: Message | Submission | TimelineEntry, *, note: str, by: User, at: datetime, case: Case | None = None
) -> DealtWith:
    """Say how somebody dealt with a failure; on the timeline of its `case`, if it has one. Said once, it stays so."""
    if not note.strip():
        raise QueueRefusal("Say how it was dealt with.")
    kind = _KINDS[type(subject)]
    with recording.because(action="failure.dealt_with", by=by, at=at, reason=note):
        row, fresh = DealtWith.objects.get_or_create(
            kind=kind, subject_id=subject.pk, defaults={"note": note.strip(), "by": by, "at": at}
        )
        if fresh:
            recording.record("failure.dealt_with", subject, by=by, at=at, reason=note)
            if case is not None and isinstance(subject, TimelineEntry):
                text = f"The document “{subject.detail['missing']}” that is not here was dealt with: {note.strip()}"
                timeline.write(case, kind=TimelineEntry.Kind.DOCUMENT, text=text, by=by, at=at)
            elif case is not None and isinstance(subject, Message):
                text = f"The message that could not be delivered was dealt with: {note.strip()}"
                about = {"document": subject.document_id} if subject.document_id else {}
                timeline.write(case, kind=TimelineEntry.Kind.MESSAGE, text=text, by=by, at=at, **about)
    return row
