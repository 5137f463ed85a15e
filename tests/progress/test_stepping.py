"""Stepping outside the flow: to another stage, and on with a workflow that ended."""

from datetime import datetime, timedelta

import pytest

from moothall.core.accounts.models import User
from moothall.core.audit.models import Entry
from moothall.domain.cases import progress, requests, sight, stepping
from moothall.domain.cases.models import Case, Request, WorkItem


@pytest.fixture
def item(case: Case) -> WorkItem:
    return WorkItem.objects.select_related("run", "case", "stage").get(case=case)


def at_stage(case: Case) -> str:
    return WorkItem.objects.open().get(case=case).stage.key


def test_a_manager_moves_a_case_to_a_stage_no_outcome_leads_to_and_the_record_says_why(
    case: Case, item: WorkItem, manager: User, noon: datetime
) -> None:
    there = stepping.jump(item, "issue", reason="Agreed by the head of service", by=manager, at=noon, version=1)

    assert at_stage(case) == "issue" == there.stage.key
    left = WorkItem.objects.get(pk=item.pk)
    assert (left.outcome, left.finished_by, left.note) == (stepping.OUTSIDE, manager, "Agreed by the head of service")
    said = case.timeline.last()
    assert said is not None
    assert "from Check to Issue: Agreed by the head of service" in said.text
    entry = Entry.objects.get(action="work_item.stepped_outside")
    assert entry.reason == "Agreed by the head of service"
    assert entry.detail["to"] == "issue"


def test_nobody_steps_outside_without_a_reason(case: Case, item: WorkItem, manager: User, noon: datetime) -> None:
    with pytest.raises(stepping.StepRefused, match="Say why"):
        stepping.jump(item, "issue", reason="  ", by=manager, at=noon)

    assert at_stage(case) == "check"


def test_nobody_steps_to_where_the_case_is_or_to_a_stage_that_is_not_there(
    item: WorkItem, manager: User, noon: datetime
) -> None:
    with pytest.raises(stepping.StepRefused, match="is at Check already"):
        stepping.jump(item, "check", reason="Why not", by=manager, at=noon)
    with pytest.raises(stepping.StepRefused, match="has no such stage"):
        stepping.jump(item, "nowhere", reason="Why not", by=manager, at=noon)


def test_who_saw_an_older_version_of_the_item_does_not_step(
    item: WorkItem, officer: User, manager: User, noon: datetime
) -> None:
    progress.choose(item, "refuse", by=officer, at=noon, note="No", version=1)

    with pytest.raises(progress.AlreadyProgressed, match="Olive Officer"):
        stepping.jump(item, "issue", reason="Agreed", by=manager, at=noon, version=1)


def test_stepping_away_cancels_what_the_applicant_was_asked(
    case: Case, item: WorkItem, officer: User, manager: User, noon: datetime
) -> None:
    request = requests.ask(
        item,
        kind="document",
        items=[{"key": "a", "label": "A"}],
        answer_by=noon.date(),
        by=officer,
        at=noon,
        pauses=True,
    )

    stepping.jump(item, "issue", reason="Agreed", by=manager, at=noon)

    request.refresh_from_db()
    assert request.state == Request.State.CANCELLED
    assert request.pause is not None
    assert request.pause.ended_at == noon


def test_an_automatic_stage_stepped_to_goes_on_by_itself_when_it_can(
    case: Case, item: WorkItem, manager: User, noon: datetime
) -> None:
    case.tags = ["payment"]
    case.save()

    stepping.jump(item, "wait_for_payment", reason="Paid at the desk", by=manager, at=noon)

    assert at_stage(case) == "issue"


def test_a_workflow_that_ended_goes_on_and_its_case_is_open_again(
    case: Case, item: WorkItem, officer: User, manager: User, noon: datetime
) -> None:
    stepping.jump(item, "issue", reason="Agreed", by=manager, at=noon)
    progress.choose(WorkItem.objects.open().get(case=case), "issued", by=officer, at=noon)
    case.refresh_from_db()
    assert case.closed_at

    stepping.reopen(item.run, "check", reason="Issued by mistake", by=manager, at=noon + timedelta(days=1))

    case.refresh_from_db()
    assert case.closed_at is None
    assert case.end_state == ""
    assert at_stage(case) == "check"
    said = sight.visible_timeline(officer).filter(case=case).last()
    assert said is not None
    assert said.text.endswith("had ended as complete, was reopened at Check: Issued by mistake")
    assert Entry.objects.get(action="run.reopened").detail["earlier"] == "complete"


def test_a_workflow_that_goes_on_is_not_reopened(item: WorkItem, manager: User, noon: datetime) -> None:
    with pytest.raises(stepping.StepRefused, match="going on this case already"):
        stepping.reopen(item.run, "check", reason="Again", by=manager, at=noon)
