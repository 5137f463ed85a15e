"""Second officers, quality samples and checklists in a definition: read, checked, compared, asked."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from moothall.domain.workflow import compare, faults, machine, permits
from moothall.domain.workflow.definition import Workflow, dump, from_data, parse
from moothall.domain.workflow.facts import CaseFacts, Facts
from moothall.domain.workflow.machine import Choice, Refused
from moothall.domain.workflow.vocabulary import Vocabulary

FACTS = Facts(
    today=date(2026, 3, 3),
    case=CaseFacts(type="new", source="online", reference="R", service="s", opened_on=date(2026, 3, 2)),
)
WORDS = Vocabulary(groups=frozenset({"officers", "managers", "others"}))
OFFICERS = {"officers"}


def data(**change: Any) -> dict[str, Any]:
    """A workflow of one stage, its outcome `refuse` and stage changed as told."""
    refuse = {
        "id": "refuse",
        "name": "Refuse",
        "second_officer": {"groups": ["managers"], "why": "Twice is better.", "when": "case.type == 'new'"},
        "end": {"state": "refused"},
        **change.pop("refuse", {}),
    }
    stage = {
        "id": "decide",
        "name": "Decide",
        "see": ["officers", "managers"],
        "progress": ["officers"],
        "checklist": [{"id": "read", "text": "Everything was read", "required_for": ["refuse"]}],
        "quality_sample": {"percent": 10, "groups": ["managers"]},
        "outcomes": [refuse, {"id": "grant", "name": "Grant", "end": {"state": "complete"}}],
        **change,
    }
    return {"key": "w", "name": "W", "start": "decide", "stages": [stage]}


def workflow(**change: Any) -> Workflow:
    return from_data(data(**change), file="w.yaml")


def test_what_keeps_decisions_sound_is_written_and_read_again() -> None:
    assert parse(dump(workflow()), file="w.yaml") == workflow()
    assert (
        workflow(checklist=[{"id": "a", "text": "A", "required_for": "all"}]).stages[0].checklist[0].needed_for("grant")
    )
    assert faults.check(workflow(), WORDS, "w.yaml") == []


BY_ITSELF = {"when": "tag('x')", "outcome": "refuse"}


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"refuse": {"second_officer": {"groups": ["nobody"], "why": "W"}}}, "There is no group “nobody”"),
        ({"refuse": {"second_officer": {"groups": ["others"], "why": "W"}}}, "others may confirm what is decided at"),
        ({"quality_sample": {"percent": 5, "groups": ["others"]}}, "others may check the quality of what is decided"),
        (
            {"refuse": {"second_officer": {"groups": ["managers"], "why": "W", "when": "answers.gone"}}},
            "gone",
        ),
        ({"automatic": {"when": "requests.open == 0", "outcome": "grant"}}, "“Decide” moves on by itself"),
        ({"checklist": [{"id": "a", "text": "A"}, {"id": "a", "text": "B"}]}, "more than one item of the checklist"),
        ({"checklist": [{"id": "a", "text": "A", "required_for": ["refused"]}]}, "called “refused”"),
        ({"checklist": [{"id": "a", "text": "A", "required_for": ["all", "refuse"]}]}, "required for all outcomes"),
        (
            {"automatic": {"when": "requests.open == 0", "outcome": "refuse"}, "refuse": {"second_officer": None}},
            "nobody would tick “Everything was read” for it",
        ),
    ],
)
def test_what_cannot_be_meant_is_a_fault(change: dict[str, Any], sentence: str) -> None:
    found = faults.check(workflow(**change), WORDS, "w.yaml")

    assert any(sentence in fault.sentence for fault in found), found


def test_an_outcome_taken_by_a_request_cannot_need_a_second_officer() -> None:
    asks = {
        "id": "ask",
        "name": "Ask",
        "to": "decide",
        "do": [
            {
                "effect": "request",
                "kind": "document",
                "text": "A bill",
                "answer_within": {"amount": 5, "unit": "days"},
                "then": {"closed": "refuse"},
            }
        ],
    }
    given = data(checklist=[])
    given["stages"][0]["outcomes"].append(asks)

    found = faults.check(from_data(given, file="w.yaml"), WORDS, "w.yaml")

    assert ["so no second officer can confirm it" in fault.sentence for fault in found] == [True]


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ({"refuse": {"second_officer": None}}, compare.Kind.OUTCOME_SECOND_OFFICER),
        ({"refuse": {"quality_sample": {"percent": 1, "groups": ["managers"]}}}, compare.Kind.OUTCOME_SAMPLE),
        ({"checklist": []}, compare.Kind.STAGE_CHECKLIST),
        ({"quality_sample": None}, compare.Kind.STAGE_SAMPLE),
    ],
)
def test_a_change_between_versions_has_a_kind_of_its_own(change: dict[str, Any], kind: compare.Kind) -> None:
    assert [one.kind for one in compare.changes(workflow(), workflow(**change))] == [kind]


def test_the_table_of_permits_says_who_confirms() -> None:
    assert permits.may(workflow(), {"managers"}, "confirm", stage="decide", subject="refuse")
    assert not permits.may(workflow(), OFFICERS, "confirm", stage="decide", subject="refuse")
    assert not permits.may(workflow(), {"managers"}, "confirm", stage="decide", subject="grant")
    taken = permits.compare_tables(workflow(), workflow(refuse={"second_officer": None}))
    assert [one.sentence for one in taken] == ["managers may no longer confirm refuse at stage decide."]


def test_the_engine_says_whether_a_second_officer_is_needed_and_what_is_not_ticked() -> None:
    ticked = replace(FACTS, ticked=frozenset({"read"}))
    change = machine.decide(workflow(), "decide", Choice("refuse"), groups=OFFICERS, facts=ticked)
    assert change.second_officer
    assert change.checklist == "All of the checklist was done."
    renewal = replace(ticked, case=replace(FACTS.case, type="renewal"))
    assert machine.decide(workflow(), "decide", Choice("refuse"), groups=OFFICERS, facts=renewal).second_officer is None

    with pytest.raises(Refused, match="not ticked on the checklist: Everything was read"):
        machine.decide(workflow(), "decide", Choice("refuse"), groups=OFFICERS, facts=FACTS)
    assert machine.decide(workflow(), "decide", Choice("grant"), groups=OFFICERS, facts=FACTS).second_officer is None
