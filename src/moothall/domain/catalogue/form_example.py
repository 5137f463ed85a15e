"""Examples of forms: somebody's way through one, page by page, and what should come of it.

`examples/<key>.yaml`::

    name: A bin missed yesterday is reported
    form: report
    today: 2026-03-03
    pages:
      - {page: where, answers: {home: {line1: 4 Sample Street, town: Exampleton, postcode: EX1 2AB}}, then: bin}
      - {page: bin, answers: {bin: food}, refused: “When was it due?”}
    ends: check
    goes_to: [case]
"""

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import Field

from moothall.domain.catalogue.manifest import Part
from moothall.domain.forms import plan, runner
from moothall.domain.forms.definition import Form
from moothall.domain.forms.journey import Journey, Setting
from moothall.domain.workflow.facts import ListValues
from moothall.domain.workflow.parts import DottedId, Id, Line
from moothall.kit import money


class ExamplePage(Part):
    """A page answered, and the page that comes `then` (`check` at the end). `refused` are words of why it is not taken."""

    page: Id
    answers: dict[Id, Any] = {}
    refused: Line | tuple[Line, ...] = ()
    then: Id | None = None


class FormExample(Part):
    """examples/<key>.yaml with a `form`. `facts` are what is known beforehand, and `known` the pages passed over for it;
    `lookups` what look-ups say, by their names.

    It `ends` at `check`, at an exit, or at a page that is still to be answered. `fee` is in pounds (0: nothing), `evidence`
    the documents asked for, `goes_to` the kinds of its destinations.
    """

    name: Line
    form: Id
    today: date = date(2026, 3, 3)
    officer: bool = False
    nation: Literal["england", "wales", "scotland", "northern_ireland"] = "england"
    facts: dict[DottedId, Any] = {}
    lookups: dict[Id, Any] = {}
    pages: Annotated[tuple[ExamplePage, ...], Field(min_length=1)]
    known: tuple[Id, ...] | None = None
    ends: Id | None = None
    fee: Decimal | None = None
    evidence: tuple[Id, ...] | None = None
    goes_to: tuple[Id, ...] | None = None
    values: dict[Id, Any] = {}


def play(example: FormExample, form: Form, lists: Mapping[str, frozenset[str]]) -> Iterator[tuple[str, str]]:
    """Go through a form whose blocks are put in as an example does: where it came otherwise, as field and sentence.

    `lists` are the keys in use of the service's lists.
    """
    known = {key: ListValues(keys) for key, keys in lists.items()}
    seen = Setting(
        today=example.today,
        facts=example.facts,
        lookups={name: {"said": said} for name, said in example.lookups.items()},
        lists=known,
        officer=example.officer,
        nation=example.nation,
    )
    journey = runner.begin(plan.of(form), seen)
    for number, step in enumerate(example.pages, start=1):
        where = f"pages.number {number}"
        if unknown := sorted(step.answers.keys() - form.questions.keys()):
            yield where, f"The form has no question “{unknown[0]}”."
        try:
            saved = runner.save(journey, step.page, step.answers)
        except runner.NotOnTheWay:
            yield where, f"The page “{step.page}” is not on the way here: next is “{runner.next_page(journey)}”."
            return
        said = [problem.sentence for problem in saved.problems]
        yield from ((where, sentence) for sentence in _refusals(step, said))
        if said and not step.refused:
            return
        journey = saved.journey
        there = runner.next_page(journey, step.page)
        if step.then and step.then != there:
            yield where, f"After “{step.page}” comes “{there}”, not “{step.then}”."
    yield from _end(example, journey)


def _refusals(step: ExamplePage, said: list[str]) -> Iterator[str]:
    wanted = (step.refused,) if isinstance(step.refused, str) else step.refused
    for words in wanted:
        if not any(words in sentence for sentence in said):
            yield f"It should be refused with “{words}”; said was: {' '.join(said) or 'nothing'}"
    if said and not wanted:
        yield f"“{step.page}” was refused: {' '.join(said)}"


def _end(example: FormExample, journey: Journey) -> Iterator[tuple[str, str]]:
    end = runner.next_page(journey)
    if example.ends and example.ends != end:
        yield "ends", f"It ends at “{end}”, not “{example.ends}”."
    fee = runner.fee(journey)
    pence = fee.pence if fee else 0
    if example.fee is not None and money.to_pence(example.fee) != pence:
        yield "fee", f"There is {money.display(pence)} to pay, not £{example.fee}."
    asked = [one.question.id for one in runner.evidence(journey) if one.state != "left_out"]
    if example.evidence is not None and sorted(example.evidence) != sorted(asked):
        yield "evidence", f"Asked for are {', '.join(asked) or 'no documents'}."
    going = [one.to for one in runner.destinations(journey)]
    if example.goes_to is not None and list(example.goes_to) != going:
        yield "goes_to", f"It goes to {', '.join(going) or 'nobody'}."
    passed = [stop.page.id for stop in runner.route(journey).stops if stop.state == "known"]
    if example.known is not None and sorted(example.known) != sorted(passed):
        yield "known", f"Passed over are {', '.join(passed) or 'no pages'}."
    for id, wanted in example.values.items():
        given = journey.results.get(f"value:{id}", journey.results.get(f"table:{id}"))
        if given != wanted:
            yield f"values.{id}", f"It is {given}, not {wanted}."
