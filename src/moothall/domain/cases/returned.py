"""Letters that came back: recorded by hand on the message, with what follows for the address and for who answers."""

from datetime import date, datetime

from django.utils import timezone

from moothall.core.accounts.models import User
from moothall.core.audit import recording
from moothall.domain.cases import delivery, timeline
from moothall.domain.cases.locking import lock
from moothall.domain.cases.models import CaseMessage, TimelineEntry
from moothall.domain.messages.models import Message, Returned
from moothall.domain.people import doubts
from moothall.kit.invalid import Invalid

Reason = Returned.WhyReturned
OF_THE_ADDRESS = frozenset({Reason.GONE_AWAY, Reason.NO_SUCH_ADDRESS, Reason.INCOMPLETE, Reason.OTHER})
"""Why post came back that says something of the address; who refuses it, or does not call for it, may live there."""


def came_back(message: Message, *, reason: Reason, on: date, by: User, at: datetime, note: str = "") -> Returned:
    """A letter came back on a day. Their address is doubtful from then; the case's officers are told. Once.

    Raises Invalid for what is no letter that was sent, and for a day that cannot be.
    """
    with recording.because(action="message.returned", by=by, at=at, reason=note):
        link = CaseMessage.objects.select_related("case__customer").get(message=message.pk)
        lock(link.case)
        held = Message.objects.get(pk=message.pk)
        if there := Returned.objects.filter(message=held).first():
            return there
        if held.channel != Message.Channel.LETTER or held.sent_at is None:
            raise Invalid("Only a letter that was sent can come back.")
        if not timezone.localdate(held.sent_at) <= on <= timezone.localdate(at):
            raise Invalid("It came back between the day it was sent and today.")
        row = Returned.objects.create(message=held, reason=reason, on=on, note=note.strip(), by=by, at=at)
        why = f"A letter came back on {on:%-d %B %Y}: {row.get_reason_display().lower()}."
        lines = held.to_lines if reason in OF_THE_ADDRESS else []
        marked = doubts.cast(link.case.customer, lines, why=why, on=on, by=by, at=at) if lines else []
        text = f"Letter “{held.subject}” to {held.to_name} came back: {row.get_reason_display().lower()}."
        text += f" {note.strip()}" if note.strip() else ""
        text += " The address is marked as doubtful." if marked else ""
        detail = {"message": held.pk} | ({"document": held.document_id} if held.document_id else {})
        timeline.write(link.case, kind=TimelineEntry.Kind.MESSAGE, text=text, by=by, at=at, **detail)
        recording.record("message.returned", held, by=by, at=at, case=link.case_id, why=str(reason))
        link.message = held
        delivery.tell_officers(link, f"A letter on {link.case.reference} came back.", by=by, at=at)
    return row
