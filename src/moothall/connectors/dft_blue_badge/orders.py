"""Badge orders: made from the case as it is, and checked as the national service will check them.

Rules: the published contract's order fields and business rules, and the limits of what is printed (name lines of 28
and 40 characters, 40 for an organisation, Windows-1252 characters).
"""

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.utils import timezone

from moothall.connectors.dft_blue_badge import addresses, codes, photos
from moothall.connectors.dft_blue_badge.settings import NationalService
from moothall.core.council.settings import Council, read
from moothall.domain.cases.models import Case
from moothall.domain.documents.models import Document
from moothall.domain.exchange.operations import Payload
from moothall.domain.people.models import ContactDetail, Customer, Person
from moothall.kit import nino, phone, postcode
from moothall.kit.calendars import LONDON

MOST_BADGES = 999
LONGEST_YEARS = 3
ONE_LINE, EACH_LINE, ORGANISATION_LINE = 28, 40, 40
_ONLY_IN = {"COGNITIVE": "wales", "TRAF_RISK": "scotland"}
_EMAIL = re.compile(r"\S+@\S+")
Answers = Mapping[str, Any]


def build(case: Case, answers: Answers) -> Payload:
    """The order for the customer of `case`, from what is recorded now and the answers about the badge.

    The start date is today when the day chosen has passed while the order waited. Raises NoPhotograph.
    """
    customer, today = case.customer, timezone.localdate()
    person = customer.person if customer.kind == Customer.Kind.PERSON else None
    start = _day(answers.get("start_date"))
    order: Payload = {
        "party": _party(customer, person, today),
        "localAuthorityShortCode": read(NationalService).la,
        "localAuthorityRef": case.reference,
        "applicationDate": _application_day(case).isoformat(),
        "applicationChannelCode": codes.CHANNELS.get(case.source, case.source.upper()),
        "startDate": max(start, today).isoformat() if start else None,
        "expiryDate": answers.get("expiry_date"),
        "deliverToCode": codes.national(str(answers.get("deliver_to") or "")),
        "deliveryOptionCode": codes.national(str(answers.get("delivery_option") or "")),
        "numberOfBadges": _whole(answers.get("number_of_badges")) or 1,
    }
    if person:
        order["eligibilityCode"] = codes.national(str(answers.get("eligibility") or ""))
        if order["eligibilityCode"] in codes.ASSESSED:
            order["notForReassessment"] = bool(answers.get("not_for_reassessment", False))
        order["imageFile"] = photograph(case, answers)
    return order


def photograph(case: Case, answers: Answers) -> str | None:
    """The photograph chosen, else the newest on the case tagged so. Raises NoPhotograph."""
    on_case = Document.objects.filter(case_link__case=case)
    chosen = _whole(answers.get("photograph"))
    document = (
        on_case.filter(pk=chosen).first()
        if chosen
        else on_case.filter(tags__contains=["photograph"]).order_by("-created_at", "-pk").first()
    )
    return photos.encoded(document) if document else None


def validate(order: Payload) -> list[str]:
    """What must be put right before the national service would take an order, as sentences; empty when nothing."""
    person = _part(order, "party").get("typeCode") == "PERSON"
    return [*_holder_problems(order, person), *_contact_problems(order), *_badge_problems(order, person)]


def _party(customer: Customer, person: Person | None, today: date) -> Payload:
    contacts = list(customer.contact_details.filter(to_date=None).order_by("-preferred", "-from_date", "-pk"))
    address = customer.address_on(today)
    lines = addresses.fit(address.line1, address.line2, address.town) if address else addresses.BadgeAddress("", "", "")
    contact = {
        "buildingStreet": lines.street,
        "line2": lines.line2,
        "townCity": lines.town,
        "postCode": postcode.compact(address.postcode) if address else "",
        "primaryPhoneNumber": _phone(contacts, "phone") or _phone(contacts, "other_phone"),
        "secondaryPhoneNumber": _phone(contacts, "other_phone") if _phone(contacts, "phone") else "",
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


def _phone(contacts: list[ContactDetail], type: str) -> str:
    """The first number of a type as dialled, without spaces; as it was written when it is no number we know."""
    value = next((one.value for one in contacts if one.type == type), "")
    return re.sub(r"\s", "", phone.display(value) if phone.is_valid(value) else value)


def _application_day(case: Case) -> date:
    """When the application was made: as the national service says, else when the case was opened."""
    said = case.submission.raw.get("submissionDate") if hasattr(case, "submission") else None
    try:
        made = datetime.fromisoformat(str(said)) if said else case.opened_at
    except ValueError:
        made = case.opened_at
    return min(timezone.localtime(made, LONDON) if made.tzinfo else made, timezone.localtime(timezone=LONDON)).date()


def _holder_problems(order: Payload, person: bool) -> Iterator[str]:
    party = _part(order, "party")
    holder = _part(party, "person" if person else "organisation")
    name = str(holder.get("badgeHolderName") or "")
    if party.get("typeCode") not in ("PERSON", "ORG"):
        yield "The badge must be for a person or an organisation."
    elif not name:
        yield "Record the name of the badge holder."
    elif len(name) > (100 if person else ORGANISATION_LINE):
        yield f"The name “{name}” is too long to print on a badge: {'100' if person else '40'} characters at most."
    elif person and not _printable_name(name):
        yield f"The name “{name}” does not fit on a badge: shorten the first names or the last name to 40 characters."
    yield from _unprintable("name", name)
    if not person:
        contact = str(_part(party, "contact").get("fullName") or "")
        if not contact:
            yield "Record the name of the organisation's contact: it is printed on the badge."
        yield from _unprintable("name of the contact", contact)
        return
    born = _day(holder.get("dob"))
    if born is None:
        yield "Record the person's date of birth."
    elif born > timezone.localdate():
        yield "The date of birth is in the future: correct it on the person."
    if holder.get("genderCode") not in codes.GENDERS:
        yield "The national service does not know this gender: use female, male or unspecified."
    if (number := holder.get("nino")) and not nino.is_valid(str(number)):
        yield f"The National Insurance number “{number}” is not in the right form: correct it on the person."


def _contact_problems(order: Payload) -> Iterator[str]:
    contact = {key: str(value or "") for key, value in _part(_part(order, "party"), "contact").items()}
    lines = addresses.BadgeAddress(
        contact.get("buildingStreet", ""), contact.get("line2", ""), contact.get("townCity", "")
    )
    if not lines.street or not lines.town:
        yield "Record the home address, with its first line and its town."
    elif not lines.fits:
        yield (
            f"The address is too long for a badge order: shorten it to {addresses.STREET} characters in the first line"
            f" and {addresses.LINE2} each in the second line and the town."
        )
    if not postcode.is_valid_for_badge(contact.get("postCode", "")):
        yield "The postcode is missing or not one badges can be ordered for: correct it in the address."
    if not contact.get("primaryPhoneNumber"):
        yield "Record a telephone number: the national service wants one."
    for key in ("primaryPhoneNumber", "secondaryPhoneNumber"):
        if len(contact.get(key, "")) > 20:
            yield f"The telephone number “{contact[key]}” is too long: 20 characters at most."
    address = contact.get("emailAddress", "")
    if address and (len(address) > 100 or not _EMAIL.fullmatch(address)):
        yield f"The e-mail address “{address}” is not one the national service takes: correct it or leave it out."
    if len(contact.get("fullName", "")) > 100:
        yield "The name of the contact is too long: 100 characters at most."
    yield from _unprintable("address", " ".join(lines))


def _badge_problems(order: Payload, person: bool) -> Iterator[str]:
    if not re.fullmatch("[A-Z]{1,10}", str(order.get("localAuthorityShortCode") or "")):
        yield "The settings do not say which authority we are to the national service."
    if len(str(order.get("localAuthorityRef") or "")) > 100:
        yield "The case reference is too long: 100 characters at most."
    if order.get("applicationChannelCode") not in codes.CHANNELS.values():
        yield "The national service does not know this source of a case: use online, paper, phone or in person."
    applied = _day(order.get("applicationDate"))
    if applied is None or applied > timezone.localdate():
        yield "The application date is missing or in the future."
    yield from _date_problems(_day(order.get("startDate")), _day(order.get("expiryDate")))
    if order.get("deliverToCode") not in ("HOME", "COUNCIL"):
        yield "Choose whether the badge goes to the home address or to the council."
    if order.get("deliveryOptionCode") not in ("STAND", "FAST"):
        yield "Choose standard or fast track delivery."
    elif order["deliveryOptionCode"] == "FAST" and order.get("deliverToCode") == "COUNCIL":
        yield "Fast track delivery goes to the home address only: choose home, or standard delivery."
    number = order.get("numberOfBadges")
    count = 1 if number is None else number
    if not isinstance(count, int) or not 1 <= count <= (1 if person else MOST_BADGES):
        yield f"A person has one badge; an organisation has between 1 and {MOST_BADGES}."
    yield from _eligibility_problems(order, person)
    if person and not order.get("imageFile"):
        yield "Add the photograph: a badge is not printed without one."


def _eligibility_problems(order: Payload, person: bool) -> Iterator[str]:
    code, flag = order.get("eligibilityCode"), order.get("notForReassessment")
    if person and not code:
        yield "Choose why the person is eligible."
    elif person and code not in codes.AUTOMATIC | codes.ASSESSED:
        yield f"The national service does not know the eligibility “{code}”: choose another."
    if (nation := _ONLY_IN.get(str(code))) and person and read(Council).nation != nation:
        yield f"This eligibility applies in {nation.capitalize()} only: choose another."
    if flag is not None and not (person and code in codes.ASSESSED):
        yield "“No reassessment needed” can be said only of a person who was assessed: take the answer out."


def _date_problems(start: date | None, expiry: date | None) -> Iterator[str]:
    today = timezone.localdate()
    if start is None or expiry is None:
        yield "Enter the start date and the expiry date of the badge."
        return
    if start < today:
        yield "The start date has passed: choose today or later."
    if expiry < max(start, today):
        yield "The expiry date must not be before the start date or today."
    elif expiry > _years_after(start, LONGEST_YEARS):
        yield f"The expiry date can be {LONGEST_YEARS} years after the start date at most."


def _printable_name(name: str) -> bool:
    """Up to 28 characters are one line; a longer name is split at its last space into two of at most 40."""
    first, _, last = name.rpartition(" ")
    return len(name) <= ONE_LINE or (bool(first) and len(first) <= EACH_LINE and len(last) <= EACH_LINE)


def _unprintable(what: str, text: str) -> Iterator[str]:
    odd = "".join(sorted({char for char in text if not _in_cp1252(char)}))
    if odd:
        yield f"The {what} has letters the printer does not have ({odd}): write it in Western European letters."


def _in_cp1252(char: str) -> bool:
    try:
        char.encode("cp1252")
    except UnicodeEncodeError:
        return False
    return True


def _years_after(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:  # 29 February
        return day.replace(year=day.year + years, month=3, day=1) - timedelta(days=1)


def _day(value: Any) -> date | None:
    try:
        return date.fromisoformat(str(value)) if value else None
    except ValueError:
        return None


def _whole(value: Any) -> int | None:
    return int(value) if isinstance(value, int | float) or (isinstance(value, str) and value.isdecimal()) else None


def _part(payload: Payload, key: str) -> Payload:
    value = payload.get(key)
    return value if isinstance(value, dict) else {}


def _given(values: Mapping[str, str]) -> Payload:
    return {key: value for key, value in values.items() if value}
