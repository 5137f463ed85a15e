from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import pytest
from django.db import connection
from tests.cases.conftest import OpenCase

from moothall.core.accounts.models import User
from moothall.domain.cases import submissions
from moothall.domain.cases.actions import CannotOpen
from moothall.domain.cases.models import Case, Submission
from moothall.domain.people.models import Customer

pytestmark = pytest.mark.django_db
SOURCE = "example_forms"


@pytest.fixture
def putting_right() -> set[str]:
    """What somebody has put right: names of applications that can be made into a case."""
    return set()


@pytest.fixture(autouse=True)
def source(open_case: OpenCase, ann: Customer, putting_right: set[str]) -> Iterator[None]:
    """A source whose applications make a case of Ann's when they say `good` or have been put right."""

    @submissions.source(SOURCE)
    def make_case(submission: Submission, *, by: User, at: datetime) -> Case:
        case = open_case(ann, submitted=submission.raw, submission=submission)
        if not submission.raw["good"] and submission.external_id not in putting_right:
            raise CannotOpen("The application says nothing good.")
        if submission.raw["good"] == "broken":
            raise RuntimeError("a fault of the product")
        return case

    yield
    submissions.forget(SOURCE)


@pytest.fixture
def arrive(noon: datetime) -> Callable[..., Submission]:
    def make(external_id: str = "A1", good: object = True) -> Submission:
        return submissions.receive(source=SOURCE, external_id=external_id, raw={"good": good}, at=noon)[0]

    return make


def test_an_application_is_kept_once_as_it_first_came(noon: datetime) -> None:
    first, created = submissions.receive(source=SOURCE, external_id="A1", raw={"n": 1}, at=noon)
    second, again = submissions.receive(source=SOURCE, external_id="A1", raw={"n": 2}, at=noon)

    assert (created, again, first.pk) == (True, False, second.pk)
    assert Submission.objects.get().raw == second.raw == {"n": 1}
    assert submissions.known(SOURCE, ["A1", "A2"]) == {"A1"}


def test_a_case_is_made_of_it_once(arrive: Callable[..., Submission], officer: User, noon: datetime) -> None:
    taken = [submissions.take(arrive(), by=officer, at=noon) for _ in range(3)]

    assert Case.objects.get() == taken[0].case == taken[2].case
    assert taken[0].problem == ""
    assert not submissions.waiting(SOURCE).exists()


def test_what_no_case_can_be_made_of_keeps_its_problem_and_nothing_half_made(
    arrive: Callable[..., Submission], officer: User, noon: datetime, putting_right: set[str]
) -> None:
    failed = submissions.take(arrive(good=False), by=officer, at=noon)

    assert failed.problem == "The application says nothing good."
    assert not Case.objects.exists()
    assert list(submissions.failed()) == [failed]

    putting_right.add(failed.external_id)
    done = submissions.retry(failed, by=officer, at=noon)
    assert (done.case, done.problem) == (Case.objects.get(), "")
    assert not submissions.failed().exists()


def test_a_fault_of_the_product_leaves_it_waiting(
    arrive: Callable[..., Submission], officer: User, noon: datetime
) -> None:
    submission = arrive(good="broken")
    with pytest.raises(RuntimeError):
        submissions.take(submission, by=officer, at=noon)

    assert list(submissions.waiting(SOURCE)) == [submission]
    assert not Case.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_workers_that_take_one_application_at_once_make_one_case(
    arrive: Callable[..., Submission], officer: User, noon: datetime
) -> None:
    def run(_worker: int) -> int | None:
        try:
            return submissions.take(arrive(), by=officer, at=noon).case_id
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        made = set(pool.map(run, range(4)))

    assert made == {Case.objects.get().pk}
