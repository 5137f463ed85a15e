"""Ways to reach somebody and numbers of theirs, one by one: ended, put first, made sure of (PPP-11, PPP-12)."""

from datetime import datetime

from django.utils import timezone

from moothall.core.accounts.models import User
from moothall.core.audit import recording
from moothall.domain.people.models import ContactDetail, Customer, ExternalReference
from moothall.domain.people.numbers import normalise_contact
from moothall.domain.places.actions import check_lengths
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


def correct_contact(
    detail: ContactDetail, *, value: str, reason: str, by: User, at: datetime, holder: str | None = None
) -> None:
    """Put a slip of the pen right, in place: it was always so. What stood there is kept in its history.

    That somebody made sure of what stood there is said of it no longer. A number that changed is a new one
    (`actions.set_contact`). Raises Invalid for one that ended, for a malformed value, and for one recorded beside it.
    """
    said, new = " ".join(text.clean(reason).split()), " ".join(text.clean(value).split())
    whose = detail.holder if holder is None else " ".join(text.clean(holder).split())
    if not said:
        raise Invalid("Say why this is changed.")
    if not new:
        raise Invalid("Enter the contact detail.")
    normalised = normalise_contact(detail.type, new)
    check_lengths(ContactDetail, value=new, holder=whose, normalised=normalised)
    with recording.because(action="contact.corrected", by=by, at=at, reason=said):
        row = _standing(detail)
        if (row.value, row.holder) == (new, whose):
            return
        beside = row.customer.contact_details.filter(type=row.type, holder=whose, normalised=normalised, to_date=None)
        if beside.exclude(pk=row.pk).exists():
            raise Invalid(f"{new} is recorded already: end this one instead.")
        if row.normalised != normalised:
            row.verified_at, row.verified_by, row.verified_how = None, None, ""
        row.value, row.holder, row.normalised = new, whose, normalised
        row.save()
        recording.record("contact.corrected", row.customer, by=by, at=at, reason=said, type=row.type, contact=row.pk)


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
