"""Which recorded customer somebody is: the rules, each with the sentence that says how it came out.

Names are compared folded, National Insurance numbers by what tells them apart (`NINO_STEM`), postcodes against every
address the customer has on the day asked for. More than one customer found is nobody found: the sentence says so.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce, Left

from moothall.domain.people.models import NINO_STEM, Customer, ExternalReference, Person, Residence
from moothall.domain.people.names import fold
from moothall.domain.people.numbers import fold_number
from moothall.kit import nino as ninos
from moothall.kit import postcode as postcodes

BADGE_NUMBER = "badge_number"
"""The type of external reference a badge number is kept under."""


class Rule(StrEnum):
    """Which rule found the customer."""

    BADGE = "badge"  # badge number, with date of birth and last name
    NINO = "nino"  # National Insurance number and date of birth
    NAME = "name"  # last name, date of birth and postcode
    ORGANISATION = "organisation"  # charity number, or name and postcode
    GIVEN = "given"  # somebody said who it is
    NONE = "none"


@dataclass(frozen=True, kw_only=True)
class Match:
    """The customer found, or none; by which rule, and why, in a sentence for officers.

    `candidates` are the customers between whom no choice could be made. `nino_conflict`: the National Insurance
    number given is recorded for somebody with another date of birth, or differs from that of the customer found.
    """

    customer: Customer | None
    rule: Rule
    reason: str
    candidates: tuple[Customer, ...] = ()
    nino_conflict: bool = False


def match_application(
    *, nino: str, date_of_birth: date | None, last_name: str, postcode: str, on: date | None = None
) -> Match:
    """The person a new application is for: by NINO and date of birth; else by last name, date of birth and postcode.

    Somebody found by name whose own NINO is another one is somebody else (twins share name, birthday and home), and
    is not matched. What is empty or malformed matches nothing. `on` is the day whose addresses count; without it,
    addresses without an end.
    """
    number = _stem(nino)
    people = _candidates(number, last_name, date_of_birth)
    match, conflict = _by_nino(people, number, date_of_birth)
    if match:
        return match
    note = _CONFLICT if conflict else ""
    others = _by_name(people, last_name, date_of_birth, postcode, on)
    found = [person for person in others if not _differs(person, number)]
    if found:
        return _settle(found, Rule.NAME, "last name, date of birth and postcode", conflict=conflict, note=note)
    if others:
        note += " Somebody with this last name, date of birth and postcode has another National Insurance number."
    return Match(customer=None, rule=Rule.NONE, reason=f"Nobody recorded matches.{note}", nino_conflict=conflict)


def match_replacement(
    *,
    badge_number: str,
    date_of_birth: date | None,
    last_name: str,
    nino: str,
    postcode: str,
    on: date | None = None,
    reference_type: str = BADGE_NUMBER,
) -> Match:
    """The customer who asks for a replacement (CT-38); nobody means a separate case.

    With a badge number, date of birth and last name must be those of the customer holding that badge, and nothing
    else is tried. Without one: by NINO and date of birth; else by date of birth, last name and postcode.
    """
    if number := fold_number(badge_number):
        return _by_badge(reference_type, number, date_of_birth, last_name)
    stem = _stem(nino)
    people = _candidates(stem, last_name, date_of_birth)
    match, conflict = _by_nino(people, stem, date_of_birth)
    if match:
        return match
    note = _CONFLICT if conflict else ""
    if found := _by_name(people, last_name, date_of_birth, postcode, on):
        if any(_differs(person, stem) for person in found):
            conflict = True
            note = " The National Insurance number given differs from the one recorded: check who this is."
        return _settle(found, Rule.NAME, "date of birth, last name and postcode", conflict=conflict, note=note)
    return Match(customer=None, rule=Rule.NONE, reason=f"Nobody recorded matches.{note}", nino_conflict=conflict)


def match_organisation(*, name: str, charity_number: str, postcode: str, on: date | None = None) -> Match:
    """The organisation of this name with this charity number, or else at this postcode."""
    named = Customer.objects.filter(organisation__name_key=fold(name)) if fold(name) else Customer.objects.none()
    if charity_number.strip():
        found = list(named.filter(organisation__charity_number__iexact=charity_number.strip())[:6])
        if found:
            return _choose(found, Rule.ORGANISATION, "name and charity number")
    found = list(_living_at(named, postcode, on)[:6]) if postcodes.is_valid(postcode) else []
    if found:
        return _choose(found, Rule.ORGANISATION, "name and postcode")
    return Match(customer=None, rule=Rule.NONE, reason="No recorded organisation matches.")


_CONFLICT = " The National Insurance number given is recorded for somebody with another date of birth."


def _by_badge(reference_type: str, number: str, date_of_birth: date | None, last_name: str) -> Match:
    reference = (
        ExternalReference.objects.filter(type=reference_type, number=number).select_related("customer__person").first()
    )
    if reference is None:
        return Match(customer=None, rule=Rule.NONE, reason="No recorded customer holds the badge number given.")
    holder: Person | None = getattr(reference.customer, "person", None)
    key = fold(last_name)
    if holder is None or not key or date_of_birth is None:
        same = False
    else:
        same = holder.surname_key == key and holder.date_of_birth == date_of_birth
    if not same:
        return Match(
            customer=None,
            rule=Rule.NONE,
            reason="The date of birth and last name given are not those of the customer holding that badge.",
        )
    return Match(
        customer=reference.customer,
        rule=Rule.BADGE,
        reason="Matched by badge number, date of birth and last name.",
    )


def _stem(nino: str) -> str:
    return ninos.normalise(nino)[:NINO_STEM] if ninos.is_valid(nino) else ""


def _candidates(stem: str, last_name: str, date_of_birth: date | None) -> list[Person]:
    """Everybody the number or the last name and date of birth may mean, in one query."""
    wanted = Q()
    if stem:
        wanted |= Q(stem=stem) | Q(claimed=stem) & ~Q(nino_claimed="")
    if date_of_birth and (key := fold(last_name)):
        wanted |= Q(surname_key=key, date_of_birth=date_of_birth)
    if not wanted:
        return []
    people = Person.objects.alias(stem=Left("nino", NINO_STEM), claimed=Left("nino_claimed", NINO_STEM))
    return list(people.filter(wanted).select_related("customer__merged_into__person").order_by("customer_id"))


def _by_nino(people: list[Person], stem: str, date_of_birth: date | None) -> tuple[Match | None, bool]:
    """The match by number and date of birth, if any; and whether somebody with another date of birth has the number.

    Whoever gave the number while it was recorded for somebody else is found by it too.
    """
    if not stem:
        return None, False
    holders = [person for person in people if (person.nino or "").startswith(stem)]
    claimants = [person for person in people if person.nino_claimed.startswith(stem)]
    born = [person for person in holders if date_of_birth and person.date_of_birth == date_of_birth]
    found = born or [person for person in claimants if date_of_birth and person.date_of_birth == date_of_birth]
    conflict = len(born) < len(holders)
    if not found:
        return None, conflict
    by = "National Insurance number and date of birth"
    return _settle(found, Rule.NINO, by, conflict=conflict, note=_CONFLICT if conflict else ""), conflict


def _by_name(
    people: list[Person], last_name: str, date_of_birth: date | None, postcode: str, on: date | None
) -> list[Person]:
    key = fold(last_name)
    if not key or date_of_birth is None or not postcodes.is_valid(postcode):
        return []
    same = [person for person in people if person.surname_key == key and person.date_of_birth == date_of_birth]
    if not same:
        return []
    recorded = Customer.objects.filter(pk__in=[person.pk for person in same])
    there = frozenset(_living_at(recorded, postcode, on).values_list("pk", flat=True))
    return [person for person in same if person.pk in there]


def _living_at(customers: QuerySet[Customer], postcode: str, on: date | None) -> QuerySet[Customer]:
    """Those of the customers who live there; the homes of one that was merged are its golden record's."""
    current = Q(to_date=None) if on is None else Q(from_date__lte=on) & (Q(to_date=None) | Q(to_date__gte=on))
    homes = Residence.objects.filter(current, address__postcode=postcodes.normalise(postcode))
    return customers.alias(leads_to=Coalesce("merged_into", "pk")).filter(leads_to__in=homes.values("customer"))


def _differs(person: Person, stem: str) -> bool:
    """Whether they have numbers, their golden record's among them, and none is this one."""
    golden: Person | None = getattr(person.customer.golden, "person", None)
    numbers = [one.nino for one in (person, golden) if one and one.nino]
    return bool(stem and numbers) and not any(number.startswith(stem) for number in numbers)


def _settle(people: Iterable[Person], rule: Rule, by: str, *, conflict: bool = False, note: str = "") -> Match:
    return _choose([person.customer for person in people], rule, by, conflict=conflict, note=note)


def _choose(customers: list[Customer], rule: Rule, by: str, *, conflict: bool = False, note: str = "") -> Match:
    customers = list({one.golden.pk: one.golden for one in customers}.values())
    if len(customers) == 1:
        return Match(customer=customers[0], rule=rule, reason=f"Matched by {by}.{note}", nino_conflict=conflict)
    return Match(
        customer=None,
        rule=Rule.NONE,
        reason=f"More than one customer has this {by}: none was chosen.{note}",
        candidates=tuple(customers),
        nino_conflict=conflict,
    )
