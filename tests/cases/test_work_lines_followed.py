"""What colleagues do to one another's work and to much at once: the line of each item says what the item says."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from tests.cases.test_work_lines import every_line_is_as_its_view_says
from tests.desk.council import offer_blue_badges, open_case

from moothall.core.accounts import absence
from moothall.core.accounts.models import Absence, User
from moothall.domain.cases import (
    actions,
    assigning,
    batches,
    confirming,
    handing,
    progress,
    sharing,
    together,
    worklist,
)
from moothall.domain.cases.models import Batch, Case, Proposal, WorkItem, WorkLine
from moothall.domain.cases.wanted import Wanted

__all__ = ["every_line_is_as_its_view_says"]  # after each of these tests too
pytestmark = pytest.mark.django_db
STAGE = {"workflow": "blue_badge.application", "stage": "initial_checks"}


@pytest.fixture
def cases(noon: datetime) -> list[Case]:
    """Three cases at Initial Checks that nobody has."""
    service = offer_blue_badges(at=noon)
    return [open_case(service, at=noon + timedelta(minutes=number)) for number in range(3)]


def open_items() -> dict[int, WorkItem]:
    others = ("stage", "case__owner", "case__team", "assigned_to")
    return {item.pk: item for item in WorkItem.objects.open().select_related(*others)}


def all_say_what_their_items_say() -> None:
    """There is a line for each open item and no other, and it says where it is, whose it is and how its case is tagged."""
    said = {
        line.pk: (line.stage_id, line.stage_name, line.assigned_to_id, line.assigned_name, line.owner_name, line.tags)
        for line in WorkLine.objects.all()
    }
    assert said == {
        item.pk: (
            item.stage_id,
            item.stage.name,
            item.assigned_to_id,
            item.assigned_to.full_name if item.assigned_to else "",
            item.case.owner.full_name if item.case.owner else "",
            item.case.tags,
        )
        for item in open_items().values()
    }


def line(case: Case) -> WorkLine:
    return WorkLine.objects.get(case=case)


def item(case: Case) -> WorkItem:
    return WorkItem.objects.get(case=case, finished_at=None)


def done(batch: Batch) -> None:
    batches.work_through(batch.pk)
    assert set(batch.lines.values_list("result", flat=True)) == {"done"}


def on_all(kind: Batch.Kind, *, by: User, at: datetime, to: User | None = None, **asked: Any) -> None:
    lines = together.lines(WorkItem.objects.open(), seen={}, to=to)
    done(batches.begin(kind, lines, key=uuid4(), by=by, at=at, asked=asked))


def test_what_a_second_officer_confirmed_leaves_no_line_and_only_then(
    cases: list[Case], officer: User, manager: User, noon: datetime
) -> None:
    case = cases[0]
    progress.start(case, "change_party_data", by=officer, at=noon, by_hand=True)
    asked = WorkItem.objects.get(case=case, stage__key="change")
    answers = {"date_of_birth": date(1950, 1, 2).isoformat(), "evidence": "A passport", "reason": "Read wrongly."}
    progress.choose(asked, "identity", by=officer, at=noon, answers=answers)
    assert WorkLine.objects.get(pk=asked.pk).stage_name == "Change of personal details"

    confirming.confirm(Proposal.objects.get(), by=manager, at=noon)
    assert not WorkLine.objects.filter(pk=asked.pk).exists()
    all_say_what_their_items_say()


def test_what_was_done_to_many_at_once_is_said_by_each_line(
    cases: list[Case], officer: User, second_officer: User, noon: datetime
) -> None:
    on_all(Batch.Kind.ASSIGN, by=officer, at=noon, to=second_officer)
    assert {one.assigned_name for one in WorkLine.objects.all()} == {"Oscar Officer"}
    on_all(Batch.Kind.TAG, by=officer, at=noon, put=["terminal_illness"], remove=[])
    assert all("terminal_illness" in one.kinds for one in WorkLine.objects.all())
    on_all(Batch.Kind.OUTCOME, by=officer, at=noon, outcome="/".join([*STAGE.values(), "desktop_screening"]), note="")
    assert {one.stage_name for one in WorkLine.objects.all()} == {"Desktop Screening"}
    all_say_what_their_items_say()


def test_work_shared_out_and_given_back_is_said_by_each_line(
    cases: list[Case], officer: User, second_officer: User, manager: User, noon: datetime
) -> None:
    waiting = sharing.unassigned(manager, **STAGE)
    among = [officer, second_officer]
    shared = sharing.share_out(waiting, among=among, most=3, key=uuid4(), by=manager, at=noon)
    done(shared)
    assert {one.assigned_name for one in WorkLine.objects.all()} == {"Olive Officer", "Oscar Officer"}
    all_say_what_their_items_say()

    done(sharing.give_back(Batch.objects.get(pk=shared.pk), key=uuid4(), by=manager, at=noon))
    assert all("whose:nobody" in one.kinds for one in WorkLine.objects.all())
    all_say_what_their_items_say()


def test_whoever_covers_finds_the_lines_of_who_is_away_and_takes_one_over(
    cases: list[Case], officer: User, second_officer: User, noon: datetime
) -> None:
    for case in cases[:2]:
        assigning.take(item(case), by=second_officer, at=noon)
    today = noon.date()
    absence.record(
        second_officer,
        first_day=today,
        last_day=today,
        reason=Absence.WhyAway.LEAVE,
        cover=officer,
        by=officer,
        at=noon,
    )
    wanted = Wanted(assigned_to="me", covering=[second_officer.pk])
    stages = worklist.stages_seen(officer)
    found = worklist.waiting(wanted, user=officer, stages=stages, now=noon)
    assert references(found) == {case.reference for case in cases[:2]}

    taken = item(cases[0])
    assigning.take(taken, by=officer, at=noon, version=taken.version, take_over=True)
    assert (line(cases[0]).assigned_name, line(cases[1]).assigned_name) == ("Olive Officer", "Oscar Officer")
    all_say_what_their_items_say()


def references(lines: Iterable[WorkLine]) -> set[str]:
    return {one.reference for one in lines}


def test_what_somebody_who_leaves_hands_over_is_said_by_each_line_with_whose_the_case_is(
    cases: list[Case], officer: User, second_officer: User, manager: User, noon: datetime
) -> None:
    for case in cases[:2]:
        assigning.take(item(case), by=officer, at=noon)
    actions.assign_case(cases[0], owner=officer, by=officer, at=noon)
    assert line(cases[0]).owner_name == "Olive Officer"

    done(
        handing.hand_over(
            officer, to=[second_officer], deactivate=False, reason="Retires.", key=uuid4(), by=manager, at=noon
        )
    )
    assert (line(cases[0]).owner_name, line(cases[0]).assigned_name) == ("Oscar Officer", "Oscar Officer")
    assert f"whose:{officer.pk}" not in {kind for one in WorkLine.objects.all() for kind in one.kinds}
    all_say_what_their_items_say()
