"""Open cases that may be the same thing twice: of one service, for one customer or what looks like one person (BEST-8)."""

from datetime import date

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Left

from moothall.core.accounts.models import User
from moothall.core.accounts.permissions import Permission
from moothall.core.compiled import compiled
from moothall.domain.cases.models import Case, NotDuplicate, RelatedCase
from moothall.domain.cases.similar import Similar
from moothall.domain.people.models import NINO_STEM, Customer, Person, Residence

MOST = 10
_MOST_PEOPLE = 50
_SAME_CUSTOMER = "same customer"
_SAME_NINO = "same National Insurance number"
_SAME_PERSON = "same last name, date of birth and postcode"


def of_case(case: Case, *, user: User, postcode: str) -> list[Similar]:
    """Other open cases `user` may see that an open case may be a duplicate of, the newest first.

    Not those linked to it, nor those said to be something else; who may not see people is told of those of the same
    customer alone. `postcode` is where its customer lives now, "" for nowhere.
    """
    if case.closed_at is not None:
        return []
    people = user.may(Permission.VIEW_PEOPLE, case.service_key)
    return _found(case.customer, service=case.service_id, postcode=postcode, user=user, of=case.pk, people=people)


def of_customer(customer: Customer, *, service: int, user: User, postcode: str) -> list[Similar]:
    """Open cases of a service (its id) that one about to be opened for `customer` may be a duplicate of."""
    return _found(customer, service=service, postcode=postcode, user=user, of=None)


def _found(
    customer: Customer, *, service: int, postcode: str, user: User, of: int | None, people: bool = True
) -> list[Similar]:
    reasons = {customer.pk: _SAME_CUSTOMER, **(_same_person(customer, postcode) if people else {})}
    rows = _open_cases(user, service=service, customers=sorted(reasons), of=of)
    return [Similar(one, (reasons[one.customer_id],)) for one in rows]


@compiled(prepared=True)
def _open_cases(user: User, *, service: int, customers: list[int], of: int | None) -> "QuerySet[Case]":
    cases = Case.objects.visible_to(user).open().filter(service=service, customer__in=customers)
    if of is not None:
        told = Q(first=of, second=OuterRef("pk")) | Q(second=of, first=OuterRef("pk"))
        known = Exists(RelatedCase.objects.filter(told)) | Exists(NotDuplicate.objects.filter(told))
        cases = cases.exclude(Q(pk=of) | known)
    return cases.select_related("service", "customer").defer("submitted").order_by("-opened_at", "-id")[:MOST]


def _same_person(customer: Customer, postcode: str) -> dict[int, str]:
    """Other customers who look like the same person, by id, and why."""
    if customer.kind != Customer.Kind.PERSON:
        return {}
    person: Person = customer.person
    stems = sorted({number[:NINO_STEM] for number in (person.nino, person.nino_claimed) if number})
    named = bool(person.surname_key and person.date_of_birth and postcode)
    if not (stems or named):
        return {}
    name = {"surname": person.surname_key, "born": person.date_of_birth} if named else {"surname": None, "born": None}
    rows = _alike(customer=customer.pk, stems=stems, postcode=postcode, **name)
    near = {row.customer_id for row in rows if named and vars(row)["near"] and _named_alike(row, person)}
    numbered = {row.customer_id: _SAME_NINO for row in rows if _numbers(row) & set(stems)}
    return {**dict.fromkeys(near, _SAME_PERSON), **numbered}


@compiled(prepared=True)
def _alike(
    *, customer: int, stems: list[str], postcode: str, surname: str | None, born: date | None
) -> "QuerySet[Person]":
    alike = Q(stem__in=stems) | Q(claimed__in=stems) if stems else Q()
    if surname is not None:
        alike |= Q(surname_key=surname, date_of_birth=born)
    people = Person.objects.alias(stem=Left("nino", NINO_STEM), claimed=Left("nino_claimed", NINO_STEM))
    homes = Residence.objects.filter(customer=OuterRef("customer"), to_date=None, address__postcode=postcode)
    return people.annotate(near=Exists(homes)).filter(alike).exclude(customer=customer)[:_MOST_PEOPLE]


def _named_alike(one: Person, other: Person) -> bool:
    return (one.surname_key, one.date_of_birth) == (other.surname_key, other.date_of_birth)


def _numbers(person: Person) -> set[str]:
    return {number[:NINO_STEM] for number in (person.nino, person.nino_claimed) if number}
