"""Making a case of an application, in one transaction: person, case, documents, payment and first message."""

import re
from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import TypedDict

from moothall.connectors.dft_blue_badge import application, codes, papers, submitted
from moothall.connectors.dft_blue_badge.application import Application, Contact
from moothall.connectors.dft_blue_badge.fetching import File
from moothall.connectors.dft_blue_badge.settings import NationalService
from moothall.core.accounts.models import User
from moothall.core.council.settings import read
from moothall.domain.cases import actions as cases
from moothall.domain.cases import communications, recipients
from moothall.domain.cases.actions import CannotOpen
from moothall.domain.cases.models import Case, Submission
from moothall.domain.cases.recipients import Recipient
from moothall.domain.catalogue import catalogue
from moothall.domain.catalogue.models import Service
from moothall.domain.messages.language import TemplateFault
from moothall.domain.messages.templates import NoSuchTemplate
from moothall.domain.people import actions as people
from moothall.domain.people import matching
from moothall.domain.people.actions import Found, OrganisationDetails, PersonDetails
from moothall.domain.people.details import AddressLines
from moothall.domain.people.details import Contact as ContactDetail
from moothall.domain.people.matching import Match
from moothall.domain.people.names import fold, split_full_name
from moothall.kit import email
from moothall.kit.calendars import LONDON

_TYPES = {"NEW": "new", "RENEW": "renewal", "REPLACE": "replacement", "CANCEL": "no_longer_needed"}
_TERMINAL = re.compile(
    r"\b(DS\s?1500|SR1(?: form)?|terminal(?:ly)?(?: ill(?:ness)?)?|palliative|end of life)\b", re.IGNORECASE
)


class _Asked(TypedDict):
    """What both ways to find a person go by."""

    date_of_birth: date | None
    last_name: str
    nino: str
    postcode: str
    on: date


def make_case(submission: Submission, *, by: User, at: datetime, files: Sequence[File] = ()) -> Case:
    """Open the case of a submission. Raises CannotOpen or Invalid with a sentence; then nothing is kept."""
    given = application.parse(submission.raw)
    settings = read(NationalService)
    service = Service.objects.filter(key=settings.service).first()
    if service is None:
        raise CannotOpen(f"There is no service “{settings.service}” to open the case under. Publish it.")
    found = _applicant(given, by=by, at=at)
    case = cases.open_case(
        service=service,
        type=case_type(given),
        source="online",
        customer=found.customer,
        by=by,
        at=at,
        submitted=submitted.in_our_words(submission.raw, codes.labels()),
        tags=_tags(given),
        match=found.match,
    )
    papers.add_files(case, files, by=by, at=at)
    _record_payment(case, given, settings, by=by, at=at)
    _say_what_to_look_at(case, given, by=by, at=at)
    acknowledge(case, given.party.contact, by=by, at=at)
    return case


def gone(*, transferred: bool) -> str:
    """What is noted on a case whose application is no longer ours in the national service."""
    how = "was transferred to another authority" if transferred else "was deleted"
    return f"The application {how} in the national service. Close this case, or ask there what happened."


def case_type(given: Application) -> str:
    """Our case type. One the service may add later counts as a new application."""
    if given.party.typeCode == "ORG" and given.applicationTypeCode in ("NEW", "RENEW"):
        return "organisation"
    return _TYPES.get(given.applicationTypeCode, "new")


def acknowledge(case: Case, contact: Contact, *, by: User, at: datetime) -> None:
    """Queue the message that we have the application, if the service sends one and somebody can be reached.

    It goes by the first of its channels that reaches them: by e-mail to the address given, in the name of whoever
    applied; by letter to the customer.
    """
    manifest = catalogue.manifest(case.service_version_id)
    wanted = next((one for one in manifest.acknowledgements if one.fits(case.type, case.source)), None)
    if wanted is None:
        return
    for channel in wanted.channels:
        recipient = _reached(case, contact, channel, at=at)
        if recipient.reached_by(channel):
            _send(case, wanted.template, channel, recipient, by=by, at=at)
            return


def _reached(case: Case, contact: Contact, channel: str, *, at: datetime) -> Recipient:
    if channel == "email":
        address = contact.emailAddress if email.is_valid(contact.emailAddress) else ""
        return Recipient(name=contact.fullName or case.customer.name, email=address)
    return recipients.find(case.customer, "customer", on=at.astimezone(LONDON).date())


def _send(case: Case, template: str, channel: str, recipient: Recipient, *, by: User, at: datetime) -> None:
    try:
        communications.send_as_it_is(case, template, channel=channel, to=recipient, by=by, at=at)
    except (NoSuchTemplate, communications.MessageRefused, TemplateFault) as fault:
        text = f"The applicant was not told that we have the application: the message could not be written. {fault}"
        cases.add_note(case, text=text, important=True, by=by, at=at)


def _applicant(given: Application, *, by: User, at: datetime) -> Found:
    contact, party = given.party.contact, given.party
    address = AddressLines(
        line1=contact.buildingStreet, line2=contact.line2, town=contact.townCity, postcode=contact.postCode
    )
    if party.organisation and party.typeCode == "ORG":
        organisation = OrganisationDetails(
            name=party.organisation.badgeHolderName,
            charity_number=party.organisation.charityNumber,
            contact_name=contact.fullName,
        )
        contacts = _contacts(contact, holder="")
        return people.organisation_for_application(organisation, by=by, at=at, address=address, contacts=contacts)
    details = person_details(given)
    own_names = {
        fold(party.person.badgeHolderName if party.person else ""),
        fold(details.first_names + details.last_name),
    }
    return people.person_for_application(
        details,
        by=by,
        at=at,
        address=address,
        contacts=_contacts(contact, holder="" if fold(contact.fullName) in own_names else contact.fullName),
        match=_matching(given, details, at=at),
    )


def person_details(given: Application) -> PersonDetails:
    """Who the badge is for, as given."""
    person = given.party.person
    if person is None:
        raise application.Malformed("The application does not say who the badge is for.")
    name = split_full_name(person.badgeHolderName)
    return PersonDetails(
        title=name.title,
        first_names=name.first_names,
        last_name=name.last_name,
        name_at_birth=person.nameAtBirth,
        date_of_birth=person.dob,
        gender=codes.GENDERS.get(person.genderCode, ""),
        nino=person.nino,
    )


def _matching(given: Application, details: PersonDetails, *, at: datetime) -> Callable[[], Match] | None:
    """How to find who asks, where the rule is not the one for new applications: replacements (CT-38), badges held."""
    asked: _Asked = {
        "date_of_birth": details.date_of_birth,
        "last_name": details.last_name,
        "nino": details.nino,
        "postcode": given.party.contact.postCode,
        "on": at.astimezone(LONDON).date(),
    }
    if given.applicationTypeCode in ("REPLACE", "CANCEL"):
        return lambda: matching.match_replacement(badge_number=given.existingBadgeNumber, **asked)
    if not given.existingBadgeNumber:
        return None

    def by_person_then_badge() -> Match:
        found = matching.match_application(**asked)
        if found.customer or found.candidates:
            return found
        holder = matching.match_replacement(badge_number=given.existingBadgeNumber, **asked)
        return holder if holder.customer else found

    return by_person_then_badge


def _contacts(contact: Contact, *, holder: str) -> list[ContactDetail]:
    """Ways to reach them. Somebody else's, where another person is named as the contact."""
    given = {type: getattr(contact, field) for type, field in codes.CONTACTS.items()}
    return [ContactDetail(type=type, value=value, holder=holder) for type, value in given.items() if value]


def _tags(given: Application) -> list[str]:
    tags = []
    if given.paymentTaken:
        tags.append("payment")
    if given.existingBadgeNumber:
        tags.append("existing_badge")
    if _terminal(given):
        tags.append("terminal_illness")
    return tags


def _terminal(given: Application) -> str:
    """The words that speak of a terminal illness, if any: such applications are decided first."""
    if given.eligibility is None:
        return ""
    if given.eligibility.typeCode == "TERMILL":
        return "terminal illness"
    found = _TERMINAL.search(given.eligibility.descriptionOfConditions)
    return found[0] if found else ""


def _record_payment(case: Case, given: Application, settings: NationalService, *, by: User, at: datetime) -> None:
    if given.paymentTaken and settings.badge_fee_pence:
        reference = given.paymentReference or "Unknown"
        cases.record_payment(
            case,
            pence=settings.badge_fee_pence,
            method="online",
            purpose="Blue Badge",
            reference=reference,
            by=by,
            at=at,
        )
    elif not given.paymentTaken and given.paymentReference.casefold() == "unknown":
        text = "The applicant may have paid: the national service could not read how the payment ended. Check it."
        cases.add_note(case, text=text, by=by, at=at)


def _say_what_to_look_at(case: Case, given: Application, *, by: User, at: datetime) -> None:
    if words := _terminal(given):
        text = f"The application speaks of “{words}”: consider the fast track."
        cases.add_note(case, text=text, important=True, by=by, at=at)
    if given.applicationTypeCode not in _TYPES:
        text = f"The national service calls this application “{given.applicationTypeCode}”, a type not known here."
        cases.add_note(case, text=text, important=True, by=by, at=at)
    if given.transferredLaFromCode:
        names = codes.labels().get("LA", {})
        sender = names.get(given.transferredLaFromCode, given.transferredLaFromCode)
        cases.add_note(case, text=f"{sender} transferred this application to us.", by=by, at=at)
