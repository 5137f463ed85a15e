"""Cases that may be about the same person (CT-4): same National Insurance number, last name or date of birth."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

from django.db.models import Case as Choice
from django.db.models import IntegerField, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Left

from moothall.core.accounts.models import User
from moothall.core.accounts.permissions import Permission
from moothall.core.compiled import compiled
from moothall.domain.cases.models import Case
from moothall.domain.people.models import NINO_STEM, Customer, Person

_SAME_NINO = "same National Insurance number"
_SAME_NAME = "same last name"
_SAME_BIRTH = "same date of birth"
_SAME_CUSTOMER = "same customer"
_SAME_ORGANISATION = "same name of organisation"
_PERSONAL = {_SAME_NINO, _SAME_BIRTH}
_WEIGHTS = {_SAME_CUSTOMER: 16, _SAME_NINO: 8, _SAME_BIRTH: 4, _SAME_NAME: 2, _SAME_ORGANISATION: 1}


MOST_LOOKED_AT = 500  # customers that share one thing, of a name that more have the newest
MOST_ALIKE = 200  # of them, the newest with a case the user may see


@dataclass(frozen=True)
class Similar:
    """A case that may be about the same person, and why it is thought so, the strongest reason first."""

    case: Case
    reasons: tuple[str, ...]

    @property
    def by_name_alone(self) -> bool:
        """Whether nothing but a last name is shared, which many people do who have nothing to do with each other."""
        return self.reasons == (_SAME_NAME,)


def similar_cases(case: Case, *, user: User, most: int = 20) -> list[Similar]:
    """Other cases `user` may see that may be about the customer of `case`, the likeliest first, then the newest.

    That a number or a birthday is the same is told only to who may see the people of both services.
    """
    alike = _alike(user, most, case=case.pk, customer=case.customer_id, **_known(case.customer))
    here = user.may(Permission.VIEW_PEOPLE, case.service_key)
    found = []
    for other in alike:
        reasons = _reasons(vars(other)["score"])
        if not (here and user.may(Permission.VIEW_PEOPLE, other.service.key)):
            reasons = tuple(reason for reason in reasons if reason not in _PERSONAL)
        if reasons:
            found.append(Similar(other, reasons))
    return found


def _known(customer: Customer) -> dict[str, Any]:
    """What is known of a customer that another may share; None for what is not."""
    if customer.kind == Customer.Kind.ORGANISATION:
        return {"organisation": customer.organisation.name_key or None}
    person: Person = customer.person
    return {
        "stems": sorted({number[:NINO_STEM] for number in (person.nino, person.nino_claimed) if number}),
        "born": person.date_of_birth,
        "surname": person.surname_key or None,
    }


@compiled(prepared=True)
def _alike(user: User, most: int, *, case: int, **known: Any) -> "QuerySet[Case]":
    """Cases of whom something known is the same, each with the sum of the weights of what is as `score`."""
    score = cast(Any, Value(0))
    for reason, ground in _grounds("customer__", **known).items():
        weight = Choice(When(ground, then=Value(_WEIGHTS[reason])), default=Value(0), output_field=IntegerField())
        score = score + weight
    others = Case.objects.visible_to(user).exclude(pk=case)
    # not an Exists: of that PostgreSQL makes a join that may begin with every case of a service
    seen = Subquery(others.filter(customer=OuterRef("pk")).values("pk")[:1])
    alike = [
        Customer.objects.alias(**_stems("")).filter(ground).order_by("-pk").values("pk")[:MOST_LOOKED_AT]
        for ground in _grounds("", **known).values()
    ]
    there = Customer.objects.alias(seen=seen).filter(seen__isnull=False).order_by("-pk").values("pk")
    customers = [there.filter(pk__in=some)[:MOST_ALIKE] for some in alike]
    cases = others.filter(customer__in=customers[0].union(*customers[1:]))
    scored: QuerySet[Any] = cases.alias(**_stems("customer__")).annotate(score=score)
    return (
        scored.select_related("service", "customer").defer("submitted").order_by("-score", "-opened_at", "-id")[:most]
    )


def _stems(customer: str) -> dict[str, Left]:
    return {
        "stem": Left(f"{customer}person__nino", NINO_STEM),
        "claimed": Left(f"{customer}person__nino_claimed", NINO_STEM),
    }


def _grounds(
    where: str,
    *,
    customer: int,
    organisation: str | None = None,
    stems: Sequence[str] = (),
    born: date | None = None,
    surname: str | None = None,
) -> dict[str, Q]:
    """What makes a customer alike, by reason. `where` is the way to the customer: empty or ending in two underscores."""
    grounds = {_SAME_CUSTOMER: Q(**{f"{where}pk": customer})}
    if organisation is not None:
        grounds[_SAME_ORGANISATION] = Q(**{f"{where}organisation__name_key": organisation})
    if stems:
        grounds[_SAME_NINO] = Q(stem__in=stems) | Q(claimed__in=stems)
    if born is not None:
        grounds[_SAME_BIRTH] = Q(**{f"{where}person__date_of_birth": born})
    if surname is not None:
        grounds[_SAME_NAME] = Q(**{f"{where}person__surname_key": surname})
    return grounds


def _reasons(score: int) -> tuple[str, ...]:
    return tuple(reason for reason, weight in _WEIGHTS.items() if score & weight)
