"""Who a person or organisation about to be recorded may be already, and why it is thought so (CT-6)."""

from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import Q, QuerySet
from django.db.models.functions import Left

from moothall.domain.people.actions import OrganisationDetails, PersonDetails
from moothall.domain.people.models import NINO_STEM, Customer, Person
from moothall.domain.people.names import fold
from moothall.kit import postcode as postcodes

MOST = 10
_LOOKED_AT = 200


@dataclass(frozen=True)
class Likely:
    """A customer it may be, and what agrees, the strongest first."""

    customer: Customer
    reasons: tuple[str, ...]


def of_person(details: PersonDetails, *, postcode: str, among: QuerySet[Customer]) -> list[Likely]:
    """Customers `among` those given of whom two things agree, or the National Insurance number; the likeliest first."""
    key, number, code = fold(details.last_name), details.nino[:NINO_STEM], _code(postcode)
    born = Q(person__date_of_birth=details.date_of_birth) if details.date_of_birth else Q(pk=None)
    named = Q(person__surname_key=key)
    wanted = named & born | named & Q(person__first_names__iexact=details.first_names)
    if code:
        wanted |= (named | born) & Q(residences__address__postcode=code, residences__to_date=None)
    if number:
        people = Person.objects.alias(stem=Left("nino", NINO_STEM)).filter(stem=number)
        wanted |= Q(pk__in=people.values("customer"))
    tests: dict[str, Callable[[Customer], bool]] = {
        "same National Insurance number": lambda one: bool(number) and (one.person.nino or "").startswith(number),
        "same date of birth": lambda one: (
            bool(details.date_of_birth) and one.person.date_of_birth == details.date_of_birth
        ),
        "same last name": lambda one: one.person.surname_key == key,
        "same first names": lambda one: one.person.first_names.casefold() == details.first_names.casefold() != "",
        "same postcode": lambda one: _lives_at(one, code),
    }
    return _likely(among.filter(kind=Customer.Kind.PERSON), wanted, tests)


def of_organisation(details: OrganisationDetails, *, postcode: str, among: QuerySet[Customer]) -> list[Likely]:
    """Organisations `among` those given of the same name or charity number; the likeliest first."""
    key, code = fold(details.name), _code(postcode)
    wanted = Q(organisation__name_key=key)
    if details.charity_number:
        wanted |= Q(organisation__charity_number__iexact=details.charity_number)
    tests: dict[str, Callable[[Customer], bool]] = {
        "same charity number": lambda one: (
            one.organisation.charity_number.casefold() == details.charity_number.casefold() != ""
        ),
        "same name": lambda one: one.organisation.name_key == key,
        "same postcode": lambda one: _lives_at(one, code),
    }
    return _likely(among.filter(kind=Customer.Kind.ORGANISATION), wanted, tests)


def _likely(among: QuerySet[Customer], wanted: Q, tests: dict[str, Callable[[Customer], bool]]) -> list[Likely]:
    ids = Customer.objects.filter(wanted).values("pk")
    rows = among.filter(pk__in=ids).select_related("person", "organisation").prefetch_related("residences__address")
    found = [
        Likely(one, tuple(reason for reason, agrees in tests.items() if agrees(one)))
        for one in rows.order_by("name", "pk")[:_LOOKED_AT]
    ]
    return sorted(found, key=lambda likely: -len(likely.reasons))[:MOST]


def _code(postcode: str) -> str:
    return postcodes.normalise(postcode) if postcode and postcodes.is_valid(postcode) else ""


def _lives_at(customer: Customer, code: str) -> bool:
    homes = [residence.address.postcode for residence in customer.residences.all() if residence.to_date is None]
    return bool(code) and code in homes
