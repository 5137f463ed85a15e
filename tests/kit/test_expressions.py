"""Conditions in CEL: checked when written, safe when evaluated."""

import datetime as dt
from collections.abc import Mapping
from contextlib import suppress
from decimal import Decimal
from time import perf_counter
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moothall.kit.expressions import Expression, ExpressionFault, Function, Names, compile


def _has_tag(values: Mapping[str, object], tag: str) -> bool:
    tags = values["tags"]
    assert isinstance(tags, list)
    return tag in tags


def _day(values: Mapping[str, object], text: str) -> int | None:
    return dt.date.fromisoformat(text).toordinal() if text else None


NAMES = Names(
    paths=frozenset({"case.type", "case.age_days", "tags", "documents", "answers.amount", "answers.agrees", "today"}),
    open=frozenset({"replies"}),
    parts=(("documents", frozenset({"type", "pages"})),),
    functions=(
        Function("tag", _has_tag, arguments=1, reads=("tags",), vocabulary="tag"),
        Function("paid", lambda values: True, reads=("payments",)),
        Function("day", _day, arguments=1),
    ),
    vocabularies=(("tag", frozenset({"payment", "photograph"})),),
)
VALUES: dict[str, object] = {
    "case": {"type": "new", "age_days": 3},
    "tags": ["payment"],
    "documents": [{"type": "photo", "pages": 1}, {"type": "letter", "pages": 4}],
    "answers": {"amount": 12},
    "replies": {"dft_blue_badge.order": "done"},
    "today": "2026-03-02",
}


def holds(source: str) -> bool:
    return compile(source, NAMES).holds(VALUES)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("case.type != 'appeal'", True),
        ("case['type'] == 'new' && case.age_days >= 3", True),
        ("tag('payment') && !tag('photograph')", True),
        ("paid() && answers.amount > 20", False),
        ("'payment' in tags", True),
        ("documents.exists(d, d.type == 'letter' && d.pages > 3)", True),
        ("documents.all(d, d.pages > 3)", False),
        ("documents.filter(d, d.pages > 3).size() == 1 && size(documents) == 2", True),
        ("documents[0].type == 'photo'", True),
        ("replies['dft_blue_badge.order'] == 'done'", True),
        ("case.type.startsWith('n') && case.type.matches('^[a-z]+$')", True),
        ("today >= '2026-03-01'", True),
        ("case.type == 'new' ? answers.amount == 12 : false // a comment with tag('unknown')", True),
        ("day('2026-03-02') - day('2026-03-01') == 1", True),
    ],
)
def test_a_condition_holds_when_the_case_meets_it(source: str, expected: bool) -> None:
    assert holds(source) is expected


@pytest.mark.parametrize(
    "source",
    ["answers.agrees", "!answers.agrees", "answers.agrees > 3", "answers.agrees && true", "answers.agrees == 'yes'",
     "replies.never == 'done'", "documents[7].type == 'photo'", "day('') > 3", "answers.agrees.startsWith('x')"],
)  # fmt: skip
def test_what_has_not_been_answered_does_not_hold_and_does_not_fail(source: str) -> None:
    assert not holds(source)


def test_what_has_not_been_answered_is_null() -> None:
    assert holds("answers.agrees == null && replies.never == null && answers.amount != null")
    assert compile("answers.amount == null", NAMES).holds({})
    assert compile("answers.amount > 3 || true", NAMES).holds({})


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("", "The condition is empty"),
        ("case.type ==", "cannot be read as a condition: look at character 13"),
        ("true &&\n(", "cannot be read as a condition: look at line 2, character 2"),
        ("case.tpye == 'new'", "uses an unknown name, case.tpye: did you mean case.type?"),
        ("case['tpye'] == 'new'", "uses an unknown name, case.tpye: did you mean case.type?"),
        ("answers.amount.pounds > 3", "uses an unknown name, answers.amount.pounds"),
        ("case == 3", "uses “case” as a whole: name one of its parts, such as case.age_days, case.type"),
        ("xyzzy", "uses an unknown name, xyzzy: known are answers.agrees"),
        ("taag('payment')", r"uses an unknown function, taag\(\): did you mean tag\(\)\?"),
        ("case.type.upper() == 'NEW'", r"uses an unknown function, .upper\(\)"),
        ("case.type.tag('payment')", r"uses an unknown function, .tag\(\)"),
        ("tag('paymnt')", "uses an unknown tag, paymnt: did you mean payment?"),
        ("tag(case.type)", "must name the tag in tag"),
        ("tag()", r"gives tag\(\) 0 values, where it takes 1"),
        ("paid('x')", r"gives paid\(\) 1 values, where it takes 0"),
        ("has(case.type)", "compare with null instead"),
        ("documents.exists(d, d.tpye == 'photo')", "uses an unknown part of d, tpye: did you mean type?"),
        ("documents[0].tpye == 'photo'", "uses an unknown part of an item, tpye: did you mean type?"),
        ("documents.exists(d, true) && d.type == 'x'", "uses an unknown name, d.type"),
        ("true && .case.type == 'new'", "starts a name with a dot"),
        ("!.case.type", "starts a name with a dot"),
        ("case.type.matches('(')", "has a pattern that cannot be read or is too big"),
        ("case.type.matches(today)", "needs the pattern of matches"),
        ("documents.exists(d, d.type.matches('x'))", "not inside a list test"),
        ("documents.exists(d, documents.all(e, e == d))", "has one list test inside another"),
        ("documents.map(d, d.type).size() == 1", r"uses an unknown function, .map\(\)"),
        ("'a'.matches('" + "a" * 101 + "')", "at most 100 characters long"),
        ("(" * 21 + "true" + ")" * 21, "has brackets 21 deep; 20 is the most"),
        ("1" + " + 1" * 21 + " == 22", "has 21 additions; 20 is the most"),
        ("true" + " || true" * 200, "has 1604 characters; 1000 is the most"),
    ],
)
def test_a_wrong_condition_is_refused_when_it_is_written(source: str, sentence: str) -> None:
    with pytest.raises(
        ExpressionFault, match=sentence.replace("s?", r"s\?").replace("e?", r"e\?").replace("t?", r"t\?")
    ):
        compile(source, NAMES)


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("case.type > 3", "compares or combines values of different kinds"),
        ("case.age_days.startsWith('x')", "compares or combines values of different kinds"),
        ("1 / (answers.amount - 12) == 1", "divides by zero"),
        ("9223372036854775807 * answers.amount > 1", "gives a number that is too big"),
        ("int(case.type) == 1", "cannot be worked out: string parse error"),
        ("day('tomorrow') > 3", r"day\(\) in .* cannot be worked out: Invalid isoformat string: 'tomorrow'"),
        ("answers.amount", "gives 12, where a condition must give yes or no"),
    ],
)
def test_a_condition_that_cannot_be_worked_out_says_why(source: str, sentence: str) -> None:
    with pytest.raises(ExpressionFault, match=sentence):
        holds(source)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("answers.amount * 1000 == 500", True),
        ("answers.amount + case.age_days > 3", True),
        ("2 * (answers.amount + 1) == 3.0", True),
        ("answers.amount * documents[1].pages == 2 && case.type != '1000'", True),
        ("documents.exists(d, d.pages * answers.amount > 1)", True),
        ("day('2026-03-02') * answers.amount > 1", True),
    ],
)
def test_whole_numbers_and_decimals_can_be_reckoned_with_together(source: str, expected: bool) -> None:
    assert compile(source, NAMES).holds({**VALUES, "answers": {"amount": 0.5}}) is expected


def test_kinds_that_cannot_be_combined_stay_a_fault_with_a_decimal() -> None:
    with pytest.raises(ExpressionFault, match="compares or combines values of different kinds"):
        compile("answers.amount * case.type == 1", NAMES).holds({**VALUES, "answers": {"amount": 0.5}})


def test_an_expression_need_not_be_a_condition() -> None:
    assert compile("case.type + '!'", NAMES).evaluate(VALUES) == "new!"
    assert compile("answers.amount * 2", NAMES).evaluate(VALUES) == 24


def test_a_condition_says_what_it_reads() -> None:
    expression = compile("tag('payment') && paid() && documents.exists(d, d.type == case.type)", NAMES)

    assert expression.paths == {"tags", "payments", "documents", "case.type"}
    assert expression.tags == {"payment"}
    assert expression.literals == {"tag": {"payment"}}


def test_a_tag_in_a_text_or_a_comment_is_not_a_tag_asked_for() -> None:
    assert compile("""case.type == "tag('photograph')" // tag('payment')""", NAMES).tags == frozenset()


def test_a_vocabulary_left_out_is_not_checked() -> None:
    names = Names(functions=NAMES.functions)

    assert compile("tag('whatever') || tag(\"x\\u0079\")", names).tags == {"whatever", "xy"}


def test_the_same_condition_is_compiled_once() -> None:
    assert compile("case.type == 'new'", NAMES) is compile("case.type == 'new'", NAMES)
    with pytest.raises(ExpressionFault):
        compile("case.type == 'new'", Names())


def test_the_council_s_kinds_of_value_can_be_used() -> None:
    names = Names(paths=frozenset({"day", "at", "amount", "id", "set"}))
    values = {
        "day": dt.date(2026, 3, 1),
        "at": dt.datetime(2026, 3, 1, 9, tzinfo=dt.UTC),
        "amount": Decimal("10.50"),
        "id": UUID(int=1),
        "set": frozenset({"a"}),
    }

    source = "day == '2026-03-01' && at > day && amount == 10.5 && id.endsWith('1') && 'a' in set"
    assert compile(source, names).holds(values)


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        (object(), "cannot use a value of kind object"),
        (list(range(201)), "looks at a list of 201 items; 200 is the most"),
    ],
)
def test_a_value_no_condition_can_use_is_named(value: object, sentence: str) -> None:
    with pytest.raises(ExpressionFault, match=sentence):
        compile("case.type == 1", NAMES).holds({"case": {"type": value}})


def test_a_name_whose_value_has_no_parts_is_a_fault() -> None:
    with pytest.raises(ExpressionFault, match="looks inside “case”, which has no parts"):
        compile("case.type == 'new'", NAMES).holds({"case": "BB-1"})


def test_evaluation_leaves_the_values_as_they_were() -> None:
    values: dict[str, object] = {"case": {}}
    compile("case.type == null", NAMES).holds(values)

    assert values == {"case": {}}


PIECES = st.sampled_from(
    ["case", ".", "type", "documents", ".exists(d, ", "d", ".type", "(", ")", "[", "]", "0", "'photo'", '"', "==", "&&",
     "||", "!", "-", "+", "?", ":", ",", "tag('payment')", "tag(", "paid()", "null", "in", "{", "}", "1.5", " ", "`",
     "answers.amount", "case.type", "tags", "has(", ".size()", "//", "\n", "é", "1u", ".all(x,", "b'x'", "\\"]
)  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(st.lists(PIECES, max_size=12).map("".join))
def test_no_text_makes_it_fail_in_another_way_than_with_a_sentence(source: str) -> None:
    with suppress(ExpressionFault):
        compile(source, NAMES).evaluate(VALUES)


@pytest.mark.parametrize(
    "source",
    [
        "tags.all(x, " + " + ".join(["tags"] * 20) + " != [x])",
        "tags.all(x, [" + ", ".join(["tags"] * 150) + "] != tags)",
        "today.matches('((a{1,60}){1,60}){1,8}')",
    ],
)
def test_the_costliest_conditions_within_the_bounds_end_soon(source: str) -> None:
    started = perf_counter()
    compile(source, NAMES).evaluate({"tags": [str(number) for number in range(200)], "today": "a" * 100_000})

    assert perf_counter() - started < 10


def test_a_compiled_condition_is_a_value_to_pass_around() -> None:
    assert isinstance(compile("true", Names()), Expression)
    assert repr(compile("true", Names())) == "Expression(source='true', paths=frozenset(), literals={})"
