"""How an opinion ends, whoever ends it; and what every change of one has in common."""

from contextlib import suppress
from datetime import datetime

from moothall.core.accounts.models import User
from moothall.core.accounts.permissions import Permission
from moothall.core.audit import recording
from moothall.domain.cases import communications, timeline
from moothall.domain.cases.locking import lock
from moothall.domain.cases.models import CaseDocument, Pause, TimelineEntry
from moothall.domain.documents import actions as documents
from moothall.domain.documents.models import Document
from moothall.domain.messages.models import Message
from moothall.domain.notifications.actions import notify
from moothall.domain.notifications.models import Notification
from moothall.domain.opinions.models import Opinion, OpinionDocument

_ENDED = {
    Opinion.State.ANSWERED: "answered by {who}.",
    Opinion.State.DECLINED: "cannot be given by {who}.",
    Opinion.State.EXPIRED: "of {who} did not come in time.",
    Opinion.State.WITHDRAWN: "of {who} is no longer asked for.",
}
_TOLD = {
    Opinion.State.ANSWERED: "The opinion you asked for on {reference} has come.",
    Opinion.State.DECLINED: "The opinion you asked for on {reference} cannot be given.",
    Opinion.State.EXPIRED: "The opinion you asked for on {reference} did not come in time.",
}


def held(opinion: Opinion) -> Opinion:
    """The opinion as it is now, with its case locked until the transaction ends."""
    lock(opinion.case)
    rows = Opinion.objects.select_related("case__service", "case__customer", "asked_by", "colleague")
    return rows.get(pk=opinion.pk)


def end(opinion: Opinion, state: Opinion.State, *, text: str, by: User, at: datetime) -> None:
    """Write the end of an open opinion whose case is locked: state, clock, timeline, who asked is told.

    `text` is the reason where there is one. What was written and not sent is gone, but for an answer.
    """
    opinion.state, opinion.ended_at, opinion.ended_by, opinion.draft = state, at, by, {}
    if state in (Opinion.State.WITHDRAWN, Opinion.State.DECLINED):
        opinion.reason = text
    opinion.save()
    for paper in opinion.papers.filter(role=OpinionDocument.Role.DRAFT).select_related("document"):
        documents.delete(paper.document, reason="It was put to an opinion that was never sent.", by=by, at=at)
    stop_messages(opinion, by=by, at=at)
    if opinion.pause_id:
        Pause.objects.filter(pk=opinion.pause_id, ended_at=None).update(ended_at=at)
    write(opinion, f"{_ENDED[state].format(who=opinion.who)}{f' {text}' if text else ''}", by=by, at=at)
    recording.record(f"opinion.{state}", opinion, by=by, at=at, case=opinion.case_id)
    if state in _TOLD and opinion.asked_by.may(Permission.VIEW_OPINIONS, opinion.case.service.key):
        notify(
            [opinion.asked_by],
            text=_TOLD[state].format(reference=opinion.case.reference),
            cause=f"opinion.{opinion.pk}.{state}.{opinion.round}",
            at=at,
            by=by,
            kind=Notification.Kind.OPINION,
            reference=opinion.case.reference,
            page=f"opinions/{opinion.number}",
        )


def stop_messages(opinion: Opinion, *, by: User, at: datetime) -> None:
    """Cancel e-mails with its link that wait to be sent. One that is being sent is refused when it comes to the link."""
    for row in opinion.messages.filter(message__status=Message.Status.QUEUED).select_related("message"):
        with suppress(communications.MessageRefused):
            communications.cancel(row.message, by=by, at=at)


def write(opinion: Opinion, text: str, *, by: User, at: datetime) -> None:
    """A line about an opinion on its case's timeline."""
    said = f"Opinion {opinion.number} ({opinion.title}) {text}"
    timeline.write(opinion.case, kind=TimelineEntry.Kind.OPINION, text=said, by=by, at=at, opinion=opinion.number)


def put(opinion: Opinion, document: Document, *, by: User, at: datetime) -> None:
    """Put a document of the answer on the case, which is locked."""
    CaseDocument.objects.create(case=opinion.case, document=document)
    timeline.write(
        opinion.case,
        kind=TimelineEntry.Kind.DOCUMENT,
        text=f"Document “{document.name}” came with opinion {opinion.number}.",
        by=by,
        at=at,
        document=document.pk,
        origin=document.origin,
    )


def tags(opinion: Opinion) -> list[str]:
    """The tags the documents of the answer carry."""
    return [opinion.tag] if opinion.tag else []
