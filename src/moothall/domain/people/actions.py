"""What is done with customers: recorded, found again, and recorded about."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.db.models.functions import Coalesce, Left
from django.utils import timezone

from moothall.core import rows
from moothall.core.accounts.models import User
from moothall.core.audit import recording
from moothall.core.lists import actions as lists
from moothall.domain.people import deciding, locks, matching, references
from moothall.domain.people.details import AddressLines, Contact, add_contacts, check_birth, check_start, move
from moothall.domain.people.lists import GENDERS, LANGUAGES
from moothall.domain.people.matching import Match
from moothall.domain.people.models import (
    NINO_STEM,
    ContactDetail,
    Customer,
    ExternalReference,
    Organisation,
    Person,
    Residence,
)
from moothall.domain.people.names import fold
from moothall.domain.people.numbers import fold_number
from moothall.domain.places.actions import check_lengths
from moothall.kit import nino as ninos
from moothall.kit import text
from moothall.kit.invalid import Invalid


class NinoTaken(Exception):
    """A person cannot be recorded twice with one National Insurance number (PPP-17).

    `customer` is whose it is. Tell of it only to who may see them.
    """

    def __init__(self, customer: int) -> None:
        self.customer = customer
        super().__init__(
            "Somebody with this National Insurance number is recorded already. Search for the number, "
            "or leave it empty if this is another person."
        )


@dataclass(frozen=True, kw_only=True)
class PersonDetails:
    """Who a person is, as given. Only the last name must be there; `nino` is empty when not given."""

    last_name: str
    first_names: str = ""
    title: str = ""
    known_as: str = ""
    name_at_birth: str = ""
    date_of_birth: date | None = None
    gender: str = ""
    nino: str = ""
    language: str = "en"
    speaks: str = ""


@dataclass(frozen=True, kw_only=True)
class OrganisationDetails:
    """What an organisation is, as given."""

    name: str
    charity_number: str = ""
    contact_name: str = ""


@dataclass(frozen=True, kw_only=True)
class Found:
    """The customer an application is for, how they were found, and whether they are new."""

    customer: Customer
    match: Match
    created: bool


def create_person(
    details: PersonDetails,
    *,
    by: User,
    at: datetime,
    address: AddressLines | None = None,
    contacts: Sequence[Contact] = (),
) -> Customer:
    """Record a new person, with their home address and contact details.

    Raises NinoTaken, or Invalid with a sentence.
    """
    details = tidied(details, strict=True)
    check_listed(gender=details.gender, speaks=details.speaks)
    check_birth(details.date_of_birth, today=timezone.localdate(at))
    with recording.because(action="person.created", by=by, at=at):
        locks.hold(identity_of(details))
        if (holder := nino_holder(details.nino)) is not None:
            raise NinoTaken(holder)
        customer = _add_person(details, claimed="", at=at)
        _reach(customer, address, contacts, strict=True, new=True, at=at)
        recording.record("person.created", customer, by=by, at=at)
    return customer


def create_organisation(
    details: OrganisationDetails,
    *,
    by: User,
    at: datetime,
    address: AddressLines | None = None,
    contacts: Sequence[Contact] = (),
) -> Customer:
    """Record a new organisation, with its address and contact details. Raises Invalid with a sentence."""
    with recording.because(action="organisation.created", by=by, at=at):
        customer = _add_organisation(details, at=at)
        _reach(customer, address, contacts, strict=True, new=True, at=at)
        recording.record("organisation.created", customer, by=by, at=at)
    return customer


def person_for_application(
    details: PersonDetails,
    *,
    by: User,
    at: datetime,
    address: AddressLines | None = None,
    contacts: Sequence[Contact] = (),
    match: Match | Callable[[], Match] | None = None,
) -> Found:
    """The person an application is for: the one it matches (`matching.match_application`), else a new one.

    Two applications of one new person at once end in one customer: the second waits for the first. `match` given, it
    is taken as it is; given as a way to match (a replacement's, say), it is used once the first is done. A National Insurance number somebody else has does not keep the
    application out: the new person is recorded with the number as claimed (`Person.nino_claimed`), and
    `Found.match.nino_conflict` tells the caller to say so on the case. What came newer than the record (address,
    contact details, a number not known before) is added to it. A malformed number, telephone or e-mail does not
    stop it either. Raises Invalid for a name or address that cannot be kept.
    """
    details = tidied(details, strict=False)
    if details.gender not in {"", *(one.key for one in GENDERS.values)}:
        check_listed(gender=details.gender)
    with recording.because(action="person.found", by=by, at=at):
        locks.hold(identity_of(details))
        if match is None:
            match = matching.match_application(
                nino=details.nino,
                date_of_birth=details.date_of_birth,
                last_name=details.last_name,
                postcode=address.postcode if address else "",
                on=timezone.localdate(at),
            )
            taken = match.nino_conflict
        else:
            match = match if isinstance(match, Match) else match()
            taken = nino_holder(details.nino) is not None
        customer = match.customer
        created = customer is None
        if customer is None:
            match = replace(match, nino_conflict=match.nino_conflict or taken)
            customer = _add_person(
                replace(details, nino="" if taken else details.nino), claimed=details.nino if taken else "", at=at
            )
            recording.record("person.created", customer, by=by, at=at, reason=match.reason)
        elif not match.nino_conflict:
            _learn_nino(customer.person, details.nino)
        _reach(customer, address, contacts, strict=False, new=created, at=at)
    return Found(customer=customer, match=match, created=created)


def organisation_for_application(
    details: OrganisationDetails,
    *,
    by: User,
    at: datetime,
    address: AddressLines | None = None,
    contacts: Sequence[Contact] = (),
) -> Found:
    """The organisation an application is for: the one it matches, else a new one. As `person_for_application`."""
    with recording.because(action="organisation.found", by=by, at=at):
        locks.hold([f"organisation:{fold(details.name)}"])
        match = matching.match_organisation(
            name=details.name,
            charity_number=details.charity_number,
            postcode=address.postcode if address else "",
            on=timezone.localdate(at),
        )
        created = match.customer is None
        customer = match.customer or _add_organisation(details, at=at)
        if created:
            recording.record("organisation.created", customer, by=by, at=at, reason=match.reason)
        _reach(customer, address, contacts, strict=False, new=created, at=at)
    return Found(customer=customer, match=match, created=created)


def set_contact(
    customer: Customer,
    contact: Contact,
    *,
    by: User,
    at: datetime,
    verified: bool = False,
) -> ContactDetail:
    """Record how a customer is reached from today. What it replaces (same type and holder) ends and is kept.

    Preferring one takes the mark off the others of its type. Raises Invalid with a sentence.
    """
    with recording.because(action="contact.set", by=by, at=at):
        Customer.objects.select_for_update(no_key=True).get(pk=customer.pk)
        detail = add_contacts(customer, [contact], on=timezone.localdate(at), strict=True)[0]
        if contact.preferred and not detail.preferred:
            customer.contact_details.filter(type=detail.type, to_date=None, preferred=True).update(preferred=False)
            detail.preferred = True
        if verified:
            detail.verified_at, detail.verified_by = at, by
        detail.save(update_fields=["preferred", "verified_at", "verified_by"])
        recording.record("contact.set", customer, by=by, at=at, type=detail.type)
    return detail


def set_address(
    customer: Customer,
    address: AddressLines,
    *,
    by: User,
    at: datetime,
    purpose: Residence.Purpose = Residence.Purpose.HOME,
    from_date: date | None = None,
    to_date: date | None = None,
) -> Residence:
    """Record where a customer lives or gets letters, from a day (today) on. The previous address ends the day before.

    An earlier day than a recorded move puts the address before that move. Raises Invalid with a sentence.
    """
    check_start(from_date, today=timezone.localdate(at))
    with recording.because(action="address.set", by=by, at=at):
        residence = move(
            customer, address, purpose=purpose, from_date=from_date or timezone.localdate(at), to_date=to_date
        )
        recording.record("address.set", customer, by=by, at=at, purpose=str(purpose))
    return residence


def set_reference(
    customer: Customer,
    *,
    type: str,
    number: str,
    by: User,
    at: datetime,
    status: str = "",
    from_date: date | None = None,
    to_date: date | None = None,
    replaces: ExternalReference | None = None,
    new: bool = False,
) -> ExternalReference:
    """Record the number another system knows a customer by, or its new status and dates (PPP-12).

    `type` is a value of the list `reference_types`. Raises ReferenceTaken when another customer has it and the list says
    that a number of this type is one customer's alone, or Invalid; with `new` also when this customer has it already.
    """
    folded = fold_number(number)
    if not folded:
        raise Invalid("Enter the reference number.")
    check_lengths(ExternalReference, number=folded, status=status)
    lists.check("reference_types", [type])
    check_start(from_date, today=timezone.localdate(at))
    with recording.because(action="reference.set", by=by, at=at):
        locks.hold([f"reference:{type}:{folded}"])
        reference = references.held(customer, type, folded)
        if new and reference.pk:
            raise Invalid(f"{folded} is recorded for {customer.name} already.")
        reference.status, reference.from_date, reference.to_date = status, from_date, to_date
        reference.replaces = replaces or reference.replaces
        reference.save()
        recording.record("reference.set", customer, by=by, at=at, type=type, number=folded, status=status)
    return reference


def check_listed(*, gender: str = "", speaks: str = "") -> None:
    """Raise Invalid for a gender or language that the council's lists do not offer; nothing said is no fault."""
    for known, given in ((GENDERS, gender), (LANGUAGES, speaks)):
        lists.check(known.key, [given] if given else [])


def tidied(details: PersonDetails, *, strict: bool) -> PersonDetails:
    """The details as they are kept. Raises Invalid; unless `strict`, a malformed number is left out instead."""
    cleaned = text.clean if strict else text.salvage
    tidy = replace(
        details,
        last_name=_spaced(cleaned(details.last_name)),
        first_names=_spaced(cleaned(details.first_names)),
        title=_spaced(cleaned(details.title)),
        known_as=_spaced(cleaned(details.known_as)),
        name_at_birth=_spaced(cleaned(details.name_at_birth)),
    )
    if not tidy.last_name:
        raise Invalid("Enter the person's last name.")
    check_lengths(
        Person,
        last_name=tidy.last_name,
        first_names=tidy.first_names,
        title=tidy.title,
        known_as=tidy.known_as,
        name_at_birth=tidy.name_at_birth,
    )
    given = details.nino.strip()
    nino = ninos.normalise(given) if given and (strict or ninos.is_valid(given)) else ""
    return replace(tidy, nino=nino)


def _spaced(text: str) -> str:
    return " ".join(text.split())


def identity_of(details: PersonDetails) -> list[str]:
    """The keys to lock (`locks.hold`) while somebody is looked for and recorded."""
    keys = [f"person:{fold(details.last_name)}:{details.date_of_birth}"]
    return [*keys, f"nino:{details.nino[:NINO_STEM]}"] if details.nino else keys


def nino_holder(nino: str) -> int | None:
    """The id of the customer a National Insurance number (normalised, or empty) is recorded for, or was before a merge."""
    if not nino:
        return None
    people = Person.objects.alias(stem=Left("nino", NINO_STEM)).filter(stem=nino[:NINO_STEM])
    return people.values_list(Coalesce("customer__merged_into", "customer"), flat=True).first()


def shown_name(details: PersonDetails) -> str:
    """A person's name in lists and on letters."""
    return " ".join(part for part in (details.first_names, details.last_name) if part)[:200]


def _add_person(details: PersonDetails, *, claimed: str, at: datetime) -> Customer:
    customer = rows.insert(Customer(kind=Customer.Kind.PERSON, name=shown_name(details), created_at=at))
    person = Person(
        customer=customer,
        title=details.title,
        first_names=details.first_names,
        last_name=details.last_name,
        surname_key=fold(details.last_name),
        known_as=details.known_as,
        name_at_birth=details.name_at_birth,
        date_of_birth=details.date_of_birth,
        gender=details.gender,
        nino=details.nino or None,
        nino_claimed=claimed,
        language=details.language,
        speaks=details.speaks,
    )
    rows.insert(person)
    return customer


def _add_organisation(details: OrganisationDetails, *, at: datetime) -> Customer:
    name = _spaced(text.salvage(details.name))
    if not name:
        raise Invalid("Enter the name of the organisation.")
    check_lengths(Customer, name=name)
    texts = {
        "charity_number": _spaced(text.salvage(details.charity_number)),
        "contact_name": _spaced(text.salvage(details.contact_name)),
    }
    check_lengths(Organisation, **texts)
    customer = Customer.objects.create(kind=Customer.Kind.ORGANISATION, name=name, created_at=at)
    Organisation.objects.create(customer=customer, name_key=fold(name), **texts)
    return customer


def _learn_nino(person: Person, nino: str) -> None:
    if nino and not person.nino and nino_holder(nino) is None:
        person.nino, person.nino_claimed = nino, ""
        person.save(update_fields=["nino", "nino_claimed"])
        deciding.changed(person.pk)


def _reach(
    customer: Customer,
    address: AddressLines | None,
    contacts: Sequence[Contact],
    *,
    strict: bool,
    new: bool,
    at: datetime,
) -> None:
    day = timezone.localdate(at)
    if address:
        move(customer, address, from_date=day, new=new)
    if contacts:
        add_contacts(customer, contacts, on=day, strict=strict, new=new)
