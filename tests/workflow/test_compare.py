import pytest

from moothall.domain.workflow.compare import (
    Forbidden,
    Kind,
    NeedsMapping,
    Position,
    Safe,
    changes,
    position_safety,
)
from moothall.domain.workflow.definition import Workflow, parse


def changed(text: str, *replacements: tuple[str, str]) -> Workflow:
    for old, new in replacements:
        assert old in text, old
        text = text.replace(old, new)
    return parse(text, file="new.yaml")


def test_a_version_compared_with_itself_has_no_changes(workflow: Workflow, sample_text: str) -> None:
    assert changes(workflow, parse(sample_text, file="")) == []


@pytest.mark.parametrize(
    ("replacement", "kind", "where", "sentence"),
    [
        (("name: Resident parking permit", "name: Parking"), Kind.WORKFLOW, ("", "", ""), "name"),
        (("start: initial_checks", "start: assessment"), Kind.START, ("assessment", "", ""), "instead of initial_checks"),
        (("id: extend", "id: stretch"), Kind.ACTION_ADDED, ("", "", ""), "Extend the target"),
        (("id: extend", "id: stretch"), Kind.ACTION_REMOVED, ("", "", ""), "Extend the target"),
        (("name: Pause the clock", "name: Stop the clock"), Kind.ACTION_CHANGED, ("", "", ""), "Stop the clock"),
        (("name: Assessment", "name: Desk check"), Kind.STAGE_RENAMED, ("assessment", "", ""), "was called “Assessment”"),
        (("[permit_officers, permit_viewers, permit_managers]", "[permit_officers, permit_auditors, permit_managers]"), Kind.STAGE_GROUPS, ("initial_checks", "", ""), "permit_auditors may now see it and permit_viewers may no longer see it"),
        (("target: {amount: 10, unit: working_days}\n    outcomes", "target: {amount: 1, unit: hours}\n    outcomes"), Kind.STAGE_TARGET, ("assessment", "", ""), "1 hour instead of 10 working days"),
        (("status: We are checking", "status: We look at"), Kind.STAGE_PUBLIC, ("initial_checks", "", ""), "what the applicant reads"),
        (("holding: true\n    outcomes", "holding: false\n    outcomes"), Kind.STAGE_HOLDING, ("missing_information", "", ""), "no longer a holding stage"),
        (("|| paid()", ""), Kind.STAGE_AUTOMATIC, ("payment", "", ""), "progress by itself has changed"),
        (("id: not_paid", "id: gave_up"), Kind.OUTCOME_ADDED, ("payment", "gave_up", ""), "is new"),
        (("id: not_paid", "id: gave_up"), Kind.OUTCOME_REMOVED, ("payment", "not_paid", ""), "is gone"),
        (("name: Not paid", "name: Unpaid"), Kind.OUTCOME_RENAMED, ("payment", "not_paid", ""), "was called “Not paid”"),
        (("groups: [permit_managers]\n        note", "groups: [permit_officers]\n        note"), Kind.OUTCOME_GROUPS, ("assessment", "refuse", ""), "groups"),
        (("case.type != 'appeal'", "case.type == 'new'"), Kind.OUTCOME_CONDITION, ("initial_checks", "incomplete", ""), "when it may be chosen"),
        (("requires_tags: [checked]", "requires_tags: []"), Kind.OUTCOME_TAGS_NEEDED, ("assessment", "eligible", ""), "tags it needs"),
        (("name: Out of area\n        note: required", "name: Out of area"), Kind.OUTCOME_NOTE, ("initial_checks", "out_of_area", ""), "was required and is optional"),
        (("documents: [proof_of_address]", "documents: []"), Kind.OUTCOME_DOCUMENTS, ("initial_checks", "complete", ""), "documents it needs"),
        (("{case: {set: [checked]}}", "{case: {set: [looked_at]}}"), Kind.OUTCOME_TAGS, ("initial_checks", "complete", ""), "tags it sets"),
        (("amount: 10.00", "amount: 12.00"), Kind.OUTCOME_EFFECTS, ("assessment", "eligible", ""), "what it does"),
        (("to: may_appeal", "end: {state: refused}"), Kind.OUTCOME_DESTINATION, ("assessment", "refuse", ""), "the end (refused) instead of may_appeal"),
        (("id: permits, label", "id: how_many, label"), Kind.QUESTION_ADDED, ("assessment", "eligible", "how_many"), "is new"),
        (("id: permits, label", "id: how_many, label"), Kind.QUESTION_REMOVED, ("assessment", "eligible", "permits"), "is gone"),
        (("type: number", "type: text"), Kind.QUESTION_TYPE, ("assessment", "eligible", "permits"), "is now text instead of number"),
        (("list: refusal_reasons", "list: reasons"), Kind.QUESTION_TYPE, ("assessment", "refuse", "reasons"), "from list reasons instead of refusal_reasons"),
        (("type: number, default", "type: number, required: true, default"), Kind.QUESTION_MANDATORY, ("assessment", "eligible", "permits"), "now mandatory"),
        (("list: refusal_reasons, required: true", "list: refusal_reasons"), Kind.QUESTION_OPTIONAL, ("assessment", "refuse", "reasons"), "no longer mandatory"),
        (("label: Reasons", "label: Why"), Kind.QUESTION_CHANGED, ("assessment", "refuse", "reasons"), "wording"),
    ],
)  # fmt: skip
def test_each_kind_of_change_is_listed_with_its_place_and_a_sentence(
    workflow: Workflow,
    sample_text: str,
    replacement: tuple[str, str],
    kind: Kind,
    where: tuple[str, str, str],
    sentence: str,
) -> None:
    found = changes(workflow, changed(sample_text, replacement))

    (change,) = [change for change in found if change.kind == kind]
    assert (change.stage, change.outcome, change.question) == where
    assert sentence in change.sentence
    assert len(found) == (2 if kind.endswith((".added", ".removed")) else 1)


def test_stages_added_and_removed_are_listed(workflow: Workflow, sample_text: str) -> None:
    other = changed(sample_text, ("correct_order", "fix_order"))

    kinds = {change.kind: change.stage for change in changes(workflow, other)}
    assert kinds[Kind.STAGE_ADDED] == "fix_order"
    assert kinds[Kind.STAGE_REMOVED] == "correct_order"
    assert Kind.OUTCOME_DESTINATION in kinds


def test_a_case_at_an_unchanged_stage_may_move(workflow: Workflow) -> None:
    assert position_safety(workflow, workflow, Position("assessment")) == Safe("assessment")


def test_a_case_of_another_workflow_may_not_move(workflow: Workflow, sample_text: str) -> None:
    other = changed(sample_text, ("key: application", "key: appeal"))

    assert isinstance(position_safety(workflow, other, Position("assessment")), Forbidden)


def test_a_finished_case_keeps_its_version(workflow: Workflow) -> None:
    assert isinstance(position_safety(workflow, workflow, Position("assessment", finished=True)), Forbidden)


def test_a_case_said_to_be_where_its_version_has_no_stage_may_not_move(workflow: Workflow) -> None:
    assert isinstance(position_safety(workflow, workflow, Position("nowhere")), Forbidden)


def test_a_case_whose_stage_is_gone_needs_a_mapping_with_the_likeliest_stage_first(
    workflow: Workflow, sample_text: str
) -> None:
    other = changed(sample_text, ("correct_order", "fix_order"))

    verdict = position_safety(workflow, other, Position("correct_order"))

    assert isinstance(verdict, NeedsMapping)
    assert verdict.candidates[0] == "fix_order"
    assert set(verdict.candidates) == {stage.id for stage in other.stages}
    assert position_safety(workflow, other, Position("correct_order"), {"correct_order": "fix_order"}) == Safe(
        "fix_order", ("It moves from “Correct the order” to “Correct the order”.",)
    )


def test_a_mapping_to_a_stage_that_does_not_exist_does_not_help(workflow: Workflow) -> None:
    assert isinstance(position_safety(workflow, workflow, Position("assessment"), {"assessment": "moon"}), NeedsMapping)


def test_a_stage_that_becomes_manual_or_automatic_is_safe_with_a_note(workflow: Workflow, sample_text: str) -> None:
    manual = changed(sample_text, ("    automatic: {when: \"tag('paid') || paid()\", outcome: paid}\n", ""))

    to_manual = position_safety(workflow, manual, Position("payment"))
    to_automatic = position_safety(manual, workflow, Position("payment"))

    assert to_manual == Safe("payment", ("The stage is no longer automatic: the case waits for a person.",))
    assert isinstance(to_automatic, Safe)
    assert "now automatic" in to_automatic.notes[0]


def test_a_changed_target_and_lost_sight_are_safe_with_a_note(workflow: Workflow, sample_text: str) -> None:
    other = changed(
        sample_text,
        ("amount: 5, unit: working_days", "amount: 8, unit: working_days"),
        ("see: [permit_officers, permit_viewers, permit_managers]", "see: [permit_officers, permit_managers]"),
        ("holding: true\n    outcomes", "holding: false\n    outcomes"),
    )

    assert position_safety(workflow, other, Position("initial_checks")) == Safe(
        "initial_checks",
        ("Its target becomes 8 working days instead of 5 working days.", "permit_viewers will no longer see it."),
    )
    assert position_safety(workflow, other, Position("missing_information")) == Safe(
        "missing_information", ("The stage is no longer a holding stage.",)
    )


@pytest.mark.parametrize("replacement", [("type: number", "type: text"), ("list: deliver_to", "list: places")])
def test_a_case_whose_answer_would_be_misread_may_not_move(
    workflow: Workflow, sample_text: str, replacement: tuple[str, str]
) -> None:
    other = changed(sample_text, replacement)
    answered = Position("payment", answered=frozenset({"permits", "deliver_to"}))

    assert isinstance(position_safety(workflow, other, answered), Forbidden)
    assert position_safety(workflow, other, Position("payment")) == Safe("payment")


def test_an_answer_that_may_now_be_longer_is_safe(workflow: Workflow, sample_text: str) -> None:
    short = changed(sample_text, ("type: long_text", "type: text"))

    assert position_safety(short, workflow, Position("may_appeal", frozenset({"other_reason"}))) == Safe("may_appeal")
    assert isinstance(position_safety(workflow, short, Position("may_appeal", frozenset({"other_reason"}))), Forbidden)


def test_an_open_request_needs_a_stage_that_has_its_outcomes(workflow: Workflow, sample_text: str) -> None:
    waiting = Position("missing_information", awaited=frozenset({"received", "nothing_came"}))
    moved = changed(sample_text, ("id: missing_information", "id: waiting"), ("to: missing_information", "to: waiting"))
    dropped = changed(sample_text, ("closed: nothing_came", "closed: gave_up"), ("id: nothing_came", "id: gave_up"))
    mapped_wrongly = position_safety(workflow, workflow, waiting, {"missing_information": "payment"})

    assert position_safety(workflow, moved, waiting) == NeedsMapping(
        "The new version has no stage missing_information.", ("waiting",)
    )
    assert isinstance(position_safety(workflow, dropped, waiting), Forbidden)
    assert isinstance(mapped_wrongly, NeedsMapping)
    assert mapped_wrongly.candidates == ("missing_information",)
