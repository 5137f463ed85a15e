"""For which workflow of a case a payment counts: the one it was made for, or what comes after one that came to nothing."""

from datetime import datetime

import pytest
from tests.progress.conftest import only_item

from moothall.core.accounts.models import User
from moothall.domain.cases import actions, progress
from moothall.domain.cases.models import Case, Run, WorkItem

pytestmark = pytest.mark.django_db


def to_payment(run: Run, *, by: User, at: datetime) -> WorkItem:
    """Bring a run of the permit to where it waits for payment, or past it when that is paid."""
    item = WorkItem.objects.open().get(run=run)
    progress.choose(item, "complete", by=by, at=at, answers={"zone": "north"})
    return WorkItem.objects.open().get(run=run)


def pay(case: Case, *, by: User, at: datetime) -> None:
    actions.record_payment(case, pence=1000, method="card", by=by, at=at)


@pytest.fixture
def issued(case: Case, officer: User, noon: datetime) -> Case:
    """A permit asked for, paid and issued: the case is closed, complete."""
    run = Run.objects.get(case=case)
    to_payment(run, by=officer, at=noon)
    pay(case, by=officer, at=noon)
    progress.choose(only_item(case), "issued", by=officer, at=noon)
    case.refresh_from_db()
    assert case.end_state == "complete"
    return case


def test_a_workflow_started_after_one_that_was_paid_and_completed_asks_again(
    issued: Case, officer: User, noon: datetime
) -> None:
    second = progress.start(issued, "permit", by=officer, at=noon, by_hand=True)

    assert to_payment(second, by=officer, at=noon).stage.key == "wait_for_payment"

    pay(issued, by=officer, at=noon)
    assert only_item(issued).stage.key == "issue"


def test_what_was_paid_for_a_workflow_that_came_to_nothing_counts_for_the_next(
    case: Case, officer: User, manager: User, noon: datetime
) -> None:
    pay(case, by=officer, at=noon)
    progress.choose(only_item(case), "refuse", by=officer, at=noon, note="Not here.")
    Run.objects.filter(case=case).update(ended_at=noon, end_state="refused")
    WorkItem.objects.filter(case=case, finished_at=None).update(finished_at=noon, finished_by=officer, outcome="x")

    second = progress.start(case, "permit", by=officer, at=noon, by_hand=True)

    assert to_payment(second, by=officer, at=noon).stage.key == "issue"


def test_of_two_workflows_going_on_at_once_the_payment_is_for_the_one_that_asked(
    case: Case, officer: User, noon: datetime
) -> None:
    first = Run.objects.get(case=case)
    second = progress.start(case, "permit", by=officer, at=noon)
    asked = actions.request_payment(case, pence=1000, purpose="Permit", by=officer, at=noon, run=second)
    for run in (first, second):
        assert to_payment(run, by=officer, at=noon).stage.key == "wait_for_payment"

    actions.receive_payment(case, asked, method="card", by=officer, at=noon)

    assert WorkItem.objects.open().get(run=second).stage.key == "issue"
    assert WorkItem.objects.open().get(run=first).stage.key == "wait_for_payment"


def test_money_nobody_asked_for_is_for_the_workflow_that_waits_for_it(
    case: Case, officer: User, noon: datetime
) -> None:
    first = Run.objects.get(case=case)
    second = progress.start(case, "permit", by=officer, at=noon)
    to_payment(second, by=officer, at=noon)

    pay(case, by=officer, at=noon)

    assert WorkItem.objects.open().get(run=second).stage.key == "issue"
    assert to_payment(first, by=officer, at=noon).stage.key == "wait_for_payment"


def test_money_that_comes_while_no_workflow_goes_on_counts_for_the_next_and_for_that_alone(
    issued: Case, officer: User, noon: datetime
) -> None:
    pay(issued, by=officer, at=noon)
    later = noon.replace(hour=13)

    second = progress.start(issued, "permit", by=officer, at=later)
    assert to_payment(second, by=officer, at=later).stage.key == "issue"
    progress.choose(only_item(issued), "issued", by=officer, at=later)

    third = progress.start(issued, "permit", by=officer, at=later)
    assert to_payment(third, by=officer, at=later).stage.key == "wait_for_payment"
