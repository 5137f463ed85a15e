"""The form studio without a browser: edits keep a form readable, conditions are said and read alike, people inside are told of."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.forms.made import PERMIT

from moothall.domain.forms import blocks, definition, faults
from moothall.domain.forms.definition import Form
from moothall.domain.forms.faults import FormWords
from moothall.domain.forms.studio import conditions, edits, flow, inside
from moothall.domain.forms.studio.conditions import Comparison, Simple
from moothall.domain.workflow import drawing
from moothall.domain.workflow.definition import Faulty

WRITTEN = definition.parse(PERMIT, file="forms/permit.yaml")
PLACES = st.sampled_from(
    [
        *(
            "pages.0",
            "pages.1.questions.0",
            "pages.1.questions.2",
            "pages.5.questions.0",
            "pages.5.questions.0.questions.1",
        ),
        *(
            "pages.9",
            "pages.1.questions.2.options.0",
            "values.0",
            "tables.0",
            "tables.0.rows.1",
            "destinations.0",
            "fee",
        ),
        *("pages", "pages.1.questions", "name", "nothing.here", "cap"),
    ]
)
PARTS: st.SearchStrategy[Any] = st.sampled_from(
    [
        {"id": "new_page", "title": "New"},
        {"id": "new_one", "label": "New", "type": "choice"},
        {"block": "contact", "as": "second"},
        {"block": "nobody_knows"},
        {"key": "more", "label": "More"},
        {"when": "answers.size == 'large'"},
        {"label": {"en": "Other", "cy": "Arall"}, "optional": True},
        {"type": "upload"},
        {"title": None},
        {},
        "text",
    ]
)
EDITS = st.one_of(
    st.tuples(st.just("change"), PLACES, PARTS),
    st.tuples(st.just("put"), PLACES, PARTS),
    st.tuples(st.just("add"), PLACES, PARTS),
    st.tuples(st.just("remove"), PLACES, st.none()),
    st.tuples(st.just("move"), PLACES, st.sampled_from([-1, 1, 5])),
)


def done(form: Form, verb: str, where: str, what: Any) -> Form:
    place = edits.path(where)
    if verb == "remove":
        return edits.remove(form, place)
    if verb == "move":
        return edits.move(form, place, what)
    if verb == "change":
        return edits.change(form, place, what if isinstance(what, dict) else {"label": what})
    return (edits.put if verb == "put" else edits.add)(form, place, what)


@given(st.lists(EDITS, max_size=8))
def test_whatever_is_edited_in_whatever_order_a_form_can_be_read_again_or_the_edit_is_refused_in_a_sentence(
    steps: list[Any],
) -> None:
    form, told = WRITTEN, list[str]()
    for step in steps:
        try:
            form = done(form, *step)
        except edits.Refused as refused:
            told += [sentence for _field, sentence in refused.sentences]
        assert definition.parse(definition.dump(form), file="") == form
    assert all(sentence.endswith((".", "?")) for sentence in told), told
    try:
        whole = blocks.put_in(form, blocks.built_in(), file="")
    except Faulty:
        return
    faults.check(whole, FormWords(), "forms/permit.yaml")  # says what is wrong, and never fails
    assert drawing.svg(flow.chart(whole)).startswith("<svg")


def test_a_move_there_and_back_and_an_addition_removed_leave_the_form_as_it_was() -> None:
    moved = edits.move(WRITTEN, ("pages", 1), 1)
    assert moved != WRITTEN
    assert edits.move(moved, ("pages", 2), -1) == WRITTEN
    added = edits.add(WRITTEN, ("pages", 1, "questions"), {"id": "colour", "label": "Colour", "type": "text"}, at=1)
    assert added.pages[1].questions[1].id == "colour"  # type: ignore[union-attr]
    assert edits.remove(added, ("pages", 1, "questions", 1)) == WRITTEN
    assert edits.id_of("Which size?", {"which_size"}) == "which_size_2"
    assert edits.id_of("4 wheels", set()) == "q_4_wheels"
    with pytest.raises(edits.Refused, match="not there any more"):
        edits.remove(WRITTEN, ("pages", 40))


TEXTS = st.text(st.characters(blacklist_categories=("Cc", "Cs")), min_size=1, max_size=12)
PATHS = st.sampled_from(["answers.size", "answers.home.postcode", "values.weeks", "item.driver"])
VALUES = st.one_of(TEXTS, st.booleans(), st.decimals(-999, 999, places=2), st.integers(0, 10**9).map(Decimal))
COMPARISONS = st.one_of(
    st.builds(Comparison, PATHS, st.sampled_from(["is", "is_not", "least", "most", "more", "less"]), VALUES),
    st.builds(Comparison, PATHS, st.sampled_from(["has", "has_not"]), TEXTS),
    st.builds(Comparison, PATHS, st.just("one_of"), st.lists(TEXTS, min_size=1, max_size=3).map(tuple)),
    st.builds(Comparison, PATHS, st.sampled_from(["given", "not_given", "past", "future"])),
)


@given(st.lists(COMPARISONS, min_size=1, max_size=4), st.sampled_from(["all", "any"]))
def test_a_condition_built_of_comparisons_is_understood_again_as_they_were(
    comparisons: list[Comparison], joined: conditions.Joined
) -> None:
    simple = Simple(tuple(comparisons), joined if len(comparisons) > 1 else "all")
    assert conditions.read(conditions.write(simple)) == simple


def test_conditions_are_said_in_plain_english_and_what_is_more_than_comparisons_is_left_alone() -> None:
    known = conditions.subjects(blocks.put_in(WRITTEN, blocks.built_in(), file=""))
    said = conditions.say("answers.size == 'large' && answers.days >= 7 && answers.on_road == true", known)
    assert said == "“Size” is “Large” and “Days” is at least 7 and “Is it on the road” is Yes"
    assert conditions.say("answers.starts > today || answers.days == null", known) == (
        "“First day” is after today or “Days” is not answered"
    )
    assert conditions.say("tables.price >= 2000", known) == "“price (table)” is at least £20.00"
    assert conditions.read("answers.days > 7 ? true : false") is None
    assert conditions.read("(answers.a == 'x' || answers.b == 'y') && answers.c == 'z'") is None
    assert conditions.say("answers.nobody == 'x'", known) == ""


def test_what_happens_to_people_inside_is_said_for_everything_that_moves_their_answers() -> None:
    changed = edits.change(WRITTEN, ("pages", 1, "questions", 3), {"label": "How many days?", "most": 30})
    changed = edits.remove(changed, ("pages", 1, "questions", 2, "options", 0))
    changed = edits.remove(changed, ("pages", 4, "questions", 1))
    changed = edits.add(changed, ("pages", 1, "questions"), {"id": "colour", "label": "Colour", "type": "text"})
    told = inside.told(WRITTEN, changed)
    for words in (
        "Answers to “Note” are dropped",
        "chosen “Small” for “Size” is asked again",
        "“How many days?” is asked to check the answer",
        "“How many days?” that does not pass the rules",
        "comes back to it, for the new question “Colour”, which they must answer",
    ):
        assert any(words in sentence for sentence in told), (words, told)
    assert inside.told(WRITTEN, WRITTEN) == []
