"""Customers found by what is known of them: the same conditions for every search."""

from datetime import date
from typing import Any

from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce, Left

from moothall.domain.people.models import NINO_STEM, Customer, Organisation, Person
from moothall.domain.people.names import fold
from moothall.kit import nino, postcode


def people_found(*, name: str, first_names: str, date_of_birth: date | None, nino_given: str, postcode_given: str) -> Q:
    """A condition on customers. Raises kit.Invalid with a sentence for a malformed number or postcode."""
    found = Q()
    if name:
        found &= Q(pk__in=_named(name))
    if first_names:
        found &= Q(person__first_names__istartswith=first_names)
    if date_of_birth:
        found &= Q(person__date_of_birth=date_of_birth)
    if nino_given:
        stem = nino.normalise(nino_given)[:NINO_STEM]
        people = Person.objects.alias(stem=Left("nino", NINO_STEM)).filter(stem=stem)
        found &= Q(pk__in=people.values("customer"))
    if postcode_given:
        code = postcode.normalise(postcode_given)
        found &= Q(residences__address__postcode=code, residences__to_date=None)
    return found


def golden(condition: Q) -> "QuerySet[Any, Any]":
    """The numbers of the customers a condition is true of, each as its golden record: for a subquery."""
    return Customer.objects.filter(condition).order_by().values_list(Coalesce("merged_into", "pk"), flat=True)


def _named(name: str) -> "QuerySet[Any, Any]":
    """Customers whose last name or organisation's name begins so, or whose names are these; each way by its own index."""
    key, words = fold(name), name.split()
    if not key or not words:
        return Customer.objects.none().values("pk")
    people = Person.objects.order_by()
    surname = people.filter(surname_key__startswith=key).values("customer")
    whole = people.filter(surname_key=fold(words[-1]), customer__name__icontains=" ".join(words[:-1]))
    organisations = Organisation.objects.filter(name_key__startswith=key).values("customer")
    return surname.union(whole.values("customer"), organisations)
