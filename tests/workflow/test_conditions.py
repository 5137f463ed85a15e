"""Conditions are tried at publishing: what cannot be worked out, or can never hold, is a fault then."""

import dataclasses

import pytest

from moothall.domain.payments.models import Payment
from moothall.domain.people.models import Customer
from moothall.domain.workflow.definition import parse
from moothall.domain.workflow.faults import check
from moothall.domain.workflow.scope_kinds import scope_kinds
from moothall.domain.workflow.vocabulary import FUNCTIONS, Vocabulary
from moothall.kit.kinds import ANY

WORKFLOW = """
key: permit
name: Permit
start: check
stages:
  - id: check
    name: Check
    see: [permit_officers]
    progress: [permit_officers]
    outcomes:
      - id: go
        name: Go
        questions:
          - {id: permits, label: How many, type: number}
          - {id: share, label: Share, type: number, valid: answers.share > 0}
          - {id: fee, label: Fee, type: money}
          - {id: seen, label: Seen, type: yes_no}
          - {id: words, label: Words, type: text}
          - {id: day, label: Day, type: date}
          - {id: place, label: Where to, type: choice, list: deliver_to}
          - {id: missing, label: Missing, type: choices, list: missing_items}
          - {id: later, label: Later, type: TYPE, FIELD: "CONDITION"}
        to: wait
  - id: wait
    name: Wait
    see: [permit_officers]
    progress: [permit_officers]
    automatic: {when: "RULE", outcome: done}
    outcomes:
      - {id: done, name: Done, end: {state: complete}}
"""


@pytest.fixture
def words(vocabulary: Vocabulary) -> Vocabulary:
    return dataclasses.replace(
        vocabulary,
        case_types=frozenset({"new", "renewal", "appeal"}),
        sources=frozenset({"online", "paper"}),
        reply_states=frozenset({"queued", "done", "error"}),
        retired={"deliver_to": frozenset({"fax"})},
    )


def faults(words: Vocabulary, condition: str, *, field: str = "when", type: str = "text") -> list[str]:
    """The faults of a condition on a question, each with its field."""
    text = WORKFLOW.replace("CONDITION", condition).replace("FIELD", field).replace("TYPE", type)
    return [str(fault) for fault in check(parse(text.replace("RULE", "paid()"), file="f.yaml"), words, "f.yaml")]


@pytest.mark.parametrize(
    ("condition", "sentence"),
    [
        ("case.age_days > 'x'", "compares a number with text"),
        ("answers.permits == 'yes'", "compares a number with text"),
        ("answers.seen == 'yes'", "compares yes or no with text"),
        ("answers.seen == 1", "compares yes or no with a number"),
        ("answers.fee > '10.00'", "compares a number with text"),
        ("case.opened_on > 5", "compares a day with a number"),
        ("today == case.age_days", "compares a day with a number"),
        ("answers.day >= 'next week'", "“next week” is not a day"),
        ("days_since('soon') > 3", "“soon” is not a day"),
        ("days_since(answers.words) > 3", "takes a day"),
        ("days_since(answers.permits) > 3", "takes a day"),
        ("plus_days(today, 'two') > today", "takes a number"),
        ("plus_days(today, 1.5) > today", "takes a whole one"),
        ("today + 5 > today", "use plus_days()"),
        ("today - answers.day > 5", "use plus_days() or days_since()"),
        ("case.age_days / 0 > 1", "divides by zero"),
        ("case.age_days % 0 == 1", "divides by zero"),
        ("case.age_days / 0.0 > 1.0", "divides by zero"),
        ("10 / (2 - 2) > 1", "divides by zero"),
        ("10 / size(tags) > 1", "divides by zero"),
        ("case.age_days * 1.5 > 3.0", "double(…)"),
        ("case.age_days + 1", "gives a number, where a condition must give yes or no"),
        ("answers.words", "gives text, where a condition"),
        ("tags", "gives a list"),
        ("null", "always gives nothing"),
        ("paid() ? 1 : 2", "gives a number, where"),
        ("paid() ? true : 'no'", "gives yes or no one time and text another"),
        ("paid() || case.age_days > 'x'", "compares a number with text"),
        ("paid() && (tag('checked') ? answers.seen : answers.words == 3)", "compares text with a number"),
        ("!case.age_days", "says “not” to a number"),
        ("answers.permits && paid()", "joins with && a number"),
        ("-answers.words == 3", "puts a minus before text"),
        ("1 < 2 < 3", "yes or no is more or less"),
        ("answers.day > null", "nothing (null) is more or less"),
        ("payments.exists(p, p.pence > 'x')", "compares a number with text"),
        ("payments.exists(p, p.pence)", "where only yes or no"),
        ("documents[0].tags == 'photograph'", "compares a list with text"),
        ("documents[case.type].type == 'pdf'", "numbered by text"),
        ("size(case.age_days) > 1", "the size of a number"),
        ("answers.permits.startsWith('1')", "asks .startsWith() of a number"),
        ("answers.words.contains(1)", "gives .contains() a number"),
        ("'x' in answers.words", "which is not a list"),
        ("3 in tags", "compares a number with text"),
        ("int(tags) > 1", "makes int() of a list"),
        ("case.opened_on.year > 2020", "did you mean case.opened_on?"),
        ("documents.exists(d, d.type.length > 3)", "which has no parts"),
        ("case.age_days > 1u", "writes a number with u"),
        ("case.type == b'new'", "writes a text as bytes"),
        ("-" * 901 + "case.type == 1", "puts a minus before text"),
        ("int('x') > 1", "cannot be worked out"),
        ("plus_days(today, 200000) > today", "is not a whole number of days"),
        ("plus_years(today, 9000) > today", "cannot be worked out"),
        ("case.age_days + 9223372036854775807 > 0", "too big"),
    ],
)  # fmt: skip
def test_a_condition_that_can_never_be_worked_out_is_a_fault(words: Vocabulary, condition: str, sentence: str) -> None:
    found = faults(words, condition)

    assert len(found) == 1, found
    assert found[0].startswith("f.yaml stage check outcomes.go.questions.later.when: ")
    assert sentence in found[0]


@pytest.mark.parametrize(
    ("condition", "sentence"),
    [
        ("answers.place == 'moon'", "no value of the list deliver_to “moon”"),
        ("answers.place != 'hom'", "Did you mean “home”?"),
        ("answers.place in ['home', 'moon']", "deliver_to “moon”"),
        ("['home', 'moon'].exists(p, p == 'x') || answers.place in ['moon']", "deliver_to “moon”"),
        ("'photo' in answers.missing", "missing_items “photo”"),
        ("answers.missing.contains('photo')", "missing_items “photo”"),
        ("answers.missing.exists(m, m == 'photo')", "missing_items “photo”"),
        ("replies['permits.order'] == 'finished'", "no state of a reply “finished”"),
        ("replies['permits.order'] in ['done', 'skiped']", "no state of a reply “skiped”"),
        ("replies['order'] == 'done'", "no operation “order”"),
        ("replies.permits.order == 'done'", "no operation “permits”"),
        ("'order' in replies", "no operation “order”"),
        ("replies.exists(name, name == 'order')", "no operation “order”"),
        ("replies == 'done'", "compares a thing with parts with text"),
        ("case.type == 'apeal'", "Did you mean “appeal”?"),
        ("case.source in ['fax']", "no source “fax”"),
        ("customer.kind == 'company'", "no kind of customer “company”"),
        ("'chekced' in tags", "no tag “chekced”"),
        ("documents.exists(d, 'foto' in d.tags)", "no document tag “foto”"),
        ("payments.exists(p, p.status == 'paid')", "no state of a payment “paid”"),
        ("payments.exists(p, p.method == 'bitcoin')", "no way to pay “bitcoin”"),
    ],
)  # fmt: skip
def test_a_condition_that_asks_for_a_word_nobody_uses_is_a_fault(
    words: Vocabulary, condition: str, sentence: str
) -> None:
    found = faults(words, condition)

    assert len(found) == 1, found
    assert sentence in found[0]


@pytest.mark.parametrize(
    "condition",
    [
        "true",
        "!" * 900 + "paid()",
        "answers.day >= today && answers.day <= plus_years(today, 3)",
        "answers.permits * 1000 > answers.fee",
        "answers.permits != null && answers.place != null && answers.day == null",
        "answers.place in ['home', 'office'] || answers.place == 'fax'",
        "answers.words.matches('^[0-9]+$') && int(answers.words) > 10",
        "answers.words == today || string(case.age_days) == answers.words",
        "10 / answers.share > 1",
        "answers.fee != 0 && 100 / answers.fee > 1",
        "customer.age > 64 ? tag('paid') : !paid()",
        "customer.age == null || customer.age >= 18",
        "payments.exists(p, p.status == 'received' && p.pence >= 1000)",
        "size(documents.filter(d, 'photograph' in d.tags)) > 1 && documents[0].type != ''",
        "tags.all(t, t != 'refused') && size(tags) < 3 && tags.size() < 3",
        "replies['permits.order'] in ['done', 'error'] || 'permits.order' in replies",
        "days_since(stage.entered_on) > 28 && days_since('2026-03-01') > 3",
        "requests.open + requests.overdue == 0",
        "double(case.age_days) * 1.5 > 3.0",
        "answers.permits in [1, 2, 3]",
        "(case.age_days > 3) == answers.seen",
        "-case.age_days < -3 && {'a': 1}['a'] == 1",
    ],
)
def test_a_sound_condition_has_no_fault(words: Vocabulary, condition: str) -> None:
    assert faults(words, condition) == []


def test_a_condition_is_tried_only_where_the_question_is_asked(words: Vocabulary) -> None:
    guarded = 'answers.permits > 0", valid: "10 / answers.permits > 2'

    assert faults(words, guarded) == []
    assert len(faults(words, "10 / answers.permits > 2", field="valid")) == 1


def test_an_automatic_rule_and_an_effect_are_checked_as_questions_are(words: Vocabulary) -> None:
    text = WORKFLOW.replace(', FIELD: "CONDITION"', "").replace("TYPE", "text")
    text = text.replace("RULE", "days_since(stage.entered_on)").replace(
        "        to: wait", "        when: answers.words + 1\n        do: [{effect: send, operation: permits.order, when: case.age_days}]\n        to: wait"
    )  # fmt: skip

    found = [str(fault) for fault in check(parse(text, file="f.yaml"), words, "f.yaml")]

    assert [line.split(": ")[0] for line in found] == [
        "f.yaml stage check outcomes.go.when",
        "f.yaml stage check outcomes.go.do.number 1.when",
        "f.yaml stage wait automatic.when",
    ]


@pytest.mark.parametrize(
    ("type", "default", "sentence"),
    [
        ("date", "case.age_days + 1", "gives a number, where the answer is a day"),
        ("date", "case.type", "gives text, where the answer is a day"),
        ("number", "plus_days(today, 1)", "gives a day, where the answer is a number"),
        ("money", "paid()", "gives yes or no, where the answer is a number"),
        ("yes_no", "case.age_days", "gives a number"),
        ("yes_no", "'perhaps'", "gives text"),
    ],
)
def test_a_default_worked_out_as_something_else_than_the_answer_is_a_fault(
    words: Vocabulary, type: str, default: str, sentence: str
) -> None:
    found = faults(words, default, field="default", type=type)

    assert len(found) == 1, found
    assert found[0].startswith("f.yaml stage check outcomes.go.questions.later.default: ")
    assert sentence in found[0]


def test_a_default_of_its_own_kind_has_no_fault(words: Vocabulary) -> None:
    assert faults(words, "paid() ? plus_days(today, 1) : answers.day", field="default", type="date") == []
    assert faults(words, "answers.permits * 1000", field="default", type="money") == []
    assert faults(words, "paid() && case.age_days > 3", field="default", type="yes_no") == []


def test_every_function_says_what_it_takes_and_gives() -> None:
    for function in FUNCTIONS:
        assert len(function.takes) == function.arguments
        assert function.gives != ANY


def test_states_methods_and_kinds_that_conditions_know_are_those_of_the_tables(words: Vocabulary) -> None:
    scope = scope_kinds(parse(WORKFLOW.replace("FIELD", "when").replace("TYPE", "text"), file="f.yaml"), words)
    payment = dict((scope["payments"].item or ANY).parts)

    assert payment["status"].words == frozenset(Payment.Status.values)
    assert payment["method"].words == frozenset(Payment.Method.values)
    assert dict(scope["customer"].parts)["kind"].words == frozenset(Customer.Kind.values)
