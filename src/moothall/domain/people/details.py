"""How customers are reached: addresses and contact details, each with the days it held."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Q

from moothall.core import rows
from moothall.core.lists import actions as lists
from moothall.domain.people import lists as people_lists
from moothall.domain.people.models import ContactDetail, Customer, Residence
from moothall.domain.people.numbers import normalise_contact
from moothall.domain.places.actions import check_lengths, keep_address
from moothall.kit.invalid import Invalid

_DAY = timedelta(days=1)
FARTHEST_START = timedelta(days=5 * 365 + 2)
"""How far ahead something may begin: a later day is a slip of the finger."""


OLDEST = 130  # years: nobody known to have lived is older, and a birth entered as earlier is a slip


def check_birth(born: date | None, *, today: date) -> None:
    """Raise Invalid for a birth after today, or longer ago than anybody has lived."""
    if born and born > today:
        raise Invalid("The date of birth cannot be after today.")
    if born and born.year < today.year - OLDEST:
        raise Invalid(f"The date of birth cannot be more than {OLDEST} years ago.")


def check_start(day: date | None, *, today: date) -> None:
    """Raise Invalid for a first day more than five years ahead."""
    if day and day > today + FARTHEST_START:
        raise Invalid(f"The first day, {day:%-d %B %Y}, is more than five years ahead. Check the year.")


@dataclass(frozen=True, kw_only=True)
class AddressLines:
    """An address as given."""

    line1: str
    town: str
    postcode: str
    line2: str = ""
    uprn: str = ""


@dataclass(frozen=True, kw_only=True)
class Contact:
    """A way to reach a customer, as given. `holder` is whose it is when not the customer's own."""

    type: str
    value: str
    holder: str = ""
    preferred: bool = False


def move(
    customer: Customer,
    lines: AddressLines,
    *,
    from_date: date,
    to_date: date | None = None,
    purpose: Residence.Purpose = Residence.Purpose.HOME,
    new: bool = False,
) -> Residence:
    """Put an address into a customer's history; `new` customers have none yet. Raises Invalid with a sentence.

    The same address again changes nothing; another from the same day corrects it. After a stay with a last day they are back
    where they were before, if that had not ended.
    """
    if purpose == Residence.Purpose.SITE:
        raise Invalid("An organisation has many sites at once: add a site instead.")
    if to_date and to_date < from_date:
        raise Invalid("The last day at an address cannot be before the first.")
    address = keep_address(
        line1=lines.line1, line2=lines.line2, town=lines.town, postcode=lines.postcode, uprn=lines.uprn
    )
    if not new:
        Customer.objects.select_for_update(no_key=True).get(pk=customer.pk)
        held = customer.residences.filter(purpose=purpose)
        for residence in held.filter(Q(to_date=None) | Q(to_date__gte=from_date), from_date__lte=from_date):
            if residence.address_id == address.pk and residence.to_date == to_date:
                return residence
            again = None if to_date is None else _rest(residence, after=to_date)
            _end(residence, before=from_date)
            if again:
                rows.insert(again)
        later = held.filter(from_date__gt=from_date).order_by("from_date").first()
        if later and to_date is None:
            to_date = later.from_date - _DAY
        elif later and to_date and later.from_date <= to_date:
            raise Invalid(
                f"They are recorded at {later.address} from {later.from_date:%-d %B %Y}: the last day at another must be before that."
            )
    return rows.insert(
        Residence(customer=customer, address=address, purpose=purpose, from_date=from_date, to_date=to_date)
    )


def _rest(residence: Residence, *, after: date) -> Residence | None:
    """What of a stay at an address is left once another, which began during it, has ended: they are back then."""
    if residence.to_date is not None and residence.to_date <= after:
        return None
    return Residence(
        customer_id=residence.customer_id,
        address_id=residence.address_id,
        purpose=residence.purpose,
        from_date=after + _DAY,
        to_date=residence.to_date,
    )


def add_contacts(
    customer: Customer, contacts: Sequence[Contact], *, on: date, strict: bool, new: bool = False
) -> list[ContactDetail]:
    """Record each way to reach a customer from the day `on`; what they replace ends the day before and is kept.

    Those of one type and holder replace all that were recorded of it. A detail recorded already is returned as it
    is. Unless `strict`, a malformed value is kept as it was written, and any type is. Raises Invalid with a sentence.
    """
    forms = people_lists.forms()
    given = [
        _detail(customer, contact, on=on, strict=strict, forms=forms) for contact in contacts if contact.value.strip()
    ]
    if strict and len(given) < len(contacts):
        raise Invalid("Enter the contact detail.")
    if strict:
        lists.check("contact_types", [detail.type for detail in given])
    current = [] if new else list(customer.contact_details.filter(to_date=None))
    kept = {_whole(detail): detail for detail in current}
    wanted = {_whole(detail): kept.get(_whole(detail), detail) for detail in reversed(given)}
    preferred = {detail.type for detail in current if detail.preferred}
    for old in current:
        if _whole(old) not in wanted and any(_slot(old) == _slot(detail) for detail in given):
            if old.preferred:
                preferred.discard(old.type)
                next(detail for detail in given if _slot(detail) == _slot(old)).preferred = True
            _end(old, before=on)
    fresh = [detail for detail in wanted.values() if detail.pk is None]
    for detail in fresh:
        detail.preferred = detail.preferred and detail.type not in preferred
        preferred |= {detail.type} if detail.preferred else set()
    ContactDetail.objects.bulk_create(fresh)
    return [wanted[_whole(detail)] for detail in given]


def _detail(customer: Customer, contact: Contact, *, on: date, strict: bool, forms: Mapping[str, str]) -> ContactDetail:
    value, holder = " ".join(contact.value.split()), " ".join(contact.holder.split())
    normalised = normalise_contact(contact.type, value, strict=strict, forms=forms)
    check_lengths(ContactDetail, type=contact.type, value=value, holder=holder, normalised=normalised)
    return ContactDetail(
        customer=customer,
        type=contact.type,
        value=value,
        normalised=normalised,
        holder=holder,
        from_date=on,
        preferred=contact.preferred,
    )


def _slot(detail: ContactDetail) -> tuple[str, str]:
    return detail.type, detail.holder


def _whole(detail: ContactDetail) -> tuple[str, str, str]:
    return detail.type, detail.holder, detail.normalised


def _end(row: Residence | ContactDetail, *, before: date) -> None:
    """End what held until the day before. What began that very day was a mistake; its history keeps it."""
    if row.from_date >= before:
        row.delete()
    else:
        row.to_date = before - _DAY
        row.save(update_fields=["to_date"])
