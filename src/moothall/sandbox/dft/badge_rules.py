"""What the service accepts as an order, a cancellation and a replacement of a badge.

Source: the badge management service as of May 2019. Limits are checked first; the rules between fields only run when
every limit is kept.
"""

from collections.abc import Iterator
from datetime import date

from moothall.sandbox.dft import parties, patterns, refdata
from moothall.sandbox.dft.beans import Bean, Code, Day, Flag, Record, Text, Whole
from moothall.sandbox.dft.responses import FieldError, bad_fields

LONGEST_YEARS = 3
# Eligibility that only the authorities of one nation may use.
NATION_OF_ELIGIBILITY = {"COGNITIVE": "WLS", "TRAF_RISK": "SCO"}

CONTACT = parties.contact(street=50, other_lines=40, postcode=patterns.POSTCODE_ON_BADGE)
PERSON = Bean(
    fields={
        "badgeHolderName": Text(required=True, most=100),
        "nino": Text(pattern=patterns.NINO),
        "dob": Day(),
        "genderCode": Text(required=True),
    }
)
ORDER = Bean(
    fields={
        "party": Bean(
            required=True,
            fields={
                "typeCode": Text(required=True),
                "contact": CONTACT,
                "person": PERSON,
                "organisation": Bean(fields={"badgeHolderName": Text(required=True, most=100)}),
            },
        ),
        "localAuthorityShortCode": Text(pattern=patterns.AUTHORITY_ON_BADGE),
        "localAuthorityRef": Text(most=100),
        "applicationDate": Day(required=True),
        "applicationChannelCode": Text(required=True),
        "startDate": Day(required=True),
        "expiryDate": Day(required=True),
        "eligibilityCode": Code(codes=refdata.codes("ELIGIBILIT")),
        "notForReassessment": Flag(),
        "imageFile": Text(),
        "deliverToCode": Text(required=True),
        "deliveryOptionCode": Text(required=True),
        "numberOfBadges": Whole(least=1, most=999),
    }
)
CANCEL = Bean(
    fields={
        "badgeNumber": Text(required=True),
        "cancelReasonCode": Code(required=True, codes=refdata.codes("CANCEL")),
    }
)
REPLACE = Bean(
    fields={
        "badgeNumber": Text(required=True),
        "replaceReasonCode": Code(required=True, codes=refdata.codes("REPLACE")),
        "deliverToCode": Code(required=True, codes=refdata.codes("DELIVER")),
        "deliveryOptionCode": Code(required=True, codes=refdata.codes("DELOP")),
    }
)


def check_order(order: Record, *, today: date) -> None:
    """Raise `Refused` with every rule an order that keeps its limits breaks."""
    errors = [*_code_rules(order), *_date_rules(order, today), *_delivery_rules(order)]
    match order["party"]["typeCode"]:
        case "PERSON":
            errors += _person_rules(order, today)
        case "ORG":
            errors += _organisation_rules(order)
    if errors:
        raise bad_fields(errors)


def check_delivery(request: Record) -> None:
    """Raise `Refused` when a badge for the council is to be sent fast."""
    if errors := list(_delivery_rules(request)):
        raise bad_fields(errors)


def _code_rules(order: Record) -> Iterator[FieldError]:
    for value, group, key, field in (
        (order["party"]["typeCode"], "PARTY", "partyCode", "partyCode"),
        (order["applicationChannelCode"], "APPSOURCE", "channelCode", "appChannelCode"),
        (order["deliverToCode"], "DELIVER", "deliverToCode", "deliverToCode"),
        (order["deliveryOptionCode"], "DELOP", "deliverOptionCode", "deliverOptionCode"),
    ):
        if value not in refdata.codes(group):
            yield FieldError(field, f"Invalid.badge.{key}", f"{value} is not a known code")


def _date_rules(order: Record, today: date) -> Iterator[FieldError]:
    applied, start, expiry = (date.fromisoformat(order[f"{name}Date"]) for name in ("application", "start", "expiry"))
    if applied > today:
        yield FieldError("applicationDate", "DateInPast.badge.applicationDate", "must not be in the future")
    if start < today:
        yield FieldError("startDate", "DateInPast.badge.startDate", "must not be in the past")
    if expiry < today:
        yield FieldError("expiryDate", "Invalid.badge.expiryDate", "must not be in the past")
    if not start <= expiry <= years_later(start, LONGEST_YEARS):
        reason = f"must be on or after the start date and within {LONGEST_YEARS} years of it"
        yield FieldError("expiryDate", "DateRange.badge.expiryDate", reason)


def years_later(day: date, years: int) -> date:
    """The same day some years later; 28 February for a 29 February that does not exist."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def _delivery_rules(request: Record) -> Iterator[FieldError]:
    if (request["deliverToCode"], request["deliveryOptionCode"]) == ("COUNCIL", "FAST"):
        reason = "only a badge for a home address can be sent fast"
        yield FieldError("deliverToCode", "Invalid.badge.deliverOptionCode", reason)


def _person_rules(order: Record, today: date) -> Iterator[FieldError]:
    person, eligibility = order["party"]["person"], order["eligibilityCode"]
    if person is None:
        yield FieldError("party", "NotNull.badge.person", "a person is mandatory")
    else:
        if person["dob"] is None:
            yield FieldError("dob", "NotNull.badge.party.person.dob", "a date of birth is mandatory")
        elif date.fromisoformat(person["dob"]) > today:
            yield FieldError("dob", "DateInPast.badge.dob", "must not be in the future")
        if person["genderCode"] not in refdata.codes("GENDER"):
            yield FieldError("party.person.genderCode", "Invalid.badge.genderCode", "is not a known code")
    if order["numberOfBadges"] not in (None, 1):
        yield FieldError("numberOfBadges", "Invalid.badge.numberOfBadges", "a person has one badge")
    if eligibility is None:
        yield FieldError("eligibilityCode", "NotNull.badge.eligibilityCode", "is mandatory for a person")
    elif (nation := NATION_OF_ELIGIBILITY.get(eligibility)) and _nation(order) != nation:
        yield FieldError("eligibilityCode", "InvalidNation.badge.eligibilityCode", f"{eligibility} is for {nation}")
    if eligibility in refdata.automatic_eligibility() and order["notForReassessment"] is not None:
        reason = "is not for automatic eligibility"
        yield FieldError("notForReassessment", "Person.invalid.badge.notForReassessment", reason)


def _nation(order: Record) -> str:
    return refdata.authorities()[order["localAuthorityShortCode"]].nation


def _organisation_rules(order: Record) -> Iterator[FieldError]:
    if order["party"]["organisation"] is None:
        yield FieldError("organisation", "NotNull.badge.organisation", "an organisation is mandatory")
    if order["party"]["contact"]["fullName"] is None:
        yield FieldError("fullName", "NotNull.badge.party.contact.fullName", "is mandatory for an organisation")
    if order["notForReassessment"] is not None:
        reason = "is not for organisations"
        yield FieldError("notForReassessment", "Organisation.invalid.badge.notForReassessment", reason)
