"""Reading, writing and checking forms."""

import pytest
from tests.forms.made import PERMIT, form

from moothall.domain.forms import blocks, compare, definition, faults, moving, schema
from moothall.domain.forms.compare import Kind
from moothall.domain.forms.faults import FormWords
from moothall.domain.workflow.parts import Faulty

PAGE = """
key: x
name: X
destinations: [{to: email, name: team}]
pages:
  - id: one
    title: One
    questions:
"""


def said(text: str, words: FormWords | None = None) -> str:
    return "\n".join(str(fault) for fault in faults.check(form(text), words or FormWords(), "forms/x.yaml"))


def test_a_form_goes_out_and_comes_in_again_exactly() -> None:
    read = definition.parse(PERMIT, file="x")

    assert definition.parse(definition.dump(read), file="x") == read
    assert definition.from_data(definition.to_data(read), file="x") == read
    assert definition.dump(definition.parse(definition.dump(read), file="x")) == definition.dump(read)
    assert said(PERMIT) == ""


def test_the_schema_takes_a_text_in_one_language_or_two() -> None:
    made = schema.json_schema()

    assert made["$defs"]["Words"]["anyOf"][0]["type"] == "string"
    assert "as" in made["$defs"]["Include"]["properties"]


def test_a_fault_of_shape_names_line_page_and_field() -> None:
    with pytest.raises(Faulty) as found:
        definition.parse(
            PAGE + "      - {id: a, label: A, type: telephone}\n      - {block: contact, known: maybe}", file="f"
        )

    assert "f:9 page one questions.a.type: “telephone” cannot be used for “type”" in str(found.value)
    assert "questions.number 2.known: “known” must be true or false" in str(found.value)


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        ("{id: a, label: A, type: choice}", "needs one of options, a list"),
        ("{id: a, label: A, type: choice, list: bins}", "There is no list “bins”."),
        ("{id: a, label: A, type: text, most: 3}", "is a text question, which takes no most"),
        ("{id: a, label: A, type: text, fact: person.lastname}", "Did you mean “person.last_name”?"),
        ("{id: a, label: A, type: date, fact: person.last_name}", "person.last_name is not what a date question asks"),
        ("{id: a, label: A, type: group}", "asks nothing for each item"),
        (
            "{id: a, label: A, type: text, when: answers.b == 'x'}\n      - {id: b, label: B, type: text}",
            "asked only later",
        ),
        ("{id: a, label: A, type: text, when: answers.c == 'x'}", "unknown name, answers.c"),
        ("{id: a, label: A, type: date, checks: [{rule: answers.a > 3, message: M}]}", "compares a day with a number"),
        ("{id: a, label: A, type: text}\n      - {id: a, label: B, type: text}", "given to more than one question"),
        ("{block: nobody}", "There is no block “nobody”."),
    ],
)
def test_what_does_not_fit_together_is_said_in_a_sentence(question: str, sentence: str) -> None:
    try:
        found = said(f"{PAGE}      - {question}")
    except Faulty as error:
        found = str(error)

    assert sentence in found


def test_values_that_depend_on_one_another_in_a_circle_are_named() -> None:
    values = (
        "values:\n  - {id: a, type: number, formula: values.b + 1}\n  - {id: b, type: number, formula: values.a + 1}"
    )

    assert "in a circle: " in said(f"{PAGE}      - {{id: q, label: Q, type: text}}\n{values}")


def test_a_form_in_two_languages_says_which_text_is_in_one_only() -> None:
    text = PERMIT.replace("name: Skip permit", "name: {en: Skip permit, cy: Trwydded sgip}\nlanguages: [en, cy]")

    assert "page who title: “Who are you?” has no Welsh text" in said(text)
    assert "page who questions.last_name.label" not in said(text)


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        (
            '{when: [small, any], gives: 1}, {when: [large, "< 7"], gives: 2}',
            "No row fits when size is large and days is 7.",
        ),
        (
            "{when: [any, any], gives: 1}, {when: [large, 8], gives: 2}",
            "Rows 1 and 2 both fit when size is large and days is 8.",
        ),
        ("{when: [huge, any], gives: 1}", "“size” is never “huge”: known are large, small."),
        ("{when: [small], gives: 1}", "The row has 1 cells for 2 inputs."),
        ("{when: [small, many], gives: 1}", "“many” is no number or range"),
        ("{when: [any, any], gives: free}", "The table gives money, which “free” is not."),
    ],
)
def test_a_table_with_a_gap_an_overlap_or_a_cell_that_cannot_be_is_refused(rows: str, sentence: str) -> None:
    start, end = PERMIT.index("    rows:"), PERMIT.index("fee:")

    assert sentence in said(f"{PERMIT[:start]}    rows: [{rows}]\n{PERMIT[end:]}")


def test_a_block_is_put_in_under_ids_and_conditions_of_its_own() -> None:
    block = definition.parse_block(
        "key: home\nname: Home\nquestions:\n  - {id: own, label: Own, type: yes_no}\n"
        "  - {id: rent, label: Rent, type: money, when: answers.own == false}",
        file="b",
    )
    text = (
        PAGE
        + "      - {id: adult, label: Adult, type: yes_no}\n      - {block: home, as: his, when: answers.adult == true}"
    )

    found = blocks.put_in(definition.parse(text, file="f"), {"home": block}, file="f")

    assert [question.id for question in found.pages[0].asks] == ["adult", "his_own", "his_rent"]
    assert found.questions["his_rent"].when == "(answers.his_own == false) && (answers.adult == true)"
    assert faults.check(found, FormWords(), "f") == []


def changed(*replacements: tuple[str, str]) -> str:
    text = PERMIT
    for old, new in replacements:
        assert old in text
        text = text.replace(old, new)
    return text


def test_the_differences_between_two_versions_are_typed() -> None:
    new = changed(
        (
            "{id: days, label: Days, type: number, least: 1, most: 60}",
            "{id: days, label: Days, type: number, most: 30}",
        ),
        ("label: Who lights it", "label: Who puts lights on it"),
        ("{id: note, label: Note, type: text, optional: true}", "{id: phone, label: Phone, type: phone}"),
    )

    assert compare.changes(form(), form()) == []
    assert {(change.kind, change.question) for change in compare.changes(form(), form(new))} == {
        (Kind.QUESTION_RULES, "days"),
        (Kind.QUESTION_WORDING, "lights"),
        (Kind.QUESTION_REMOVED, "note"),
        (Kind.QUESTION_ADDED, "phone"),
    }


def test_a_draft_on_an_older_version_is_asked_again_only_what_changed() -> None:
    new = changed(
        ("most: 60", "most: 10"),
        ("{id: note, label: Note, type: text, optional: true}", "{id: phone, label: Phone, type: phone}"),
        ("label: Who lights it", "label: Who puts lights on it"),
    )
    answers = {"last_name": "Example", "on_road": True, "lights": "We", "days": 14, "note": "Hello", "size": "large"}

    moved = moving.move(form(), form(new), answers, ["who", "skip", "firm"], lists={})

    assert moved.again == ("days", "phone", "lights")
    assert moved.answers == {"last_name": "Example", "on_road": True, "lights": "We", "size": "large"}
    assert moved.saved == {"who"}
    assert "“Note” is no longer asked." in moved.told
    assert "“Days” has changed: please answer it again." in moved.told
