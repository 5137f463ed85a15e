"""Delivering a case's messages: e-mails sent, letters produced, both filed in the documents and the timeline.

Delivery is exact by status. A message is claimed with a lease, sent outside any transaction, and its success written
in one transaction. A worker killed before the claim ends leaves a message that `take_up` finds when the lease is over.
Killed between the mail server's yes and that being written down, the e-mail goes out again with the same Message-ID, by
which mail programs show it once; a letter is merely produced again.
"""

import random
from contextlib import suppress
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from moothall.core.audit import recording
from moothall.core.council.settings import Council, read
from moothall.domain.cases import progress, timeline
from moothall.domain.cases.models import CaseDocument, CaseMessage, TimelineEntry
from moothall.domain.documents import actions as documents
from moothall.domain.documents.models import Document
from moothall.domain.messages import mail
from moothall.domain.messages.models import Message
from moothall.kit.calendars import LONDON

TASK = "cases.deliver"
QUEUE = "messages"
TAG = "correspondence"
LEASE = timedelta(minutes=5)  # longer than any one try, whose every step times out
PAUSES = [timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 180, 360, 720, 1440)]  # after each failed try
MOST_TRIES = len(PAUSES) + 1
_WAITING = Q(status__in=[Message.Status.QUEUED, Message.Status.SENDING])


def queue(message: Message, *, not_before: datetime | None = None) -> None:
    """Queue the delivery of a message, in the transaction that is going on."""
    job = app.configure_task(TASK, queue=QUEUE, queueing_lock=f"{TAG}:{message.pk}", schedule_at=not_before)
    job.defer(message_id=message.pk)


def take_up(*, at: datetime, most: int = 500) -> int:
    """Queue again what should have gone two minutes ago: its worker was killed. Returns how many were found."""
    late = at - timedelta(minutes=2)
    stranded = Message.objects.filter(_WAITING & (Q(due_at__lt=late) | Q(due_at=None, created_at__lt=late)))
    messages = list(stranded.order_by("due_at")[:most])
    for message in messages:
        _queue_unless_queued(message)
    return len(messages)


def deliver(message_id: int, *, at: datetime) -> None:
    """Send or produce a message that is due; one that is not, or is being sent by another worker, is left alone."""
    claimed = Message.objects.filter(_WAITING & (Q(due_at=None) | Q(due_at__lte=at)), pk=message_id)
    if not claimed.update(status=Message.Status.SENDING, due_at=at + LEASE, attempts=F("attempts") + 1):
        return
    link = CaseMessage.objects.select_related("case", "message__created_by").get(message=message_id)
    if link.message.attempts > MOST_TRIES:
        if link.message.handed_over_at:
            _finish(link, None, at=at)
        else:
            _give_up(link, "Delivery was interrupted every time it was tried.", at=at)
        return
    try:
        copy = _hand_over(link.message, at=at)
    except mail.NotSent as problem:
        if problem.permanent:
            _give_up(link, str(problem), at=at)
        elif link.message.attempts >= MOST_TRIES:
            _give_up(link, f"Given up after {MOST_TRIES} tries. {problem}", at=at)
        else:
            _put_back(link.message, str(problem), at=at)
    else:
        _finish(link, copy, at=at)


def _hand_over(message: Message, *, at: datetime) -> bytes:
    """Send or produce the message; return the PDF to file. The copy is made first, so that little can come after."""
    from moothall.domain.messages import pdf  # takes seconds to load, and only workers need it

    council = read(Council)
    if message.channel == Message.Channel.LETTER:
        return pdf.letter(message, council=council, at=at)
    copy = pdf.email_copy(message, council=council, at=at, message_id=mail.message_id(message, council))
    if message.handed_over_at is None:
        mail.send(message, council=council, at=at)
        message.handed_over_at = at
        Message.objects.filter(pk=message.pk).update(handed_over_at=at)
    return copy


def _finish(link: CaseMessage, copy: bytes | None, *, at: datetime) -> None:
    """Write that the message is sent, and file its copy unless that failed time and again."""
    message, by = link.message, link.message.created_by
    with recording.because(action="message.sent", by=by, at=at):
        message.problem = "" if copy else "Its copy could not be filed."
        try:
            message.document = _file(link, copy, at=at) if copy else None
        except documents.Refused as refused:
            message.problem = f"Its copy could not be filed: {refused}"
        message.status, message.sent_at, message.due_at = Message.Status.SENT, at, None
        message.save(update_fields=["status", "sent_at", "due_at", "document", "problem"])
        done = (
            f"sent to {message.to_name} at {message.to_email}"
            if message.channel == Message.Channel.EMAIL
            else f"to {message.to_name} produced, ready to print"
        )
        _write(link, f"{_title(message)} {done}. {message.problem}".strip(), at=at)
        recording.record("message.sent", message, by=by, at=at, case=link.case_id)
        progress.happened(link.case, event="document", at=at)


def _file(link: CaseMessage, copy: bytes, *, at: datetime) -> Document:
    message = link.message
    document = documents.store(
        name=f"{message.get_channel_display()} {at.astimezone(LONDON):%Y-%m-%d} {message.subject[:120]}.pdf",
        content=copy,
        origin=Document.Origin.GENERATED,
        tags=[TAG, *message.tags],
        by=message.created_by,
        at=at,
    )
    CaseDocument.objects.create(case=link.case, document=document)
    return document


def _put_back(message: Message, problem: str, *, at: datetime) -> None:
    """Try again later, with longer pauses each time and not all at one moment."""
    pause = PAUSES[message.attempts - 1] * random.uniform(0.8, 1.2)  # noqa: S311  # spreads load, no secret
    message.status, message.due_at, message.problem = Message.Status.QUEUED, at + pause, problem
    with transaction.atomic():
        message.save(update_fields=["status", "due_at", "problem"])
        _queue_unless_queued(message)


def _give_up(link: CaseMessage, problem: str, *, at: datetime) -> None:
    """Write, in words, that the message could not be delivered."""
    message, by = link.message, link.message.created_by
    with recording.because(action="message.failed", by=by, at=at):
        message.status, message.due_at, message.problem = Message.Status.FAILED, None, problem
        message.save(update_fields=["status", "due_at", "problem"])
        _write(link, f"{_title(message)} to {message.to_name} could not be delivered. {problem}", at=at)
        recording.record("message.failed", message, by=by, at=at, case=link.case_id)


def _queue_unless_queued(message: Message) -> None:
    with suppress(AlreadyEnqueued), transaction.atomic():
        queue(message, not_before=message.due_at)


def _title(message: Message) -> str:
    return f"{message.get_channel_display()} “{message.subject}”"


def _write(link: CaseMessage, text: str, *, at: datetime) -> None:
    detail = {"message": link.message_id} | ({"document": link.message.document_id} if link.message.document_id else {})
    by = link.message.created_by
    timeline.write(link.case, kind=TimelineEntry.Kind.MESSAGE, text=text, by=by, at=at, **detail)
