"""What is checked of an order, a replacement and a cancellation before the national service is told.

Rules: the published contract's order fields and business rules, and the limits of what is printed (name lines of 28
and 40 characters, 40 for an organisation, Windows-1252 characters).
"""

import re
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any

from moothall.connectors.dft_blue_badge import addresses, codes
from moothall.connectors.dft_blue_badge.reading import day, holder, part
from moothall.core.council.settings import Council, read
from moothall.domain.workflow.answering import Problem
from moothall.kit import nino, postcode

MOST_BADGES = 999
LONGEST_YEARS = 3
ONE_LINE, EACH_LINE, ORGANISATION_LINE = 28, 40, 40
ONLY_IN = {"COGNITIVE": "wales", "TRAF_RISK": "scotland"}
_REPLACE_REASONS = ("STOLE", "LOST", "DAMAGED", "UNDELIVER")
_CANCEL_REASONS = (*_REPLACE_REASONS, "DECEASE", "NOLONG", "REVOKE")
_EMAIL = re.compile(r"\S+@\S+")
Order = Mapping[str, Any]


def order_problems(order: Order, *, today: date) -> list[str]:
    """What must be put right before the national service would take an order, as sentences; empty when nothing."""
    found = [problem.sentence for problem in officer_problems(order, today=today)]
    if not re.fullmatch("[A-Z]{1,10}", str(order.get("localAuthorityShortCode") or "")):
        found.append("The settings do not say which authority we are to the national service.")
    return found


def officer_problems(order: Order, *, today: date) -> list[Problem]:
    """What an officer must put right in an order: on the customer, on the case or in the answer it names."""
    person = part(order, "party").get("typeCode") == "PERSON"
    return [
        *(Problem("", sentence) for sentence in _holder_problems(order, person, today)),
        *(Problem("", sentence) for sentence in _contact_problems(order)),
        *_badge_problems(order, person, today),
    ]


def replacement_problems(request: Order) -> list[str]:
    """What must be put right before a replacement can be ordered, as sentences; the badge itself is not looked at."""
    found = []
    if request.get("replaceReasonCode") not in _REPLACE_REASONS:
        found.append("Say why the badge is replaced: lost, stolen, damaged or not delivered.")
    return [*found, *(problem.sentence for problem in _delivery_problems(request))]


def cancellation_problems(request: Order) -> list[str]:
    """What must be put right before a badge can be cancelled, as sentences; the badge itself is not looked at."""
    return [] if request.get("cancelReasonCode") in _CANCEL_REASONS else ["Say why the badge is cancelled."]


def _delivery_problems(request: Order) -> Iterator[Problem]:
    if request.get("deliverToCode") not in ("HOME", "COUNCIL"):
        yield Problem("deliver_to", "Choose whether the badge goes to the home address or to the council.")
    if request.get("deliveryOptionCode") not in ("STAND", "FAST"):
        yield Problem("delivery_option", "Choose standard or fast track delivery.")
    elif request["deliveryOptionCode"] == "FAST" and request.get("deliverToCode") == "COUNCIL":
        sentence = "Fast track delivery goes to the home address only: choose home, or standard delivery."
        yield Problem("delivery_option", sentence)


def _holder_problems(order: Order, person: bool, today: date) -> Iterator[str]:
    party = part(order, "party")
    who = holder(party)
    name = str(who.get("badgeHolderName") or "")
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
        contact = str(part(party, "contact").get("fullName") or "")
        if not contact:
            yield "Record the name of the organisation's contact: it is printed on the badge."
        yield from _unprintable("name of the contact", contact)
        return
    born = day(who.get("dob"))
    if born is None:
        yield "Record the person's date of birth."
    elif born > today:
        yield "The date of birth is in the future: correct it on the person."
    if who.get("genderCode") not in codes.GENDERS:
        yield "The national service does not know this gender: use female, male or unspecified."
    if (number := who.get("nino")) and not nino.is_valid(str(number)):
        yield f"The National Insurance number “{number}” is not in the right form: correct it on the person."


def _contact_problems(order: Order) -> Iterator[str]:
    contact = {key: str(value or "") for key, value in part(part(order, "party"), "contact").items()}
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


def _badge_problems(order: Order, person: bool, today: date) -> Iterator[Problem]:
    if len(str(order.get("localAuthorityRef") or "")) > 100:
        yield Problem("", "The case reference is too long: 100 characters at most.")
    if order.get("applicationChannelCode") not in codes.CHANNELS.values():
        sentence = "The national service does not know this source of a case: use online, paper, phone or in person."
        yield Problem("", sentence)
    applied = day(order.get("applicationDate"))
    if applied is None or applied > today:
        yield Problem("", "The application date is missing or in the future.")
    yield from _date_problems(day(order.get("startDate")), day(order.get("expiryDate")), today)
    yield from _delivery_problems(order)
    number = order.get("numberOfBadges")
    count = 1 if number is None else number
    if not isinstance(count, int) or not 1 <= count <= (1 if person else MOST_BADGES):
        sentence = f"A person has one badge; an organisation has between 1 and {MOST_BADGES}."
        yield Problem("number_of_badges", sentence)
    yield from _eligibility_problems(order, person)
    if person and not order.get("imageFile"):
        yield Problem("photograph", "Add the photograph: a badge is not printed without one.")


def _eligibility_problems(order: Order, person: bool) -> Iterator[Problem]:
    code, flag = order.get("eligibilityCode"), order.get("notForReassessment")
    if person and not code:
        yield Problem("eligibility", "Choose why the person is eligible.")
    elif code and code not in codes.AUTOMATIC | codes.ASSESSED:
        sentence = f"The national service does not know the eligibility “{code}”: choose another."
        yield Problem("eligibility", sentence)
    if (nation := ONLY_IN.get(str(code))) and person and read(Council).nation != nation:
        yield Problem("eligibility", f"This eligibility applies in {nation.capitalize()} only: choose another.")
    if flag is not None and not (person and code in codes.ASSESSED):
        sentence = "“No reassessment needed” can be said only of a person who was assessed: take the answer out."
        yield Problem("not_for_reassessment", sentence)


def _date_problems(start: date | None, expiry: date | None, today: date) -> Iterator[Problem]:
    if start is None or expiry is None:
        yield Problem("start_date", "Enter the start date and the expiry date of the badge.")
        return
    if start < today:
        yield Problem("start_date", "The start date has passed: choose today or later.")
    if expiry < max(start, today):
        yield Problem("expiry_date", "The expiry date must not be before the start date or today.")
    elif expiry > _years_after(start, LONGEST_YEARS):
        sentence = f"The expiry date can be {LONGEST_YEARS} years after the start date at most."
        yield Problem("expiry_date", sentence)


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
        if day.year + years > date.max.year:
            return date.max
        return day.replace(year=day.year + years)
    except ValueError:  # 29 February
        return day.replace(year=day.year + years, month=3, day=1) - timedelta(days=1)
