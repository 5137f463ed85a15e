"""Two of everything at once, on connections of their own."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from threading import Barrier
from time import monotonic, sleep

import pytest
from django.db import connection, transaction
from tests.people.conftest import BORN, HOME, NINO, MakePerson

from moothall.core.accounts.models import User
from moothall.domain.cases import merged
from moothall.domain.people import actions, corrections
from moothall.domain.people.actions import NinoTaken, PersonDetails
from moothall.domain.people.golden import merging
from moothall.domain.people.models import ContactDetail, Customer, Person

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


WAITS = """
    WITH RECURSIVE waiting AS (
        SELECT pid FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))
        UNION SELECT l.pid FROM pg_locks l, waiting w WHERE NOT l.granted AND w.pid = ANY(pg_blocking_pids(l.pid))
    )
    SELECT count(*) FROM waiting
"""


def until_wait(number: int) -> None:
    """Go on when so many wait for this connection, or for one that waits for it."""
    until = monotonic() + 20
    with connection.cursor() as cursor:
        cursor.execute(WAITS)
        while cursor.fetchone() != (number,):
            assert monotonic() < until, "it does not wait"
            sleep(0.01)
            cursor.execute(WAITS)


def waited_for(first: Callable[[], object], then: Callable[[], object]) -> None:
    """Begin `then` before `first` is committed, so that it has to wait, and do both to the end."""

    def run() -> None:
        try:
            then()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            first()
            later = pool.submit(run)
            until_wait(1)
        later.result(timeout=20)


def test_a_merge_into_a_record_that_is_merged_meanwhile_is_refused(
    make_person: MakePerson, officer: User, noon: datetime
) -> None:
    ann, annie, anne = (
        make_person(),
        make_person(nino="", first_names="Annie"),
        make_person(nino="", first_names="Anne"),
    )

    def merge(kept: Customer, absorbed: Customer) -> Callable[[], object]:
        return lambda: merged.merge(kept, absorbed, chosen=[], reason="The same.", by=officer, at=noon)

    with pytest.raises(merging.Changed, match="was merged into Ann Example meanwhile"):
        waited_for(merge(ann, annie), merge(annie, anne))

    assert Customer.objects.get(pk=anne.pk).merged_into is None


def test_a_row_written_while_two_merges_follow_one_another_ends_at_the_golden_record(
    make_person: MakePerson, officer: User, noon: datetime
) -> None:
    ann, annie, anne = (make_person(nino="", first_names=name) for name in ("Ann", "Annie", "Anne"))

    def then(do: Callable[[], object]) -> None:
        try:
            do()
        finally:
            connection.close()

    def merge(kept: Customer, absorbed: Customer) -> None:
        merged.merge(kept, absorbed, chosen=[], reason="The same.", by=officer, at=noon)

    def write() -> None:
        ContactDetail.objects.create(customer_id=ann.pk, type="email", value="a@example.org", from_date=noon.date())

    with ThreadPoolExecutor(2) as pool:
        with transaction.atomic():
            merge(annie, ann)
            waiting = []
            for number, do in enumerate((lambda: merge(anne, annie), write), 1):
                waiting.append(pool.submit(then, do))
                until_wait(number)
        for one in waiting:
            one.result(timeout=20)

    assert ContactDetail.objects.get().customer == anne
    assert set(Customer.objects.exclude(merged_into=None).values_list("merged_into", flat=True)) == {anne.pk}


def test_a_correction_made_while_a_merge_waits_is_seen_by_it(
    make_person: MakePerson, officer: User, noon: datetime
) -> None:
    ann, annie = make_person(), make_person(nino="", first_names="Annie")
    seen, version = merging.version_of(ann, annie), corrections.version_of(ann.person)
    given = {"changes": {"date_of_birth": date(1961, 5, 4)}, "reason": "Read wrong.", "evidence": "Certificate."}

    def correct() -> None:
        corrections.change_person(ann, version=version, by=officer, at=noon, **given)  # type: ignore[arg-type]

    def merge() -> None:
        merged.merge(ann, annie, chosen=["known_as"], reason="The same.", by=officer, at=noon, version=seen)

    with pytest.raises(merging.Changed, match="changed while you had them open"):
        waited_for(correct, merge)

    assert Person.objects.get(pk=ann.pk).date_of_birth == date(1961, 5, 4)
