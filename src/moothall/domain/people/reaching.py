"""Ways to reach somebody and numbers of theirs, one by one: ended, put first, made sure of (PPP-11, PPP-12)."""

from datetime import datetime

from django.utils import timezone

from moothall.core.accounts.models import User
from moothall.core.audit import recording
from moothall.domain.people.models import ContactDetail, Customer, ExternalReference
from moothall.kit import text
from moothall.kit.invalid import Invalid

LONGEST = 200


def end_contact(detail: ContactDetail, *, by: User, at: datetime) -> None:
    """They are not reached so any more, from today; it stays on record. Ended already, it stays as it is."""
    with recording.because(action="contact.ended", by=by, at=at):
        row = _contact(detail)
        if row.to_date is None:
            row.to_date, row.preferred = max(row.from_date, timezone.localdate(at)), False
            row.save(update_fields=["to_date", "preferred"])
            recording.record("contact.ended", row.customer, by=by, at=at, type=row.type, contact=row.pk)


def prefer_contact(detail: ContactDetail, *, by: User, at: datetime) -> None:
    """Put it first among those of its type. First already, it stays as it is. Raises Invalid for one that ended."""
    with recording.because(action="contact.preferred", by=by, at=at):
        row = _standing(detail)
        if not row.preferred:
            row.customer.contact_details.filter(type=row.type, to_date=None, preferred=True).update(preferred=False)
            row.preferred = True
            row.save(update_fields=["preferred"])
            recording.record("contact.preferred", row.customer, by=by, at=at, type=row.type, contact=row.pk)


def verify_contact(detail: ContactDetail, *, how: str, by: User, at: datetime) -> None:
    """Somebody made sure that it is theirs, and says how. Again takes the place of before. Raises Invalid."""
    said = " ".join(text.clean(how).split())
    if not said:
        raise Invalid("Say how you made sure, such as “rang it and they answered”.")
    if len(said) > LONGEST:
        raise Invalid(f"Say it in up to {LONGEST} characters.")
    with recording.because(action="contact.verified", by=by, at=at):
        row = _standing(detail)
        row.verified_at, row.verified_by, row.verified_how = at, by, said
        row.save(update_fields=["verified_at", "verified_by", "verified_how"])
        recording.record("contact.verified", row.customer, by=by, at=at, type=row.type, contact=row.pk)


def end_reference(reference: ExternalReference, *, by: User, at: datetime) -> None:
    """The number holds no longer, from today; it stays on record. Ended already, it stays as it is."""
    with recording.because(action="reference.ended", by=by, at=at):
        _lock(reference.customer)
        row = ExternalReference.objects.select_for_update().get(pk=reference.pk)
        if row.to_date is None:
            today = timezone.localdate(at)
            row.to_date = max(row.from_date, today) if row.from_date else today
            row.save(update_fields=["to_date"])
            recording.record("reference.ended", row.customer, by=by, at=at, type=row.type, reference=row.pk)


def _contact(detail: ContactDetail) -> ContactDetail:
    _lock(detail.customer)
    return ContactDetail.objects.select_for_update(of=("self",)).select_related("customer").get(pk=detail.pk)


def _standing(detail: ContactDetail) -> ContactDetail:
    row = _contact(detail)
    if row.to_date is not None:
        raise Invalid(f"{row.value} ended on {row.to_date:%-d %B %Y}. Record it again first.")
    return row


def _lock(customer: Customer) -> None:
    Customer.objects.select_for_update(no_key=True).get(pk=customer.pk)
