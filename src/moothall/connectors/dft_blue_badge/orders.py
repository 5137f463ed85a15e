"""Badge orders, made from the case as it is."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from moothall.connectors.dft_blue_badge import addresses, codes, photos
from moothall.connectors.dft_blue_badge.reading import day, whole
from moothall.connectors.dft_blue_badge.settings import NationalService
from moothall.core.council.settings import read
from moothall.domain.cases.models import Case
from moothall.domain.documents.models import Document
from moothall.domain.exchange.operations import Payload
from moothall.domain.people.models import ContactDetail, Customer, Person
from moothall.kit import framing, phone, postcode
from moothall.kit.calendars import LONDON

Answers = Mapping[str, Any]
_PHONES = ("phone", "mobile", "other_phone")  # the order in which the national service is given them


def build(case: Case, answers: Answers, *, today: date) -> Payload:
    """The order for the customer of `case`, from what is recorded now and the answers about the badge.

    The start date is today when the day chosen has passed while the order waited. Raises NoPhotograph.
    """
    customer = case.customer
    person = customer.person if customer.kind == Customer.Kind.PERSON else None
    start, expiry = day(answers.get("start_date")), day(answers.get("expiry_date"))
    order: Payload = {
        "party": _party(customer, person, today),
        "localAuthorityShortCode": read(NationalService).la,
        "localAuthorityRef": case.reference,
        "applicationDate": _application_day(case, today).isoformat(),
        "applicationChannelCode": codes.CHANNELS.get(case.source, case.source.upper()),
        "startDate": max(start, today).isoformat() if start else None,
        "expiryDate": expiry.isoformat() if expiry else None,
        "deliverToCode": codes.national(str(answers.get("deliver_to") or "")),
        "deliveryOptionCode": codes.national(str(answers.get("delivery_option") or "")),
        "numberOfBadges": whole(answers.get("number_of_badges")) or 1,
    }
    if person:
        order["eligibilityCode"] = codes.national(str(answers.get("eligibility") or ""))
        if order["eligibilityCode"] in codes.ASSESSED:
            order["notForReassessment"] = bool(answers.get("not_for_reassessment", False))
        order["imageFile"] = photograph(case, answers)
    return order


def photograph(case: Case, answers: Answers) -> str | None:
    """The photograph chosen, or the part of it that was; else the newest on the case tagged so. Raises NoPhotograph."""
    on_case = Document.objects.filter(case_link__case=case)
    chosen = whole(answers.get("photograph"))
    document = (
        on_case.filter(pk=chosen).first()
        if chosen
        else on_case.filter(tags__contains=["photograph"]).order_by("-created_at", "-pk").first()
    )
    frame = answers.get("photograph_frame") if chosen else None
    return photos.encoded(document, framing.parse(str(frame)) if frame else None) if document else None


def _party(customer: Customer, person: Person | None, today: date) -> Payload:
    contacts = list(customer.contact_details.filter(to_date=None).order_by("-preferred", "-from_date", "-pk"))
    address = customer.address_on(today)
    lines = addresses.fit(address.line1, address.line2, address.town) if address else addresses.BadgeAddress("", "", "")
    phones = [*_phones(contacts), "", ""]
    contact = {
        "buildingStreet": lines.street,
        "line2": lines.line2,
        "townCity": lines.town,
        "postCode": postcode.compact(address.postcode) if address else "",
        "primaryPhoneNumber": phones[0],
        "secondaryPhoneNumber": phones[1],
        "emailAddress": next((one.value for one in contacts if one.type == "email"), ""),
    }
    if person is None:
        contact["fullName"] = customer.organisation.contact_name
        holder: Payload = {"organisation": {"badgeHolderName": customer.name}}
        return {"typeCode": "ORG", "contact": _given(contact), **holder}
    contact["fullName"] = next((one.holder for one in contacts if one.holder), "")
    who = {
        "badgeHolderName": f"{person.first_names} {person.last_name}".strip(),
        "nino": person.nino or "",
        "dob": person.date_of_birth.isoformat() if person.date_of_birth else "",
        "genderCode": codes.NATIONAL_GENDERS.get(person.gender, "UNSPECIFIE"),
    }
    return {"typeCode": "PERSON", "contact": _given(contact), "person": _given(who)}


def _phones(contacts: list[ContactDetail]) -> list[str]:
    """Numbers as dialled, without spaces, the most wanted first; as it was written when it is no number we know."""
    given = [one.value for type in _PHONES for one in contacts if one.type == type]
    dialled = (re.sub(r"\s", "", phone.display(value) if phone.is_valid(value) else value) for value in given)
    return list(dict.fromkeys(dialled))


def _application_day(case: Case, today: date) -> date:
    """When the application was made: as the national service says, else when the case was opened."""
    said = case.submission.raw.get("submissionDate") if hasattr(case, "submission") else None
    try:
        made = datetime.fromisoformat(str(said)) if said else case.opened_at
    except ValueError:
        made = case.opened_at
    return min((made.astimezone(LONDON) if made.tzinfo else made).date(), today)


def _given(values: Mapping[str, str]) -> Payload:
    return {key: value for key, value in values.items() if value}
