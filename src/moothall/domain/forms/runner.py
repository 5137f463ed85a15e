"""Running a form: which page comes next, what it shows, what is missing, what is sent. Pure functions over a Journey.

The way through a form is its pages in order, without those whose condition does not hold. It ends at the first page not gone
through yet, at an exit, or at `CHECK`, where the answers are looked over and sent. Nobody gets beyond that end, whatever
address they type; going back loses nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from moothall.domain.forms import answering, blocks, slots, wording
from moothall.domain.forms.answering import Kept, Unsuitable
from moothall.domain.forms.definition import Destination, Page, Question
from moothall.domain.forms.journey import Journey, Setting, State, answered, begin, carry_on, replay
from moothall.domain.forms.parts import LATER, Option, Words
from moothall.kit.expressions import ExpressionFault

__all__ = [
    "CHECK", "Asked", "Evidence", "Fee", "Journey", "Missing", "NotOnTheWay", "Problem", "Route", "Saved", "Setting", "Stop",
    "asked", "back", "begin", "carry_on", "destinations", "evidence", "fee", "holds", "missing", "next_page", "ready", "replay",
    "route", "save",
]  # fmt: skip

CHECK = "check"
"""Where the answers are looked over; no page has this id."""


class NotOnTheWay(Exception):
    """A page that is not asked, or not yet. Its message may be shown."""


@dataclass(frozen=True)
class Stop:
    """A page on the way: gone through (`done`), answered by what is `known`, to be answered (`here`), or an `exit`."""

    page: Page
    state: State


@dataclass(frozen=True)
class Route:
    """The way as far as it goes."""

    stops: tuple[Stop, ...]
    end: Literal["page", "exit", "check"]

    def has(self, page: str) -> bool:
        """Whether a page is on it."""
        return any(stop.page.id == page for stop in self.stops)


@dataclass(frozen=True)
class Problem:
    """Why an answer was not taken. `part` is the part of it that is wrong, such as `postcode` or `2.first_name`."""

    question: str
    sentence: str
    part: str = ""


@dataclass(frozen=True)
class Saved:
    """What came of saving a page: with problems, nothing was kept, and the journey is as it was.

    `tried` is the journey as it would be: by it the page is shown again, with the questions that what was given leads to.
    """

    journey: Journey
    tried: Journey
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class Asked:
    """A question of a page as it stands. `reveal`: it stands under these keys of another question of the page.

    What a look-up offers are its options; what one fills in is its answer until another is given.
    """

    question: Question
    applies: bool
    answer: Kept | None
    known: bool
    reveal: tuple[str, tuple[str, ...]] | None


@dataclass(frozen=True)
class Missing:
    """Something that keeps the form from being sent."""

    page: str
    question: str
    sentence: str


@dataclass(frozen=True)
class Evidence:
    """A document that is asked for because of the answers."""

    question: Question
    tag: str
    state: Literal["given", "later", "missing", "left_out"]


@dataclass(frozen=True)
class Fee:
    """What is to be paid."""

    pence: int
    description: str


def route(journey: Journey) -> Route:
    """The pages on the way, up to the first that is not done."""
    stops = tuple(Stop(page, state) for page, state in _way(journey))
    last = stops[-1].state if stops else ""
    return Route(stops, "exit" if last == "exit" else "page" if last == "here" else "check")


def _way(journey: Journey) -> list[tuple[Page, State]]:
    """The pages on the way. It is gone several times for each page that is shown, so it is a loop and nothing else."""
    found: list[tuple[Page, State]] = []
    for page in journey.plan.form.pages:
        if state := journey.states[page.id]:
            found.append((page, state))
            if state in ("exit", "here"):
                break
    return found


def next_page(journey: Journey, after: str | None = None) -> str:
    """The page to go to: the first to be answered, or the one that follows `after`. CHECK when there is none."""
    way = _way(journey)
    if after is None:
        last, state = way[-1] if way else (None, "")
        return last.id if last and state in ("here", "exit") else CHECK
    passed = not any(page.id == after for page, _state in way)
    for page, state in way:
        if passed and state != "known":
            return page.id
        passed = passed or page.id == after
    return CHECK


def back(journey: Journey, page: str) -> str | None:
    """The page before, or before CHECK; None at the first. Pages answered by what is known are passed over."""
    before: str | None = None
    for one, state in _way(journey):
        if one.id == page:
            return before
        if state != "known":
            before = one.id
    return before if page == CHECK else None


def asked(journey: Journey, page: str) -> tuple[Asked, ...]:
    """The questions of a page, also those that only an answer on the same page would show. Raises NotOnTheWay."""
    found = _page(journey, page)
    reveals = journey.plan.reveals
    return tuple(
        Asked(
            offering(journey, question),
            journey.shown(question),
            journey.answers.get(question.id, journey.known.get(question.id, _filled(journey, question))),
            journey.is_known(question.id),
            reveals.get(question.id),
        )
        for question in found.asks
        if journey.shown(question) or question.when
    )


def _filled(journey: Journey, question: Question) -> Kept | None:
    """What a look-up fills in, where it is an answer to this question."""
    if question.lookup is None or question.lookup.does != "fills":
        return None
    said = journey.said(question.lookup.name)
    if isinstance(said, int | float) and not isinstance(said, bool):
        said = str(said)
    try:
        return None if said is None else answering.clean(question, said, journey.setting.lists, uploads=frozenset())
    except Unsuitable:
        return None


def offering(journey: Journey, question: Question) -> Question:
    """The question with the options a look-up offers, or the days with room, if it is one of those."""
    if question.slots:
        days = slots.offered(journey.plan.form.slots_of(question), journey, journey.setting.full)
        return blocks.changed(question, options=days)
    if question.lookup is None or question.lookup.does != "options":
        return question
    said = journey.said(question.lookup.name)
    found = [  # as the other system writes its keys, which are no ids
        Option.model_construct(
            key=str(one["key"]), label=Words.model_construct(en=str(one["label"]), cy=None), hint=None
        )
        for one in said or ()
    ]
    return blocks.changed(question, options=tuple(found))


def _page(journey: Journey, id: str) -> Page:
    for page, _state in _way(journey):
        if page.id == id:
            return page
    raise NotOnTheWay("This page is not part of your answers, or cannot be answered yet.")


def save(journey: Journey, page: str, given: Mapping[str, Any], *, language: str = "en") -> Saved:
    """Answer a page: all of it, or nothing where something is wrong. Raises NotOnTheWay.

    What was given to a question that turns out not to be asked is left aside. A known answer stands unless something,
    if only nothing, is given instead.
    """
    found = _page(journey, page)
    if found.exit:
        raise NotOnTheWay("Nothing is asked on this page.")
    setting = journey.setting
    around = {"today": setting.today.isoformat(), "officer": setting.officer}
    kept: dict[str, Kept | None] = {}
    refused: dict[str, Problem] = {}
    for question in found.asks:
        raw = given.get(question.id)
        if question.id in journey.known and question.id not in given:
            continue
        kept[question.id] = None
        if question.type == "guidance" or answering.no_answer(question, raw):
            continue
        try:
            kept[question.id] = answering.clean(
                offering(journey, question), raw, setting.lists, language, uploads=setting.uploads, around=around
            )
        except Unsuitable as error:
            refused[question.id] = Problem(question.id, str(error), error.part)
    then = answered(journey, kept, page=found.id)
    problems = tuple(problem for problem in _problems(then, found, refused, language) if problem)
    return Saved(journey, then, problems) if problems else _saved(_without_unasked(then, found))


def _saved(journey: Journey) -> Saved:
    return Saved(journey, journey)


def _problems(journey: Journey, page: Page, refused: Mapping[str, Problem], language: str) -> list[Problem | None]:
    return [
        refused.get(question.id) or _problem(journey, question, language)
        for question in page.asks
        if journey.shown(question)
    ]


def _problem(journey: Journey, question: Question, language: str) -> Problem | None:
    """What is wrong with the answer that counts, if anything is."""
    if question.type == "guidance":
        return None
    if journey.answer(question.id) is None:
        return None if question.optional else Problem(question.id, wording.required(question, language))
    failed = journey.failing(question)
    return None if failed is None else Problem(question.id, question.checks[failed].message.of(language))


def _without_unasked(journey: Journey, page: Page) -> Journey:
    """The journey without answers to questions of the page that were not asked after all."""
    left = {one.id: None for one in page.asks if one.id in journey.answers and not journey.shown(one)}
    return answered(journey, left) if left else journey


def missing(journey: Journey, language: str = "en") -> tuple[Missing, ...]:
    """What is still to be answered on the way, as far as it goes, with what answers given elsewhere made wrong."""
    found: list[Missing] = []
    for stop in route(journey).stops:
        for question in stop.page.asks:
            if journey.shown(question) and (problem := _problem(journey, question, language)):
                found.append(Missing(stop.page.id, question.id, problem.sentence))
    return tuple(found)


def fee(journey: Journey) -> Fee | None:
    """What is to be paid for these answers; None when it is nothing, or cannot be told yet."""
    rule = journey.plan.form.fee
    if rule is None or not holds(journey, rule.when):
        return None
    if rule.amount is not None:
        pence: object = int(Decimal(rule.amount) * 100)
    else:
        pence = journey.results.get(f"table:{rule.table}") if rule.table else worked_out(journey, rule.formula)
    if not isinstance(pence, int | float) or isinstance(pence, bool) or pence <= 0:
        return None
    return Fee(round(pence), (rule.description or journey.plan.form.name).en)


def evidence(journey: Journey) -> tuple[Evidence, ...]:
    """The documents these answers ask for (FRM-7), and how each stands."""
    found = []
    for stop in route(journey).stops:
        for question in stop.page.asks:
            if question.type == "upload" and journey.shown(question):
                answer = journey.answer(question.id)
                lacking: Literal["left_out", "missing"] = "left_out" if question.optional else "missing"
                state = lacking if answer is None else "later" if answer == LATER else "given"
                found.append(Evidence(question, question.tag or "", state))
    return tuple(found)


def destinations(journey: Journey) -> tuple[Destination, ...]:
    """Where a submission of these answers goes."""
    return tuple(one for one in journey.plan.form.destinations if holds(journey, one.when))


def ready(journey: Journey) -> bool:
    """Whether the form may be sent: the way leads to CHECK."""
    way = _way(journey)
    return not way or way[-1][1] not in ("here", "exit")


def holds(journey: Journey, condition: str | None) -> bool:
    """Whether a condition over the answers holds; none does."""
    return condition is None or worked_out(journey, condition) is True


def worked_out(journey: Journey, source: str | None) -> object:
    """What an expression over the answers gives; nothing where there is none, or it cannot be worked out."""
    if source is None:
        return None
    try:
        return journey.plan.expression(source).evaluate(journey.scope())
    except ExpressionFault:
        return None
