"""A question that starts out as what the applicant answered."""

from dataclasses import replace

import pytest

from moothall.domain.workflow import answering
from moothall.domain.workflow.definition import Outcome, Question
from moothall.domain.workflow.facts import Facts
from moothall.kit.expressions import Expression

WHERE = Question(id="where", label="Where", type="choice", list="deliver_to", default="home", applied="delivery/to")


def _none(source: str) -> Expression:
    raise AssertionError(source)


@pytest.mark.parametrize(
    ("submitted", "starts"),
    [
        ({"delivery": {"to": {"code": "office", "label": "Our office"}}}, "office"),
        ({"delivery": {"to": "office"}}, "office"),
        ({"delivery": {"to": {"code": "fax", "label": "By fax"}}}, "home"),  # no longer on the list
        ({"delivery": {"to": ""}}, "home"),
        ({"delivery": "office"}, "home"),
        ({}, "home"),
    ],
)
def test_it_starts_out_as_what_fits_the_question_and_else_as_its_default(
    facts: Facts, submitted: dict[str, object], starts: str
) -> None:
    outcome = Outcome.model_construct(id="go", name="Go", questions=(WHERE,))

    found = answering.asked(outcome, {}, replace(facts, submitted=submitted), _none)

    assert found["where"].default == starts
