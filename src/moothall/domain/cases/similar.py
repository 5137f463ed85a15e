"""Cases that may be about the same person (CT-4): same National Insurance number, last name or date of birth."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Case as Choice
from django.db.models import IntegerField, Q, Value, When
from django.db.models.functions import Left

from moothall.core.accounts.models import User
from moothall.domain.cases.models import Case
from moothall.domain.people.models import NINO_STEM, Customer, Person

_SAME_NINO = "same National Insurance number"
_SAME_NAME = "same last name"
_SAME_BIRTH = "same date of birth"
_SAME_CUSTOMER = "same customer"
_SAME_ORGANISATION = "same name of organisation"
_WEIGHTS = {_SAME_CUSTOMER: 8, _SAME_NINO: 4, _SAME_BIRTH: 2, _SAME_NAME: 1, _SAME_ORGANISATION: 1}


@dataclass(frozen=True)
class Similar:
    """A case that may be about the same person, and why it is thought so, the strongest reason first."""

    case: Case
    reasons: tuple[str, ...]


def similar_cases(case: Case, *, user: User, most: int = 20) -> list[Similar]:
    """Other cases `user` may see that may be about the customer of `case`, the likeliest first, then the newest."""
    grounds = _grounds(case.customer)
    anything = Q()
    for ground in grounds.values():
        anything |= ground
    score: Any = Value(0)
    for reason, ground in grounds.items():
        score = score + Choice(
            When(ground, then=Value(_WEIGHTS[reason])), default=Value(0), output_field=IntegerField()
        )
    stems = {
        "stem": Left("customer__person__nino", NINO_STEM),
        "claimed": Left("customer__person__nino_claimed", NINO_STEM),
    }
    found = (
        Case.objects.visible_to(user)
        .exclude(pk=case.pk)
        .alias(**stems)
        .filter(anything)
        .annotate(score=score)
        .select_related("service", "customer")
        .order_by("-score", "-opened_at", "-id")[:most]
    )
    return [Similar(other, _reasons(grounds, vars(other)["score"])) for other in found]


def _grounds(customer: Customer) -> dict[str, Q]:
    """What makes a case similar, by reason, the strongest first."""
    grounds = {_SAME_CUSTOMER: Q(customer=customer.pk)}
    if customer.kind == Customer.Kind.ORGANISATION:
        key = customer.organisation.name_key
        return {**grounds, _SAME_ORGANISATION: Q(customer__organisation__name_key=key)} if key else grounds
    person: Person = customer.person
    if stems := sorted({number[:NINO_STEM] for number in (person.nino, person.nino_claimed) if number}):
        grounds[_SAME_NINO] = Q(stem__in=stems) | Q(claimed__in=stems)
    if person.date_of_birth:
        grounds[_SAME_BIRTH] = Q(customer__person__date_of_birth=person.date_of_birth)
    if person.surname_key:
        grounds[_SAME_NAME] = Q(customer__person__surname_key=person.surname_key)
    return grounds


def _reasons(grounds: dict[str, Q], score: int) -> tuple[str, ...]:
    return tuple(reason for reason in grounds if score & _WEIGHTS[reason])
