"""That somebody died: recorded, and put right (PPP-10). What follows on their cases is `cases.died`."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from django.utils import timezone

from moothall.core.accounts.models import User
from moothall.core.audit import recording
from moothall.domain.people.models import Customer, Person
from moothall.kit import text
from moothall.kit.invalid import Invalid

LONGEST = 300


@dataclass(frozen=True)
class Recorded:
    """What was recorded: the day somebody died, or None where they live after all; and what was before."""

    customer: Customer
    before: date | None
    now: date | None
    how: str
    by: User
    at: datetime


_hear: list[Callable[[Recorded], None]] = []


def heard_by(listener: Callable[[Recorded], None]) -> None:
    """Have `listener` called with every change, in its transaction."""
    _hear.append(listener)


def record(customer: Customer, *, died_on: date | None, how: str, by: User, at: datetime) -> None:
    """Record when a person died, and how that is known; None takes it back. The same day again changes nothing.

    Raises Invalid with a sentence.
    """
    if customer.kind != Customer.Kind.PERSON:
        raise Invalid(f"{customer.name} is an organisation.")
    said = " ".join(text.clean(how).split())
    if not said:
        raise Invalid("Say how this is known, such as “saw the death certificate”.")
    if len(said) > LONGEST:
        raise Invalid(f"Say it in up to {LONGEST} characters.")
    if died_on and died_on > timezone.localdate(at):
        raise Invalid("The day they died cannot be after today.")
    with recording.because(action="person.died", by=by, at=at, reason=said):
        Customer.objects.select_for_update(no_key=True).get(pk=customer.pk)
        person = Person.objects.select_for_update(no_key=True).get(pk=customer.pk)
        before = person.date_of_death
        if before == died_on:
            return
        if died_on and person.date_of_birth and died_on < person.date_of_birth:
            raise Invalid("Nobody dies before they are born: check the date of birth.")
        person.date_of_death = died_on
        person.save(update_fields=["date_of_death"])
        recording.record("person.died", customer, by=by, at=at, reason=said, taken_back=died_on is None)
        for listener in _hear:
            listener(Recorded(customer, before, died_on, said, by, at))
