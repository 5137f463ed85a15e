"""Delivering a case's messages: e-mails sent, letters produced, both filed in the documents and the timeline.

Delivery is exact by status. A message is claimed with a short lease, which its worker renews for as long as it is at it;
it is sent outside any transaction, and its success written in one. Of a worker that was killed nothing more is heard:
`take_up` finds the message when the lease is over, and says on it that it was interrupted. Whoever lost the claim writes
nothing more, except that the mail server took the message.

That an e-mail goes out twice can happen in one case only, which SMTP leaves open: a worker that was killed, or cut off
from PostgreSQL for a whole lease, between the mail server's yes and that being written down. The second carries the same
Message-ID, by which mail programs show it once. A letter is merely produced again.
"""

import random
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q, QuerySet
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from moothall.core import leases
from moothall.core.accounts.models import User
from moothall.core.accounts.permissions import Permission
from moothall.core.audit import recording
from moothall.core.council.settings import Council, read
from moothall.domain.cases import progress, timeline
from moothall.domain.cases.locking import lock
from moothall.domain.cases.models import CaseDocument, CaseMessage, TimelineEntry
from moothall.domain.documents import actions as documents
from moothall.domain.documents.models import Document
from moothall.domain.messages import mail, private
from moothall.domain.messages.models import Message, ToPrint
from moothall.domain.notifications.actions import notify
from moothall.domain.notifications.models import Notification
from moothall.kit.calendars import LONDON

TASK = "cases.deliver"
QUEUE = "messages"
TAG = "correspondence"
LONGEST = timedelta(minutes=5)  # longer than any one try, whose every step times out: no lease is renewed beyond
LATE = timedelta(minutes=2)  # a message that waited so long lost its job
INTERRUPTED = "Its delivery was interrupted. It is tried again by itself."
PAUSES = [timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 180, 360, 720, 1440)]  # after each failed try
MOST_TRIES = len(PAUSES) + 1
_WAITING = Q(status__in=[Message.Status.QUEUED, Message.Status.SENDING])


def queue(message: Message, *, not_before: datetime | None = None) -> None:
    """Queue the delivery of a message, in the transaction that is going on."""
    job = app.configure_task(TASK, queue=QUEUE, queueing_lock=f"{TAG}:{message.pk}", schedule_at=not_before)
    job.defer(message_id=message.pk)


def interrupted(*, at: datetime) -> QuerySet[Message]:
    """Messages whose worker fell silent at work on them, and that nobody has taken up yet."""
    return Message.objects.filter(status=Message.Status.SENDING, due_at__lte=at)


def take_up(*, at: datetime, most: int = 500) -> int:
    """Queue again what was interrupted, and what should have gone two minutes ago. Returns how many were found."""
    interrupted(at=at).filter(problem="").update(problem=INTERRUPTED)
    late = at - LATE
    silent = Q(status=Message.Status.SENDING, due_at__lte=at)
    lost = Q(due_at__lt=late) | Q(due_at=None, created_at__lt=late)
    messages = list(Message.objects.filter(_WAITING & (silent | lost)).order_by("due_at")[:most])
    for message in messages:
        _queue_unless_queued(message)
    return len(messages)


def deliver(message_id: int, *, at: datetime) -> None:
    """Send or produce a message that is due; one that is not is left alone.

    While another worker has it, it is looked at again when that one's lease would be over.
    """
    claimed = Message.objects.filter(_WAITING & (Q(due_at=None) | Q(due_at__lte=at)), pk=message_id)
    if not claimed.update(status=Message.Status.SENDING, due_at=at + leases.length(), attempts=F("attempts") + 1):
        for message in Message.objects.filter(pk=message_id, status=Message.Status.SENDING):
            _queue_unless_queued(message)
        return
    link = CaseMessage.objects.select_related("case", "message__created_by").get(message=message_id)
    if link.message.attempts > MOST_TRIES:
        if link.message.handed_over_at:
            _finish(link, None, at=at)
        else:
            _give_up(link, "Delivery was interrupted every time it was tried.", at=at)
        return
    began = time.monotonic()

    def renew() -> bool:
        return _renew(link.message, at=at, gone=timedelta(seconds=time.monotonic() - began))

    try:
        with leases.kept(renew):
            copy = _hand_over(link.message, at=at, still_ours=renew)
    except _TakenOver:
        return
    except mail.NotSent as problem:
        if problem.permanent:
            _give_up(link, str(problem), at=at)
        elif link.message.attempts >= MOST_TRIES:
            _give_up(link, f"Given up after {MOST_TRIES} tries. {problem}", at=at)
        else:
            _put_back(link.message, str(problem), at=at)
    else:
        _finish(link, copy, at=at)


class _TakenOver(Exception):
    """This worker was silent for so long that another has the message now."""


def _renew(message: Message, *, at: datetime, gone: timedelta) -> bool:
    """Say that the worker that claimed the message at `at` lives; False when it lost the claim or has taken too long."""
    until = min(at + gone + leases.length(), at + LONGEST)
    return gone < LONGEST and bool(_ours(message).update(due_at=until))


def _ours(message: Message) -> QuerySet[Message]:
    """The message while it is claimed as it was when `message` was read."""
    return Message.objects.filter(pk=message.pk, status=Message.Status.SENDING, attempts=message.attempts)


def _hand_over(message: Message, *, at: datetime, still_ours: Callable[[], bool]) -> bytes:
    """Send or produce the message; return the PDF to file. The copy is made first, so that little can come after.

    Raises NotSent and _TakenOver.
    """
    from moothall.domain.messages import pdf  # takes seconds to load, and only workers need it

    council = read(Council)
    if message.channel == Message.Channel.LETTER:
        return pdf.letter(message, council=council, at=at)
    copy = pdf.email_copy(message, council=council, at=at, message_id=mail.message_id(message, council))
    if message.handed_over_at is None:
        if not still_ours():
            raise _TakenOver
        mail.send(private.whole(message), council=council, at=at)
        message.handed_over_at = at
        Message.objects.filter(pk=message.pk).update(handed_over_at=at)
    return copy


def _finish(link: CaseMessage, copy: bytes | None, *, at: datetime) -> None:
    """Write that the message is sent, and file its copy unless that failed time and again."""
    message, by = link.message, link.message.created_by
    with recording.because(action="message.sent", by=by, at=at):
        lock(link.case)
        if not _ours(message).select_for_update().exists():
            return
        message.problem = "" if copy else "Its copy could not be filed."
        try:
            message.document = _file(link, copy, at=at) if copy else None
        except documents.Refused as refused:
            message.problem = f"Its copy could not be filed: {refused}"
        message.status, message.sent_at, message.due_at = Message.Status.SENT, at, None
        message.save(update_fields=["status", "sent_at", "due_at", "document", "problem"])
        if message.channel == Message.Channel.LETTER and message.document:
            ToPrint.objects.create(message=message, since=at)
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
    due_at = at + pause
    with transaction.atomic():
        if _ours(message).update(status=Message.Status.QUEUED, due_at=due_at, problem=problem):
            message.due_at = due_at
            _queue_unless_queued(message)


def _give_up(link: CaseMessage, problem: str, *, at: datetime) -> None:
    """Write, in words, that the message could not be delivered."""
    message, by = link.message, link.message.created_by
    with recording.because(action="message.failed", by=by, at=at):
        if not _ours(message).select_for_update().exists():
            return
        message.status, message.due_at, message.problem = Message.Status.FAILED, None, problem
        message.save(update_fields=["status", "due_at", "problem"])
        _write(link, f"{_title(message)} to {message.to_name} could not be delivered. {problem}", at=at)
        recording.record("message.failed", message, by=by, at=at, case=link.case_id)
        kind = "An e-mail" if message.channel == Message.Channel.EMAIL else "A letter"
        tell_officers(link, f"{kind} on {link.case.reference} could not be delivered.", at=at)


def tell_officers(link: CaseMessage, text: str, *, at: datetime, by: User | None = None) -> None:
    """Let those who answer for the case know: who wrote the message, who owns the case, who has its work (BEST-31)."""
    case, message = link.case, link.message
    taken = case.work_items.filter(finished_at=None).values("assigned_to")
    officers = User.objects.filter(Q(pk__in=[message.created_by_id, case.owner_id]) | Q(pk__in=taken))
    notify(
        [officer for officer in officers if officer.may(Permission.VIEW_DOCUMENTS, case.service_key)],
        kind=Notification.Kind.DELIVERY,
        text=text,
        cause=f"message.{message.pk}" if by is None else f"returned.{message.pk}",
        by=by,
        reference=case.reference,
        page="timeline",
        at=at,
    )


def _queue_unless_queued(message: Message) -> None:
    with suppress(AlreadyEnqueued), transaction.atomic():
        queue(message, not_before=message.due_at)


def _title(message: Message) -> str:
    return f"{message.get_channel_display()} “{message.subject}”"


def _write(link: CaseMessage, text: str, *, at: datetime) -> None:
    detail = {"message": link.message_id} | ({"document": link.message.document_id} if link.message.document_id else {})
    by = link.message.created_by
    timeline.write(link.case, kind=TimelineEntry.Kind.MESSAGE, text=text, by=by, at=at, **detail)
