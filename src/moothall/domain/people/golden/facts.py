"""The facts of a customer of which one record's is chosen when two are merged, one by one."""

from typing import Any

from django.db import models
from django.db.models import Q

from moothall.domain.people.actions import PersonDetails, shown_name
from moothall.domain.people.golden.images import Images
from moothall.domain.people.models import NINO_STEM, Customer, Organisation, Person
from moothall.domain.people.names import fold
from moothall.kit.invalid import Invalid

HOME = "home"
"""The name under which it is chosen whose present address stays."""

_WORKED_OUT = frozenset({"customer", "surname_key", "name_key", "nino_claimed"})


def names(kind: str) -> list[str]:
    """The facts that can be chosen of a person or organisation, in the order they are asked for."""
    model: type[models.Model] = Person if kind == Customer.Kind.PERSON else Organisation
    found = [
        field.name
        for field in model._meta.concrete_fields
        if field.name not in _WORKED_OUT and not getattr(field, "generated", False)
    ]
    return found if kind == Customer.Kind.PERSON else ["name", *found]


def value(customer: Customer, name: str) -> Any:
    """A fact of a customer, by its name."""
    if customer.kind == Customer.Kind.PERSON:
        return getattr(customer.person, name)
    return customer.name if name == "name" else getattr(customer.organisation, name)


def suggested(kept: Customer, absorbed: Customer) -> set[str]:
    """The facts to take from `absorbed` unless somebody says otherwise: those that the golden record lacks."""
    return {name for name in names(kept.kind) if not value(kept, name) and value(absorbed, name)}


def ninos_differ(one: Customer, other: Customer) -> bool:
    """Whether two people have each a National Insurance number, recorded or claimed, and not the same."""
    if one.kind != Customer.Kind.PERSON or other.kind != Customer.Kind.PERSON:
        return False
    mine, theirs = ((customer.person.nino or customer.person.nino_claimed)[:NINO_STEM] for customer in (one, other))
    return bool(mine and theirs) and mine != theirs


def stems_of(customer: Customer) -> set[str]:
    """The National Insurance numbers, recorded or claimed, of a customer and of the records merged into them."""
    group = Person.objects.filter(Q(customer=customer.pk) | Q(customer__merged_into=customer.pk))
    return {(nino or claimed)[:NINO_STEM] for nino, claimed in group.values_list("nino", "nino_claimed")} - {""}


def charity_numbers_differ(one: Customer, other: Customer) -> bool:
    """Whether two organisations have each a charity number, and not the same."""
    if one.kind != Customer.Kind.ORGANISATION or other.kind != Customer.Kind.ORGANISATION:
        return False
    mine, theirs = (fold(customer.organisation.charity_number) for customer in (one, other))
    return bool(mine and theirs) and mine != theirs


def take(images: Images, kept: Customer, absorbed: Customer, chosen: set[str]) -> None:
    """Write the chosen facts of `absorbed` on `kept`, and the tags of both."""
    if kept.kind == Customer.Kind.PERSON:
        _take_person(images, kept.person, absorbed.person, chosen)
        name = shown_name(PersonDetails(last_name=kept.person.last_name, first_names=kept.person.first_names))
    else:
        with images.watching(Organisation, [kept.pk]):
            _take_organisation(kept.organisation, absorbed, chosen)
        name = absorbed.name if "name" in chosen else kept.name
    with images.watching(Customer, [kept.pk]):
        kept.name = name
        kept.tags = [*kept.tags, *(tag for tag in absorbed.tags if tag not in kept.tags)]
        kept.save(update_fields=["name", "tags"])


def work_out(customer: int) -> None:
    """Have what is worked out of a customer's facts, the name shown and the key, follow from them as they are now."""
    for person in Person.objects.filter(pk=customer):
        name = shown_name(PersonDetails(last_name=person.last_name, first_names=person.first_names))
        Person.objects.filter(pk=customer).update(surname_key=fold(person.last_name))
        Customer.objects.filter(pk=customer).update(name=name)
    for organisation in Organisation.objects.filter(pk=customer).select_related("customer"):
        Organisation.objects.filter(pk=customer).update(name_key=fold(organisation.customer.name))


def _take_person(images: Images, kept: Person, absorbed: Person, chosen: set[str]) -> None:
    with images.watching(Person, [kept.pk]):
        for name in chosen - {"nino"}:
            setattr(kept, name, getattr(absorbed, name))
        if kept.date_of_birth and kept.date_of_death and kept.date_of_death < kept.date_of_birth:
            raise Invalid("Nobody dies before they are born: choose the dates of birth and death of one record.")
        kept.surname_key = fold(kept.last_name)
        kept.save()
    if "nino" not in chosen or kept.nino == absorbed.nino:
        return
    ours, theirs = kept.nino, absorbed.nino
    _number(images, absorbed, None)
    _number(images, kept, theirs)
    if ours:  # the number that was not chosen stays with the other: who searches for it is led here
        _number(images, absorbed, ours)


def _number(images: Images, person: Person, nino: str | None) -> None:
    with images.watching(Person, [person.pk]):
        person.nino = nino
        if nino and person.nino_claimed[:NINO_STEM] == nino[:NINO_STEM]:
            person.nino_claimed = ""
        person.save(update_fields=["nino", "nino_claimed"])


def _take_organisation(kept: Organisation, absorbed: Customer, chosen: set[str]) -> None:
    for name in chosen - {"name"}:
        setattr(kept, name, getattr(absorbed.organisation, name))
    if "name" in chosen:
        kept.name_key = fold(absorbed.name)
    kept.save()
