"""Changes of who a person is: a new name, a number or a birthday put right. What was is kept, with who and why."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet
from django.db.models.functions import Left
from django.utils import timezone

from moothall.core.accounts.models import User
from moothall.core.audit import recording
from moothall.core.audit.models import Entry
from moothall.domain.people import deciding, locks
from moothall.domain.people.actions import (
    NinoTaken,
    PersonDetails,
    check_listed,
    identity_of,
    nino_holder,
    shown_name,
    tidied,
)
from moothall.domain.people.details import check_birth
from moothall.domain.people.models import NINO_STEM, Customer, Person
from moothall.domain.people.names import fold
from moothall.kit.invalid import Invalid

IDENTIFYING = frozenset({"date_of_birth", "nino"})
"""What others are told apart by: changed only by who has the permission to correct people."""


class ChangedMeanwhile(Exception):
    """Somebody else changed the person since they were looked at. Its message may be shown to whoever asked."""


_LISTED = frozenset({"gender", "speaks"})  # values of lists


@dataclass(frozen=True)
class Correction:
    """What was changed: for each fact its name, what it was and what it is, in words. Of a number only its end is told."""

    customer: Customer
    facts: tuple[tuple[str, str, str], ...]
    reason: str
    evidence: str
    by: User
    at: datetime


_hear: list[Callable[[Correction], None]] = []


def heard_by(listener: Callable[[Correction], None]) -> None:
    """Have `listener` called with every change, in its transaction."""
    _hear.append(listener)


def tell(correction: Correction) -> None:
    """Call whoever wants to hear of changes; in the transaction of the change."""
    for listener in _hear:
        listener(correction)


def version_of(person: Person) -> str:
    """What says whether a person is still as they were when looked at."""
    return hashlib.sha256(repr(_details(person)).encode()).hexdigest()[:16]


def check_fact(person: Person, name: str, value: Any, *, at: datetime) -> None:
    """Raise Invalid where one fact of a person, by its name in `PersonDetails`, cannot be changed to this."""
    details = tidied(replace(_details(person), **{name: value}), strict=True)
    check_birth(details.date_of_birth, today=timezone.localdate(at))


def differs(person: Person, changes: Mapping[str, Any]) -> bool:
    """Whether anything of a person would be another after these changes. Raises Invalid."""
    before = _details(person)
    return tidied(replace(before, **changes), strict=True) != before


def change_person(
    customer: Customer,
    *,
    changes: Mapping[str, Any],
    version: str,
    reason: str,
    by: User,
    at: datetime,
    evidence: str = "",
) -> None:
    """Change facts of `PersonDetails` by name; `version` is `version_of` the person as the changer saw them.

    `evidence` is what showed that it is so, which a change of what others are told apart by cannot do without.

    Raises ChangedMeanwhile, NinoTaken, or Invalid with a sentence.
    """
    if not reason.strip():
        raise Invalid("Say why this is changed.")
    seen = Person.objects.get(pk=customer.pk)
    details = tidied(replace(_details(seen), **changes), strict=True)
    check_birth(details.date_of_birth, today=timezone.localdate(at))
    with recording.because(action="person.changed", by=by, at=at, reason=reason):
        locks.hold(identity_of(details))
        Customer.objects.select_for_update(no_key=True).get(pk=customer.pk)
        person = Person.objects.select_for_update(no_key=True).get(pk=customer.pk)
        before = _details(person)
        if version_of(person) != version or before != _details(seen):
            raise ChangedMeanwhile(f"{shown_name(before)} was changed while you had them open. Look again first.")
        changed = [one.name for one in fields(details) if getattr(details, one.name) != getattr(before, one.name)]
        if not changed:
            return
        check_listed(**{name: getattr(details, name) for name in _LISTED & set(changed)})
        if IDENTIFYING & set(changed) and not evidence.strip():
            raise Invalid("Say what you saw that shows it, such as a birth certificate or a letter.")
        holder = nino_holder(details.nino)
        if holder is not None and holder != customer.pk:
            raise NinoTaken(holder)
        if before.nino != details.nino and _stays_with_absorbed(details.nino, customer):
            raise Invalid(
                "This National Insurance number stays with a record that was merged into this one: undo that merge, and"
                " choose the number when you merge them again."
            )
        _write(customer, person, details)
        if deciding.FACTS & set(changed):
            deciding.changed(customer.pk)
        shown = evidence.strip()
        recording.record("person.changed", customer, by=by, at=at, reason=reason, changed=changed, evidence=shown)
        facts = tuple((_LABELS[name], _told(before, name), _told(details, name)) for name in changed)
        tell(Correction(customer, facts, reason.strip(), shown, by, at))


_LABELS = {
    "last_name": "last name",
    "first_names": "first names",
    "title": "title",
    "known_as": "known as",
    "name_at_birth": "name at birth",
    "date_of_birth": "date of birth",
    "gender": "gender",
    "nino": "National Insurance number",
    "language": "language of letters",
    "speaks": "preferred language",
}


def _told(details: PersonDetails, name: str) -> str:
    """A fact in words: nothing is “none”, and of a number the last four characters are told."""
    value = getattr(details, name)
    if not value:
        return "none"
    if isinstance(value, date):
        return f"{value:%-d %B %Y}"
    return f"one ending {value[-4:]}" if name == "nino" else f"“{value}”"


def reasons(customer: Customer) -> dict[str, str]:
    """Why a person was changed, by the moment of the change as the history writes it."""
    rows = Entry.objects.filter(subject_type="customer", subject_id=customer.pk, action="person.changed")
    return {at.isoformat(): reason for at, reason in rows.values_list("at", "reason")}


def earlier(customer: Customer) -> "QuerySet[Any]":
    """The person as they were before each change, the last first: rows of the history of `Person`."""
    events: QuerySet[Any] = Person.pgh_event_model.objects.filter(pgh_obj=customer.pk)  # type: ignore[attr-defined]
    return events.order_by("-pgh_id")


def _details(person: Person) -> PersonDetails:
    values = {one.name: getattr(person, one.name) for one in fields(PersonDetails)}
    return PersonDetails(**{**values, "nino": person.nino or ""})


def _stays_with_absorbed(nino: str, customer: Customer) -> bool:
    stems = Person.objects.alias(stem=Left("nino", NINO_STEM)).filter(stem=nino[:NINO_STEM])
    return bool(nino) and stems.filter(customer__merged_into=customer.pk).exists()


def _write(customer: Customer, person: Person, details: PersonDetails) -> None:
    if details.date_of_birth and person.date_of_death and person.date_of_death < details.date_of_birth:
        raise Invalid("Nobody dies before they are born: check the date of birth.")
    for one in fields(details):
        setattr(person, one.name, getattr(details, one.name))
    person.nino = details.nino or None
    if details.nino:
        person.nino_claimed = ""
    person.surname_key = fold(details.last_name)
    person.save()
    customer.name = shown_name(details)
    customer.save(update_fields=["name"])
