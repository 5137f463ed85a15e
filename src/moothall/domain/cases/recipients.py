"""Who a message about a case goes to, and where: the applicant, or the alternative contact they named (CT-61)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from django.db.models import Case as When_
from django.db.models import IntegerField, Q, Value, When

from moothall.domain.messages import words
from moothall.domain.people.models import ContactDetail, Customer, Residence

Who = Literal["customer", "alternative_contact"]
EMAIL = "email"
ADDRESS = "address"
ADDRESSES = {EMAIL: "e-mail address", "letter": "postal address"}
"""What has to be recorded of somebody for a message to reach them, by its channel."""
PHONES = ("mobile", "phone")
_MOBILE = re.compile(r"(\+44|0)7[0-9]{9}")
_NEAREST = When_(
    When(purpose=Residence.Purpose.CORRESPONDENCE, then=Value(0)),
    When(purpose=Residence.Purpose.TEMPORARY, then=Value(1)),
    default=Value(2),
    output_field=IntegerField(),
)


@dataclass(frozen=True, kw_only=True)
class Recipient:
    """Somebody a message goes to. `email` is empty and `lines` has nothing when not known.

    `alternative`: somebody other than the applicant.
    """

    name: str
    alternative: bool = False
    email: str = ""
    lines: tuple[str, ...] = ()

    def reached_by(self, channel: str) -> bool:
        """Whether this recipient can be reached by `channel`."""
        return bool(self.email) if channel == EMAIL else bool(self.lines)

    def unreached(self, channels: Sequence[str]) -> str:
        """Why none of these ways, the only ones a text is written for, leads to this recipient."""
        if len(channels) > 1:
            return f"No e-mail or postal address is recorded for {self.name}."
        way = "e-mail" if channels[0] == EMAIL else "post"
        return (
            f"No {ADDRESSES[channels[0]]} is recorded for {self.name}, and this text is written to go by {way} alone."
        )


class NoAlternativeContact(LookupError):
    """A message was to go to an alternative contact nobody named."""


def find(customer: Customer, who: Who, *, on: date, post: bool = True) -> Recipient:
    """The recipient as known `on` a day; without `post`, the postal address is read only if there is no e-mail.

    Raises NoAlternativeContact. Post for an alternative contact whose own address is not recorded goes to the applicant's.
    """
    contacts = _contacts(customer, on)
    if who == "customer":
        held = [contact for contact in contacts if not contact.holder]
        name = customer.name
    else:
        name = next((contact.holder for contact in contacts if contact.holder), "")
        held = [contact for contact in contacts if contact.holder == name]
        if not name:
            raise NoAlternativeContact(f"No alternative contact is recorded for {customer.name}.")
    email = _first(held, EMAIL)
    own_lines = tuple(line.strip() for line in _first(held, ADDRESS).split(",") if line.strip())
    lines = (own_lines or address_lines(customer, on)) if post or not email else ()
    return Recipient(name=name, alternative=who != "customer", email=email, lines=lines)


def mobile(customer: Customer, *, on: date) -> str:
    """The mobile telephone by which the applicant themselves is reached; empty when none is known."""
    numbers = (one.value for one in _contacts(customer, on) if one.type in PHONES and not one.holder)
    return next((number for number in numbers if _MOBILE.fullmatch(number.replace(" ", ""))), "")


def salutation(customer: Customer, recipient: Recipient, language: str) -> str:
    """Dear Mrs Example; with no title, Dear and the whole name; to an organisation, its contact or Sir or Madam."""
    own = words.of(language)
    if recipient.alternative:
        return f"{own['dear']} {recipient.name}"
    if customer.kind == Customer.Kind.ORGANISATION:
        return f"{own['dear']} {customer.organisation.contact_name or own['sir_or_madam']}"
    person = customer.person
    name = f"{person.title} {person.last_name}" if person.title else f"{person.first_names} {person.last_name}"
    return f"{own['dear']} {name.strip()}"


def address_lines(customer: Customer, on: date) -> tuple[str, ...]:
    """Where post reaches the customer on a day: the address for letters, else the temporary, else the home one."""
    residences = customer.residences.filter(Q(to_date=None) | Q(to_date__gte=on), from_date__lte=on)
    residence = residences.select_related("address").order_by(_NEAREST, "-from_date", "-pk").first()
    return tuple(residence.address.lines) if residence else ()


def _contacts(customer: Customer, on: date) -> Sequence[ContactDetail]:
    held = customer.contact_details.filter(Q(to_date=None) | Q(to_date__gte=on), from_date__lte=on)
    return list(held.order_by("-preferred", "-from_date", "-pk"))


def _first(contacts: Sequence[ContactDetail], type: str) -> str:
    return next((contact.value for contact in contacts if contact.type == type), "")
