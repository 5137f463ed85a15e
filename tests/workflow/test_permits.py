import itertools
from typing import Any

from moothall.domain.workflow.definition import Workflow, parse
from moothall.domain.workflow.permits import (
    Permit,
    as_markdown,
    compare_tables,
    may,
    permits,
    table,
)


def groups_that_may(workflow: Workflow, act: str, **where: Any) -> set[str]:
    asked = {"act": act, "stage": "", "subject": "", **where}
    return {p.group for p in permits(workflow) if {"act": p.act, "stage": p.stage, "subject": p.subject} == asked}


OFFICER, MANAGER, VIEWER = {"permit_officers"}, {"permit_managers"}, {"permit_viewers"}


def test_whoever_may_see_progress_and_choose_is_answered_by_one_look_up(workflow: Workflow) -> None:
    assert may(workflow, VIEWER, "see", stage="initial_checks")
    assert not may(workflow, VIEWER, "progress", stage="initial_checks")
    assert not may(workflow, VIEWER, "outcome", stage="initial_checks", subject="complete")
    assert may(workflow, OFFICER, "outcome", stage="assessment", subject="eligible")
    assert not may(workflow, OFFICER, "outcome", stage="assessment", subject="refuse")
    assert may(workflow, MANAGER, "outcome", stage="assessment", subject="refuse")


def test_membership_of_several_groups_adds_up(workflow: Workflow) -> None:
    assert may(workflow, VIEWER | MANAGER, "outcome", stage="assessment", subject="refuse")


def test_what_the_workflow_does_not_mention_nobody_may(workflow: Workflow) -> None:
    everybody = OFFICER | MANAGER | VIEWER

    assert not may(workflow, everybody, "see", stage="nowhere")
    assert not may(workflow, everybody, "outcome", stage="assessment", subject="fly")
    assert not may(workflow, everybody, "action", stage="assessment", subject="delete")
    assert not may(workflow, (), "see", stage="assessment")


def test_starting_by_hand_is_for_whoever_progresses_the_first_stage_unless_said(
    workflow: Workflow, sample_text: str
) -> None:
    named = parse(sample_text.replace("start: initial", "start_groups: [desk]\nstart: initial"), file="")
    never = parse(sample_text.replace("start: initial", "manual: false\nstart: initial"), file="")

    assert groups_that_may(workflow, "start") == OFFICER | MANAGER
    assert groups_that_may(named, "start") == {"desk"}
    assert groups_that_may(never, "start") == set()


def test_other_actions_are_in_the_same_table(workflow: Workflow) -> None:
    assert may(workflow, OFFICER, "action", stage="issue", subject="pause")
    assert may(workflow, MANAGER, "action", stage="assessment", subject="extend")
    assert not may(workflow, MANAGER, "action", stage="issue", subject="extend")


def test_an_outcomes_groups_never_reach_beyond_who_progresses_the_stage(sample_text: str) -> None:
    wide = sample_text.replace("groups: [permit_managers]\n", "groups: [permit_managers, permit_viewers]\n")

    assert groups_that_may(parse(wide, file=""), "outcome", stage="assessment", subject="refuse") == MANAGER


def test_the_table_has_a_row_for_every_act_and_agrees_with_the_look_up(workflow: Workflow) -> None:
    rows = table(workflow)

    outcomes = [(stage.id, outcome.id) for stage in workflow.stages for outcome in stage.outcomes]
    assert [(row.stage, row.subject) for row in rows if row.act == "outcome"] == outcomes
    assert len(rows) == 1 + 2 * len(workflow.stages) + len(outcomes) + len(workflow.stages) + 2
    for row, group in itertools.product(rows, OFFICER | MANAGER | VIEWER):
        assert (group in row.groups) == may(workflow, {group}, row.act, stage=row.stage, subject=row.subject)


def test_the_table_prints_as_markdown(workflow: Workflow) -> None:
    markdown = as_markdown(workflow).splitlines()

    assert [cell.strip() for cell in markdown[0].strip("|").split("|")] == [
        *("stage", "act", "permit_managers", "permit_officers", "permit_viewers")
    ]
    assert markdown[1] == "| --- | --- | --- | --- | --- |"
    assert "| assessment | outcome refuse | yes | - | - |" in markdown
    assert len(markdown) == 2 + len(table(workflow))


def test_two_versions_are_compared_permit_by_permit(workflow: Workflow, sample_text: str) -> None:
    new = parse(
        sample_text.replace("groups: [permit_managers]\n        note", "groups: [permit_officers]\n        note"),
        file="",
    )

    changes = compare_tables(workflow, new)

    assert [change.sentence for change in changes] == [
        "permit_managers may no longer choose refuse at stage assessment.",
        "permit_officers may now choose refuse at stage assessment.",
    ]
    assert changes[1].permit == Permit("permit_officers", "outcome", "assessment", "refuse")
    assert permits(new) - permits(workflow) == {changes[1].permit}
    assert compare_tables(workflow, workflow) == []
