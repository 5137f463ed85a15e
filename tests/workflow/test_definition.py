from decimal import Decimal

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moothall.domain.workflow.definition import (
    Faulty,
    Workflow,
    dump,
    fingerprint,
    from_data,
    parse,
    to_data,
)
from moothall.domain.workflow.schema import json_schema

SMALLEST = """
key: small
name: Small
start: only
stages:
  - id: only
    name: Only
    see: [officers]
    progress: [officers]
    outcomes:
      - {id: done, name: Done, end: {state: complete}}
"""

ids = st.from_regex(r"[a-z][a-z0-9_]{0,12}", fullmatch=True)
words = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=60).filter(
    lambda text: text.strip() and "\ufffe" not in text and "\uffff" not in text
)
prose = st.lists(words, min_size=1, max_size=3).map("\n".join)
conditions = st.sampled_from(["tag('paid')", "case.type != 'appeal'", "answers.a >= 1 && paid()"])
lengths = st.fixed_dictionaries(
    {"amount": st.integers(1, 500), "unit": st.sampled_from(["minutes", "hours", "days", "working_days"])}
)
defaults = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**12), 10**12),
    st.decimals(-9999, 9999, places=2),
    prose.map(str.strip),
    st.lists(ids, max_size=3),
)
questions = st.fixed_dictionaries(
    {"id": ids, "label": words, "type": st.sampled_from(["text", "date", "money", "choice", "documents"])},
    optional={"required": st.booleans(), "hint": prose, "when": conditions, "default": defaults, "list": ids},
)
effects = st.one_of(
    st.fixed_dictionaries(
        {"effect": st.just("message"), "template": ids, "channels": st.just(["email", "letter"])},
        optional={"draft": st.booleans(), "tags": st.lists(ids, max_size=2)},
    ),
    st.fixed_dictionaries(
        {"effect": st.just("request"), "kind": st.just("fee"), "answer_within": lengths},
        optional={"pauses": st.booleans(), "then": st.fixed_dictionaries({}, optional={"received": ids})},
    ),
    st.fixed_dictionaries(
        {"effect": st.just("payment"), "amount": st.decimals(Decimal("0.01"), 999, places=2)},
        optional={"when": conditions},
    ),
    st.fixed_dictionaries({"effect": st.just("send"), "operation": st.just("a.b")}),
)
tag_change = st.fixed_dictionaries({}, optional={"set": st.lists(ids, max_size=2), "remove": st.lists(ids, max_size=2)})
outcomes = st.fixed_dictionaries(
    {"id": ids, "name": words},
    optional={
        "groups": st.lists(ids, max_size=2),
        "questions": st.lists(questions, max_size=2),
        "do": st.lists(effects, max_size=3),
        "note": st.sampled_from(["required", "optional", "none"]),
        "tags": st.fixed_dictionaries({}, optional={"case": tag_change, "customer": tag_change}),
        "to": ids,
        "end": st.just({"state": "closed"}),
    },
)
stages = st.fixed_dictionaries(
    {"id": ids, "name": words, "see": st.lists(ids, max_size=3)},
    optional={
        "target": lengths,
        "holding": st.booleans(),
        "public": st.fixed_dictionaries({"status": words}, optional={"next": prose}),
        "automatic": st.fixed_dictionaries({"when": conditions, "outcome": ids}),
        "outcomes": st.lists(outcomes, max_size=3),
    },
)
definitions = st.fixed_dictionaries(
    {"key": ids, "name": words, "start": ids, "stages": st.lists(stages, min_size=1, max_size=3)},
    optional={"manual": st.booleans(), "description": prose},
)


def sentences(text: str | bytes) -> list[str]:
    with pytest.raises(Faulty) as caught:
        parse(text, file="small.yaml")
    return [str(fault) for fault in caught.value.faults]


@settings(max_examples=60, deadline=None)
@given(definitions)
def test_any_definition_survives_yaml_and_json_unchanged(data: dict[str, object]) -> None:
    workflow = from_data(data, file="made.yaml")

    assert parse(dump(workflow), file="made.yaml") == workflow
    assert from_data(to_data(workflow), file="made.yaml") == workflow
    assert fingerprint(parse(dump(workflow), file="made.yaml")) == fingerprint(workflow)


def test_the_sample_survives_yaml_and_json_unchanged(workflow: Workflow) -> None:
    assert parse(dump(workflow), file="") == workflow
    assert dump(parse(dump(workflow), file="")) == dump(workflow)
    assert from_data(to_data(workflow), file="") == workflow


def test_the_fingerprint_depends_on_content_and_not_on_layout(sample_text: str, workflow: Workflow) -> None:
    laid_out_otherwise = "# a comment\n" + sample_text.replace("[checked]", '["checked"]')

    other_order = dict(reversed(to_data(workflow).items()))

    assert fingerprint(parse(laid_out_otherwise, file="")) == fingerprint(workflow)
    assert fingerprint(from_data(other_order, file="")) == fingerprint(workflow)
    assert fingerprint(parse(sample_text.replace("Out of area", "Outside"), file="")) != fingerprint(workflow)


def test_stages_outcomes_and_questions_are_found_by_id(workflow: Workflow) -> None:
    assert workflow.stage("assessment").outcome("eligible").question("photo").label == "Photograph"
    with pytest.raises(LookupError, match="has no stage “nowhere”"):
        workflow.stage("nowhere")
    with pytest.raises(LookupError, match="has no outcome “nothing”"):
        workflow.stage("assessment").outcome("nothing")


def test_a_definition_cannot_be_changed_once_read(workflow: Workflow) -> None:
    with pytest.raises(ValueError, match="frozen"):
        workflow.name = "Another"  # type: ignore[misc]


def test_one_automatic_rule_may_be_written_without_a_list() -> None:
    text = SMALLEST.replace("    outcomes:", "    automatic: {when: paid(), outcome: done}\n    outcomes:")

    assert [rule.outcome for rule in parse(text, file="").stages[0].automatic] == ["done"]


def test_an_amount_of_money_is_exact() -> None:
    text = SMALLEST.replace("name: Done,", "name: Done, do: [{effect: payment, amount: 10.10}],")
    effect = parse(text, file="").stages[0].outcomes[0].do[0]

    assert effect.effect == "payment"
    assert effect.amount == Decimal("10.10")
    assert "pounds and pence" in sentences(text.replace("10.10", "10.001"))[0]


def test_an_unknown_key_is_named_with_line_stage_and_the_nearest_known_key() -> None:
    (fault,) = sentences(SMALLEST.replace("    progress:", "    progres:"))

    assert fault == (
        "small.yaml:9 stage only progres: “progres” is not a key that is known here. Did you mean “progress”?"
    )


def test_every_fault_of_shape_is_listed_at_once() -> None:
    text = SMALLEST.replace("see: [officers]", "see: 3").replace("state: complete", "state: finished")
    faults = sentences(text.replace("name: Small", "nam: Small"))

    assert len(faults) == 4
    assert any("“see” must be a list, not “3”." in fault for fault in faults)
    assert any("“finished” cannot be used for “state”" in fault for fault in faults)
    assert any("“name” is missing." in fault for fault in faults)


def test_a_wrong_kind_of_effect_is_refused_and_a_fault_inside_one_says_where() -> None:
    text = SMALLEST.replace("name: Done,", "name: Done, do: [{effect: sned, operation: a.b}],")

    assert "“sned” is not a kind that is known here" in sentences(text)[0]
    (fault,) = sentences(text.replace("sned, operation: a.b", "send"))
    assert "stage only outcomes.done.do.number 1.operation: “operation” is missing." in fault


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("key: &a x\nname: *a", "Anchors"),
        ("key: x\nname: *a", "Anchors"),
        ("key: x\nkey: y", "The key “key” is written twice"),
        ("key: !!python/object/apply:os.system [ls]", "Tags such as"),
        ("[" * 60 + "]" * 60, "nested more than"),
        ("key: [", "not valid YAML"),
        ("- a\n- b", "written as keys and values"),
        ("", "empty"),
        ("# nothing but a comment", "empty"),
        ("a: 1\n---\nb: 2", "not valid YAML"),
        ("x" * 600_000, "larger than 512 KB"),
        (b"key: \xff\xfe", "not UTF-8"),
        ("key: \x07", "cannot be read"),
        ("? [a, b]\n: c", "A key must be a single word"),
    ],
)
def test_what_is_dangerous_or_unreadable_in_yaml_is_refused_with_a_sentence(text: str | bytes, sentence: str) -> None:
    (fault,) = sentences(text)

    assert sentence in fault


def test_no_word_is_taken_for_a_truth_value_a_time_or_a_date() -> None:
    for word in ("no", "off", "yes", "12:30", "2026-03-01", "0777", "1e3"):
        assert parse(SMALLEST.replace("name: Small", f"name: {word}"), file="").name == word


@pytest.mark.parametrize("wrong", ["Upper", "1st", "with-hyphen", "with space", "é", ""])
def test_an_id_is_small_letters_digits_and_underscores(wrong: str) -> None:
    assert sentences(SMALLEST.replace("- id: only", f"- id: '{wrong}'"))


def test_a_control_character_nobody_can_see_is_refused() -> None:
    assert "control character" in sentences(SMALLEST.replace("name: Small", r'name: "Sm\x1ball"'))[0]


def test_the_schema_accepts_the_sample_and_refuses_an_unknown_key(workflow: Workflow) -> None:
    schema = json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(to_data(workflow), schema)

    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**to_data(workflow), "stges": []}, schema)


def test_the_schema_wants_exactly_one_of_destination_and_end(workflow: Workflow) -> None:
    data = to_data(workflow)
    data["stages"][0]["outcomes"][0]["to"] = "assessment"

    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(data, json_schema())
