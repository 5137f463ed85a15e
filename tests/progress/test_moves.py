"""Moving running cases between versions: safe, needs mapping, forbidden, and back (BEST-9)."""

from datetime import datetime
from uuid import uuid4

import pytest
from tests.progress.conftest import FILES, WORKFLOW, only_item, publish

from moothall.core.accounts.models import User
from moothall.domain.cases import actions, moves, progress, tasks
from moothall.domain.cases.models import Case, Move
from moothall.domain.catalogue.models import Service
from moothall.domain.workflow.compare import NeedsMapping, Safe
from moothall.domain.workflow.models import WorkflowVersion


def changed(old: str, new: str) -> dict[str, str]:
    assert old in WORKFLOW
    return {**FILES, "workflows/permit.yaml": WORKFLOW.replace(old, new)}


def versions() -> list[WorkflowVersion]:
    return list(WorkflowVersion.objects.filter(workflow__key="permits.permit").order_by("number"))


def test_a_running_case_stays_on_its_version_and_a_new_one_takes_the_new(
    case: Case, service: Service, officer: User, noon: datetime
) -> None:
    publish(changed("name: Check\n", "name: First look\n"), by=officer, at=noon)
    service.refresh_from_db()

    later = actions.open_case(service=service, type="new", source="online", customer=case.customer, by=officer, at=noon)

    assert [only_item(found).stage.name for found in (case, later)] == ["Check", "First look"]


def test_publishing_the_same_files_again_makes_no_version(service: Service, officer: User, noon: datetime) -> None:
    publish(FILES, by=officer, at=noon)

    assert [version.number for version in versions()] == [1]


def test_a_safe_case_moves_and_can_be_moved_back(case: Case, manager: User, noon: datetime) -> None:
    publish(changed("amount: 4", "amount: 9"), by=manager, at=noon)
    old, new = versions()
    assert [type(found.safety) for found in moves.prospects(old, new, {})] == [Safe]

    moved = moves.move(only_item(case).run_id, new, batch=uuid4(), mapping={}, by=manager, at=noon)

    assert moved.result == "moved"
    assert only_item(case).run.version_id == new.pk
    assert only_item(case).stage.version_id == new.pk
    back = moves.move_back(moved, batch=uuid4(), by=manager, at=noon)
    assert back.result == "moved_back"
    assert only_item(case).stage.version_id == only_item(case).run.version_id == old.pk


def test_a_case_whose_stage_is_gone_needs_a_mapping(case: Case, manager: User, noon: datetime) -> None:
    publish(
        {
            **FILES,
            "workflows/permit.yaml": WORKFLOW.replace("id: check\n", "id: first_look\n")
            .replace("start: check", "start: first_look")
            .replace("to: check", "to: first_look"),
        },
        by=manager,
        at=noon,
    )
    old, new = versions()
    run = only_item(case).run_id
    assert [type(found.safety) for found in moves.prospects(old, new, {})] == [NeedsMapping]

    refused = moves.move(run, new, batch=uuid4(), mapping={}, by=manager, at=noon)
    assert (refused.result, only_item(case).run.version_id) == ("refused", old.pk)

    moves.move(run, new, batch=uuid4(), mapping={"check": "first_look"}, by=manager, at=noon)
    assert only_item(case).stage.key == "first_look"


def test_a_batch_gives_every_case_one_result_however_often_it_is_taken_up(
    case: Case, manager: User, noon: datetime
) -> None:
    publish(changed("amount: 4", "amount: 9"), by=manager, at=noon)
    old, new = versions()
    batch = str(uuid4())

    for _ in range(2):
        tasks.move_versions(batch=batch, old=old.pk, new=new.pk, mapping={}, by=manager.pk)

    assert Move.objects.filter(batch=batch).count() == 1
    assert only_item(case).run.version_id == new.pk


def test_a_case_that_went_on_is_not_moved_back(case: Case, officer: User, manager: User, noon: datetime) -> None:
    publish(changed("amount: 4", "amount: 9"), by=manager, at=noon)
    moved = moves.move(only_item(case).run_id, versions()[1], batch=uuid4(), mapping={}, by=manager, at=noon)
    progress.choose(only_item(case), "refuse", by=officer, at=noon, note="No")

    with pytest.raises(moves.MoveRefused, match="has gone on"):
        moves.move_back(moved, batch=uuid4(), by=manager, at=noon)


def test_a_moved_case_whose_new_stage_is_fulfilled_goes_on_at_once(
    case: Case, officer: User, manager: User, noon: datetime
) -> None:
    progress.choose(only_item(case), "complete", by=officer, at=noon, answers={"zone": "north"})
    publish(changed("tag('payment') || paid()", "tag('checked')"), by=manager, at=noon)

    moves.move(only_item(case).run_id, versions()[1], batch=uuid4(), mapping={}, by=manager, at=noon)

    assert only_item(case).stage.key == "issue"
