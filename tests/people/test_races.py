"""Two of everything at once, on connections of their own."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from threading import Barrier

import pytest
from django.db import connection
from tests.people.conftest import BORN, HOME, NINO

from moothall.core.accounts.models import User
from moothall.domain.people import actions
from moothall.domain.people.actions import NinoTaken, PersonDetails
from moothall.domain.people.models import Customer, Person

pytestmark = pytest.mark.django_db(transaction=True)
Outcome = object


def at_once(*actions_: Callable[[], Outcome]) -> list[Outcome]:
    """Do everything at the same moment and return what came of each, errors too."""
    barrier = Barrier(len(actions_))

    def run(action: Callable[[], Outcome]) -> Outcome:
        try:
            barrier.wait(timeout=10)
            return action()
        except NinoTaken as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(len(actions_)) as pool:
        return list(pool.map(run, actions_))


def test_applications_of_one_new_person_at_once_end_in_one_customer(officer: User, noon: datetime) -> None:
    given = [
        PersonDetails(last_name="Example", date_of_birth=BORN, nino=NINO),
        PersonDetails(last_name="EXAMPLE", date_of_birth=BORN),
        PersonDetails(last_name="Exämple", date_of_birth=BORN, nino="AB123456"),
    ]

    def apply(details: PersonDetails) -> Callable[[], Customer]:
        return lambda: actions.person_for_application(details, address=HOME, by=officer, at=noon).customer

    customers = at_once(*(apply(details) for details in given * 2))

    assert len({customer.pk for customer in customers if isinstance(customer, Customer)}) == 1
    assert Person.objects.get().nino in (NINO, "AB123456")


def test_applications_with_one_nino_and_different_birthdays_at_once_are_both_taken(
    officer: User, noon: datetime
) -> None:
    def apply(day: date) -> Callable[[], Customer]:
        details = PersonDetails(last_name="Example", date_of_birth=day, nino=NINO)
        return lambda: actions.person_for_application(details, address=HOME, by=officer, at=noon).customer

    at_once(apply(BORN), apply(date(1990, 1, 2)))

    assert set(Person.objects.values_list("nino", "nino_claimed")) == {(None, NINO), (NINO, "")}


def test_officers_recording_one_nino_at_once_get_one_person_and_one_sentence(officer: User, noon: datetime) -> None:
    def create() -> Customer:
        return actions.create_person(PersonDetails(last_name="Example", nino=NINO), by=officer, at=noon)

    outcomes = at_once(create, create)

    assert [type(outcome) for outcome in outcomes].count(NinoTaken) == 1
    assert Person.objects.count() == 1
