from dataclasses import replace

import pytest

from moothall.domain.workflow.definition import Workflow, dump, parse
from moothall.domain.workflow.faults import Faulty, check, read
from moothall.domain.workflow.vocabulary import Vocabulary

AUTOMATIC_PAIR = """
key: pair
name: Pair
start: one
stages:
  - id: one
    name: One
    see: [permit_officers]
    progress: [permit_officers]
    automatic: {when: ONE, outcome: on}
    outcomes:
      - {id: on, name: On, TAGS_ONE to: two}
      - {id: stop, name: Stop, end: {state: closed}}
  - id: two
    name: Two
    see: [permit_officers]
    automatic: {when: TWO, outcome: back}
    outcomes:
      - {id: back, name: Back, TAGS_TWO to: one}
"""


def found(text: str, vocabulary: Vocabulary) -> list[tuple[str, str, str]]:
    """Faults as (stage, field, sentence)."""
    faults = check(parse(text, file="f.yaml"), vocabulary, "f.yaml")
    return [(fault.stage, fault.field, fault.sentence) for fault in faults]


def pair(one: str, two: str, tags_one: str = "", tags_two: str = "") -> str:
    text = AUTOMATIC_PAIR.replace("ONE,", f'"{one}",', 1).replace("TWO,", f'"{two}",', 1)
    return text.replace("TAGS_ONE", tags_one).replace("TAGS_TWO", tags_two)


def test_the_sample_has_no_faults(workflow: Workflow, vocabulary: Vocabulary) -> None:
    assert check(workflow, vocabulary, "parking_permit.yaml") == []


def test_reading_gives_the_workflow_or_every_fault(sample_text: str, vocabulary: Vocabulary) -> None:
    assert read(sample_text, vocabulary, file="p.yaml").key == "application"
    with pytest.raises(Faulty) as caught:
        read(sample_text.replace("to: payment", "to: paymnt"), vocabulary, file="p.yaml")
    assert "p.yaml stage assessment outcomes.eligible.to: There is no stage “paymnt”. Did you mean “payment”?" in str(
        caught.value
    )


@pytest.mark.parametrize(
    ("change", "stage", "field", "sentence"),
    [
        (("start: initial_checks", "start: initial_check"), "", "start", "There is no stage “initial_check”."),
        (("id: correct_order", "id: issue"), "issue", "id", "given to more than one stage"),
        (("id: extend", "id: pause"), "", "actions.pause", "given to more than one action"),
        (("stages: [initial_checks, assessment]", "stages: [checks]"), "", "actions.extend.stages", "no stage “checks”"),
        (("groups: [permit_officers]}", "groups: [nobody]}"), "", "actions.pause.groups", "There is no group “nobody”."),
        (("id: not_paid", "id: paid"), "payment", "outcomes.paid", "more than one outcome"),
        (("permit_viewers, permit_managers]", "permit_viewrs, permit_managers]"), "initial_checks", "see", "Did you mean “permit_viewers”?"),
        (("to: correct_order", "to: assessment"), "correct_order", "id", "cannot be reached"),
        (("to: missing_information", "to: missing_info"), "initial_checks", "outcomes.incomplete.to", "no stage “missing_info”"),
        (("to: assessment", "to: assessment\n        end: {state: closed}"), "initial_checks", "outcomes.complete", "both leads to a stage and ends"),
        (("name: Issued, end: {state: complete}", "name: Issued"), "issue", "outcomes.issued", "leads nowhere"),
        (("groups: [permit_managers]\n        note", "groups: [permit_viewers]\n        note"), "assessment", "outcomes.refuse.groups", "permit_viewers may choose “Refuse” but not progress"),
        (("groups: [permit_managers]\n        note", "groups: []\n        note"), "assessment", "outcomes.refuse.groups", "Nobody may choose “Refuse”"),
        (("see: [permit_officers, permit_managers]\n    progress: [permit_officers, permit_managers]", "see: [permit_officers]\n    progress: [permit_officers, permit_managers]"), "assessment", "progress", "permit_managers may progress “Assessment” but cannot see it"),
        (("see: [permit_officers]\n    progress: [permit_officers]\n    outcomes:\n      - {id: again", "see: []\n    progress: []\n    outcomes:\n      - {id: again"), "correct_order", "see", "Nobody can see"),
        (("see: [permit_officers]\n    progress: [permit_officers]\n    outcomes:\n      - {id: again", "see: [permit_officers]\n    outcomes:\n      - {id: again"), "correct_order", "progress", "Nobody may progress"),
        (("target: {amount: 10, unit: working_days}", "target: {amount: 90000, unit: working_days}"), "assessment", "target", "longer than can be meant"),
        (("target: {amount: 10, unit: working_days}", "target: {amount: 10, unit: days, calendar: working}"), "assessment", "target", "working_days"),
        (("start: initial_checks\n", "start: initial_checks\nmanual: false\nstart_groups: [permit_officers]\n"), "", "start_groups", "cannot be started by hand"),
        (("start: initial_checks\n", "start: initial_checks\nstart_groups: []\n"), "", "start_groups", "Nobody may start"),
    ],
)  # fmt: skip
def test_a_fault_in_the_flow_is_a_sentence_with_stage_and_field(
    sample_text: str, vocabulary: Vocabulary, change: tuple[str, str], stage: str, field: str, sentence: str
) -> None:
    assert change[0] in sample_text
    faults = found(sample_text.replace(*change, 1), vocabulary)

    assert any((s, f) == (stage, field) and sentence in text for s, f, text in faults), faults


@pytest.mark.parametrize(
    ("change", "field", "sentence"),
    [
        (("requires_tags: [checked]", "requires_tags: [cheked]"), "eligible.requires_tags", "no tag “cheked”. Did you mean “checked”?"),
        (("requires_tags: [checked]", "requires_tags: [checked]\n        forbids_tags: [checked]"), "eligible.forbids_tags", "both required and forbidden"),
        (("set: [refused], remove: [checked]", "set: [refused], remove: [refused]"), "refuse.tags.case", "both set and removed"),
        (("documents: [proof_of_address]", "documents: [proof]"), "complete.documents", "no document tag “proof”"),
        (("documents: {question: photo,", "documents: {question: permits,"), "eligible.tags.documents.question", "must be document or documents"),
        (("documents: {question: photo,", "documents: {question: picture,"), "eligible.tags.documents.question", "called “picture”"),
        (("list: refusal_reasons", "list: refusals"), "refuse.questions.reasons.list", "no list “refusals”"),
        (("type: choices, list: refusal_reasons", "type: choices"), "refuse.questions.reasons.list", "needs a list"),
        (("type: number, default", "type: number, list: deliver_to, default"), "eligible.questions.permits.list", "takes no list"),
        (("type: number, default", "type: number, tag: photograph, default"), "eligible.questions.permits.tag", "takes no document tag"),
        (("tag: photograph, required", "tag: foto, required"), "eligible.questions.photo.tag", "no document tag “foto”"),
        (("default: home", "default: moon"), "eligible.questions.deliver_to.default", "“moon” is not one of the answers"),
        (("default: 1,", "default: true,"), "eligible.questions.permits.default", "must be a number"),
        (("tag: photograph, required: true", "tag: photograph, default: x"), "eligible.questions.photo.default", "has no default"),
        (('default: "plus_days(today, 1)"', 'default: "plus_dayz(today, 1)"'), "eligible.questions.start_date.default", "did you mean plus_days()"),
        ((" valid: \"answers.start_date > today\",", ""), "eligible.questions.start_date.message", "nothing checks"),
        (("when: \"'other' in answers.reasons\"", "when: \"'other' in answers.reason\""), "refuse.questions.other_reason.when", "did you mean answers.reasons"),
        (("id: reasons, label: Reasons,", "id: reasons, label: Reasons, when: answers.other_reason != null,"), "refuse.questions.reasons.when", "asked only later"),
        (("id: other_reason, label", "id: permits, label"), "refuse.questions.permits", "would mean two things"),
        (("id: other_reason, label", "id: reasons, label"), "refuse.questions.reasons", "two questions with the id"),
        (("when: \"case.type != 'appeal'\"", "when: \"case.typ != 'appeal'\""), "incomplete.when", "did you mean case.type"),
        (("when: \"case.type != 'appeal'\"", "when: \"case.type != \""), "incomplete.when", "cannot be read as a condition"),
        (("when: \"case.type != 'appeal'\"", "when: \"tag('chekced')\""), "incomplete.when", "did you mean checked"),
        (("template: refusal", "template: refusl"), "refuse.do.number 1.template", "Did you mean “refusal”?"),
        (("list: reasons, draft", "list: other_reason, draft"), "refuse.do.number 1.list", "must be choice or choices"),
        (("list: reasons, draft", "list: nothing, draft"), "refuse.do.number 1.list", "called “nothing”"),
        (("channels: [letter]", "channels: [letter, letter]"), "refuse.do.number 1.channels", "named twice"),
        (("channels: [letter]", "channels: [letter], tags: [x]"), "refuse.do.number 1.tags", "no document tag “x”"),
        (("amount: 10.00", "amount: 10.00, amount_from: permits"), "eligible.do.number 1", "either amount or amount_from"),
        (("amount: 10.00", "amount_from: permits"), "eligible.do.number 1.amount_from", "must be money"),
        (("operation: permits.order}], to", "operation: permits.ordr}], to"), "paid.do.number 1.operation", "no operation “permits.ordr”"),
        (("workflow: appeal", "workflow: apeal"), "appeal.do.number 1.workflow", "no workflow “apeal”. Did you mean “appeal”?"),
        (("name: permits.clear_order", "name: permits.clear"), "again.do.number 1.name", "no hook “permits.clear”"),
        (("received: received,", "received: recieved,"), "incomplete.do.number 2.then.received", "Did you mean “received”?"),
        (("close_after: {amount: 20", "close_after: {amount: 2"), "incomplete.do.number 2.close_after", "close before its answer is due"),
        (("remind_after: {amount: 10", "remind_after: {amount: 16"), "incomplete.do.number 2.remind_after", "reminder would come after"),
        (("items: missing\n", "pauses: true\n"), "incomplete.do.number 2", "asks for nothing"),
        (("id: received, name", "id: received, note: required, name"), "incomplete.do.number 2.then.received", "cannot require a note"),
    ],
)  # fmt: skip
def test_a_fault_in_an_outcome_is_a_sentence_with_its_field(
    sample_text: str, vocabulary: Vocabulary, change: tuple[str, str], field: str, sentence: str
) -> None:
    assert change[0] in sample_text
    text = sample_text.replace(*change, 1)
    if change == ("items: missing\n", "pauses: true\n"):
        text = text.replace("            pauses: true\n            then", "            then", 1)
    faults = found(text, vocabulary)

    assert any(f == f"outcomes.{field}" and sentence in s for _, f, s in faults), faults


def test_a_stage_without_outcomes_is_a_dead_end(sample_text: str, vocabulary: Vocabulary) -> None:
    before, _, _ = sample_text.partition("    outcomes:\n      - {id: again")

    faults = found(before.replace("  - id: correct_order", "  - id: correct_order", 1), vocabulary)

    assert any(s == "correct_order" and "dead end" in text for s, _, text in faults)


def test_stages_from_which_no_way_leads_to_an_end_are_named(sample_text: str, vocabulary: Vocabulary) -> None:
    faults = found(sample_text.replace("name: Issued, end: {state: complete}", "name: Issued, to: issue"), vocabulary)

    trapped = {s for s, _, text in faults if "No way leads from" in text}
    assert trapped == {"issue", "correct_order"}


def test_an_automatic_stage_needs_an_outcome_that_nobody_has_to_answer(
    sample_text: str, vocabulary: Vocabulary
) -> None:
    wrong = sample_text.replace('|| paid()", outcome: paid}', '|| paid()", outcome: payd}')
    noted = sample_text.replace("{id: paid, name: Paid,", "{id: paid, name: Paid, note: required,")
    asking = sample_text.replace(
        "{id: paid, name: Paid,",
        "{id: paid, name: Paid, questions: [{id: how, label: How, type: text, required: true}],",
    )

    assert ("payment", "automatic.outcome", "There is no outcome “payd”. Did you mean “paid”?") in found(
        wrong, vocabulary
    )
    assert any("cannot require a note" in text for _, _, text in found(noted, vocabulary))
    assert any("“How” needs a default" in text for _, _, text in found(asking, vocabulary))
    assert found(asking.replace("required: true}]", "required: true, default: card}]"), vocabulary) == []


def test_a_condition_naming_a_day_that_is_none_or_an_operation_nobody_offers_is_a_fault(
    sample_text: str, vocabulary: Vocabulary
) -> None:
    day = found(sample_text.replace("2099-01-01", "2099-02-30"), vocabulary)
    reply = found(sample_text.replace("replies['permits.order'] == 'done'", "replies['order'] == 'done'"), vocabulary)

    assert ("may_appeal", "automatic.when", "“2099-02-30” is not a day: write it like 2026-03-01.") in day
    assert any(f == "automatic.number 1.when" and "no operation “order”" in text for _, f, text in reply)


@pytest.mark.parametrize(
    "text",
    [
        pair("paid()", "paid()"),
        pair("tag('paid')", "tag('paid')"),
        pair("tag('paid')", "paid()", tags_one="tags: {case: {remove: [paid]}},", tags_two="tags: {case: {set: [paid]}},"),
        pair("tag('paid') || paid()", "paid()", tags_one="tags: {case: {remove: [paid]}},"),
    ],
)  # fmt: skip
def test_automatic_stages_that_nothing_stops_going_round_are_a_fault(text: str, vocabulary: Vocabulary) -> None:
    assert ("one", "automatic", "Automatic stages could go round without end: “One”, “Two”.") in found(text, vocabulary)


@pytest.mark.parametrize(
    "text",
    [
        pair("tag('paid')", "paid()", tags_one="tags: {case: {remove: [paid]}},"),
        pair("tag('paid')", "paid()", tags_two="tags: {case: {remove: [paid]}},"),
        pair("!tag('paid')", "paid()", tags_two="tags: {case: {set: [paid]}},"),
        pair("paid()", "paid()", tags_one="requires_tags: [paid],", tags_two="tags: {case: {remove: [paid]}},"),
        pair("paid()", "paid()", tags_one="forbids_tags: [paid], tags: {case: {set: [paid]}},"),
    ],
)
def test_automatic_stages_that_a_tag_stops_going_round_are_no_fault(text: str, vocabulary: Vocabulary) -> None:
    assert found(text, vocabulary) == []


def test_checking_anything_of_the_right_shape_never_fails(sample_text: str, workflow: Workflow) -> None:
    nothing_known = check(workflow, Vocabulary(), "p.yaml")

    assert len(nothing_known) > 30
    assert all(fault.file == "p.yaml" and fault.sentence.endswith((".", "?")) for fault in nothing_known)
    assert check(parse(dump(workflow), file="p.yaml"), Vocabulary(), "p.yaml") == nothing_known


def test_a_reminder_needs_its_day_and_a_letter_that_exists(sample_text: str, vocabulary: Vocabulary) -> None:
    silent = sample_text.replace("            reminder: missing_information\n", "")
    unknown = sample_text.replace("reminder: missing_information", "reminder: mising_information")

    assert ["needs both" in text for _, _, text in found(silent, vocabulary)] == [True]
    assert ["Did you mean “missing_information”?" in text for _, _, text in found(unknown, vocabulary)] == [True]


def test_something_to_do_is_due_on_a_day_of_a_known_kind_and_for_a_group_that_is_there(
    sample_text: str, vocabulary: Vocabulary
) -> None:
    words = replace(vocabulary, intention_types=frozenset({"call", "check"}))
    sound = "{effect: intention, text: Ring, type: call, due: {amount: 3, unit: working_days}, team: permit_officers}"
    text = sample_text.replace("do: [{effect: hook", f"do: [{sound}, {{effect: hook")
    assert found(text, words) == []
    for change, sentence in (
        (("unit: working_days}, team", "unit: hours}, team"), "What is to be done is due on a day"),
        (("amount: 3", "amount: 9999"), "longer than can be meant"),
        (("type: call", "type: cal"), "There is no kind of thing to do called “cal”. Did you mean “call”?"),
        (("team: permit_officers}, {", "team: nobody}, {"), "There is no group “nobody”."),
    ):
        [(_, field, said)] = found(text.replace(*change), words)
        assert sentence in said
        assert field.startswith("outcomes.again.do.number 1")
    here = "to_do: [{text: Ring, type: cal, due: {amount: 3, unit: days}}]"
    [(_, field, said)] = found(sample_text.replace("    outcomes:", f"    {here}\n    outcomes:", 1), words)
    assert (field, "Did you mean “call”?" in said) == ("to_do.number 1.type", True)
