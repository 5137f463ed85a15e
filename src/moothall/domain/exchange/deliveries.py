"""Messages another system delivers: whom it took them for, and how it says they ended (CT-62, BEST-31)."""

from datetime import datetime
from html import escape

from moothall.core.accounts.actions import system_user
from moothall.core.accounts.models import User
from moothall.core.accounts.permissions import Permission
from moothall.core.audit import recording
from moothall.core.council.settings import Council, read
from moothall.domain.cases import communications, recipients, timeline
from moothall.domain.cases.locking import lock
from moothall.domain.cases.models import Case, TimelineEntry
from moothall.domain.exchange import entries
from moothall.domain.exchange.models import Delivery, Item
from moothall.domain.messages.models import Message
from moothall.domain.notifications.actions import notify
from moothall.domain.notifications.models import Notification
from moothall.kit.calendars import LONDON


class NotKnownYet(Exception):
    """A receipt came for a message whose sending is not written down yet."""


def handed_over(item: Item, external_id: str, *, at: datetime) -> None:
    """Note under which id the other system has a message, by which receipts name it. Twice is once."""
    Delivery.objects.get_or_create(item=item, defaults={"external_id": external_id, "at": at})


def ended(external_id: str, *, status: str, said: str, good: bool, again: bool, at: datetime) -> Delivery:
    """Write on the case how a message ended, once for each status; tell the officers when it did not arrive.

    `again`: send it as an e-mail of our own, with the same words. Raises NotKnownYet.
    """
    found = Delivery.objects.select_related("item__case__service", "item__created_by").filter(external_id=external_id)
    delivery = found.first()
    if delivery is None:
        raise NotKnownYet(external_id)
    item, by = delivery.item, system_user()
    with recording.because(action="message.receipt", by=by, at=at):
        lock(item.case)
        delivery = Delivery.objects.select_for_update().get(pk=delivery.pk)
        if delivery.status == status:
            return delivery
        delivery.status, delivery.said, delivery.failed, delivery.at = status, said, not good, at
        delivery.save(update_fields=["status", "said", "failed", "at"])
        text = f"{entries.title(item)} to {(item.result or {}).get('to', 'the customer')} {said}."
        timeline.write(item.case, kind=TimelineEntry.Kind.INTEGRATION, text=text, by=by, at=at, item=item.pk)
        recording.record("message.receipt", item, by=by, at=at, case=item.case_id, status=status)
        if not good:
            _tell(item, at=at)
            if again:
                _send_ourselves(item, at=at)
    return delivery


def produced(case: Case, letter: str, *, at: datetime) -> bytes:
    """A letter of the case's service as the PDF it would be here. Raises what `communications.preview` does."""
    from moothall.domain.messages import pdf  # takes seconds to load, and only workers need it

    found = communications.preview(case, letter, at=at)
    message = Message(
        channel=Message.Channel.LETTER,
        reference=case.reference,
        to_name=found.recipient.name,
        to_lines=list(found.recipient.lines),
        subject=found.composed.subject,
        html=found.composed.html,
        language=found.composed.version.language,
        created_at=at,
    )
    return pdf.letter(message, council=read(Council), at=at)


def _tell(item: Item, *, at: datetime) -> None:
    officers = User.objects.filter(pk__in=[item.created_by_id, item.case.owner_id])
    notify(
        [officer for officer in officers if officer.may(Permission.VIEW_CASES, item.case.service.key)],
        kind=Notification.Kind.DELIVERY,
        text=f"A message on {item.case.reference} could not be delivered.",
        cause=f"delivery.{item.pk}",
        reference=item.case.reference,
        page="timeline",
        at=at,
    )


def _send_ourselves(item: Item, *, at: datetime) -> None:
    """The same words as an e-mail through the council's own mail server."""
    result = item.result or {}
    recipient = recipients.find(item.case.customer, "customer", on=at.astimezone(LONDON).date(), post=False)
    if result.get("kind") != "email" or not result.get("body") or not recipient.email:
        return
    paragraphs = (escape(part.strip()) for part in str(result["body"]).split("\n\n") if part.strip())
    communications.send_by_hand(
        item.case,
        channel="email",
        subject=str(result.get("subject") or item.case.service.name),
        html="".join(f"<p>{part}</p>" for part in paragraphs),
        by=item.created_by,
        at=at,
    )
