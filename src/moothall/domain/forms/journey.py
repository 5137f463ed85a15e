"""What somebody has answered in a form, with all that follows from it; worked out again only where something changed."""

import datetime as dt
import heapq
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Literal

from moothall.domain.forms import answering, tables
from moothall.domain.forms.answering import Kept, Unsuitable
from moothall.domain.forms.definition import Page, Question
from moothall.domain.forms.plan import Node, Plan
from moothall.domain.workflow.facts import ListValues
from moothall.kit.expressions import ExpressionFault

NOTHING: Mapping[str, Any] = MappingProxyType({})
State = Literal["done", "known", "here", "exit"]
"""How a page on the way stands: gone through, answered by what is known, to be answered, or an end of the way."""


@dataclass(frozen=True)
class Setting:
    """What answers are seen in. `facts` are what is known of whoever answers, by the names of `parts.FACTS`.

    `lookups` are what look-ups `said` when `given` what, by their names; `lists` the keys of the service's lists and `labels` their words;
    `full` the days of slots without room; `uploads` the ids of the files given so far, None where any is taken on trust; `nation` the council's.
    """

    today: dt.date
    facts: Mapping[str, Any] = field(default_factory=dict)
    lookups: Mapping[str, Any] = field(default_factory=dict)
    lists: Mapping[str, ListValues] = field(default_factory=dict)
    labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    full: Mapping[str, frozenset[str]] = field(default_factory=dict)
    uploads: frozenset[str] | None = None
    officer: bool = False
    signed_in: bool = False
    nation: str = "england"


class _Under(Mapping[str, object]):
    """The results whose keys begin alike, by the rest of the key."""

    def __init__(self, results: Mapping[str, Any], start: str) -> None:
        self._results, self._start = results, start

    def __getitem__(self, name: str) -> object:
        return self._results.get(self._start + name)

    def __bool__(self) -> bool:
        return True  # without counting them, which would take as long as the form

    def __iter__(self) -> Iterator[str]:
        return (key.removeprefix(self._start) for key in self._results if key.startswith(self._start))

    def __len__(self) -> int:
        return sum(1 for _ in self)


@dataclass(frozen=True)
class Journey:
    """Answers with what follows from them. `answers` are those given, also to questions that are not asked any more.

    `known` are the answers that facts give; `saved` the pages gone through; `worked_out` how many expressions the last
    step evaluated. `states` is how each page stands, nothing where it is not on the way.
    """

    plan: Plan
    setting: Setting
    answers: Mapping[str, Kept] = field(default_factory=dict)
    known: Mapping[str, Kept] = field(default_factory=dict)
    saved: frozenset[str] = frozenset()
    results: Mapping[str, Any] = field(default_factory=dict, repr=False)
    states: Mapping[str, State | Literal[""]] = field(default_factory=dict, repr=False)
    worked_out: int = 0

    def kept(self) -> dict[str, Any]:
        """What is kept of it between two steps, ready for JSON."""
        return {
            "plan": self.plan.fingerprint,
            "answers": dict(self.answers),
            "saved": sorted(self.saved),
            "known": dict(self.known),
            "facts": dict(self.setting.facts),
            "given": _given(self.setting),
            "results": [self.results.get(node.key) for node in self.plan.expressions],
            "aside": [id for id, key in self.plan.answers if self.results.get(key) is None],
            "states": [self.states[page.id] for page in self.plan.form.pages],
        }

    def scope(self) -> dict[str, object]:
        """The values conditions see."""
        return _scope(self.results, self.setting)

    def shown(self, question: Question) -> bool:
        """Whether a question is asked, its page being on the way."""
        if question.when and self.results.get(f"show:{question.id}") is not True:
            return False
        return asked_of(question, self.setting)

    def on_the_way(self, page: Page) -> bool:
        """Whether a page is asked, as far as its own condition goes; one all of whose questions are not is left out."""
        if page.when and self.results.get(f"page:{page.id}") is not True:
            return False
        if not asked_of(page, self.setting):
            return False
        return page.exit or not page.asks or any(self.shown(question) for question in page.asks)

    def answer(self, question: str) -> Kept | None:
        """The answer that counts: given or known, and asked."""
        return self.results.get(f"answer:{question}")

    def is_known(self, question: str) -> bool:
        """Whether the answer is one that nobody was asked for."""
        return question in self.known and question not in self.answers

    def said(self, lookup: str) -> Any:
        """What a look-up said; nothing where it was not asked, or did not answer."""
        return (self.setting.lookups.get(lookup) or {}).get("said")

    def failing(self, question: Question) -> int | None:
        """The place of the first check its answer does not pass."""
        if not question.checks or self.answer(question.id) is None:
            return None
        for number in range(len(question.checks)):
            if self.results.get(f"check:{question.id}:{number}") is False:
                return number
        return None


def asked_of(part: Page | Question, setting: Setting) -> bool:
    """Whether a page or question is meant for whoever fills in the form."""
    return part.asked_of == "everyone" or (part.asked_of == "officers") == setting.officer


def begin(plan: Plan, setting: Setting) -> Journey:
    """A journey with nothing answered yet but what is known."""
    return replay(plan, NOTHING, setting, saved=())


def replay(plan: Plan, answers: Mapping[str, Kept], setting: Setting, *, saved: Iterable[str] | None = None) -> Journey:
    """A journey from its answers alone, everything worked out anew.

    `saved` are the pages gone through; not told, those with an answer.
    """
    given = {id: answer for id, answer in answers.items() if id in plan.form.questions}
    pages = {plan.form.page_of[id] for id in given} if saved is None else set(saved)
    journey = Journey(plan, setting, given, known_answers(plan, setting), frozenset(pages))
    return _worked(journey, range(len(plan.nodes)), pages=[page.id for page in plan.form.pages])


def carry_on(plan: Plan, kept: Mapping[str, Any], setting: Setting) -> Journey:
    """A journey as it was kept; what the day, facts, look-ups or who fills it in changed is worked out again.

    Kept on another version of the form, everything is.
    """
    if kept["plan"] != plan.fingerprint or "states" not in kept:
        return replay(plan, kept["answers"], setting, saved=kept["saved"])
    answers, before = kept["answers"], kept["known"]
    results = {node.key: result for node, result in zip(plan.expressions, kept["results"], strict=True)}
    aside = set(kept["aside"])
    results |= {key: None if id in aside else answers.get(id, before.get(id)) for id, key in plan.answers}
    states = {page.id: state for page, state in zip(plan.form.pages, kept["states"], strict=True)}
    journey = Journey(plan, setting, answers, before, frozenset(kept["saved"]), results, states)
    for table in plan.tables:
        results[f"table:{table}"] = _of_table(journey, table, results)
    known = before if kept["facts"] == dict(setting.facts) else known_answers(plan, setting)
    given, were = _given(setting), kept["given"]
    changed = {key for key in given.keys() | were.keys() if given.get(key) != were.get(key)}
    anew = {id for id in known.keys() | before.keys() if known.get(id) != before.get(id)}
    pages = [page.id for page in plan.form.pages] if "officer" in changed else [plan.form.page_of[id] for id in anew]
    places = _readers(plan, changed | {f"raw:{id}" for id in anew})
    return _worked(replace(journey, known=known), places, pages=pages)


def answered(journey: Journey, answers: Mapping[str, Kept | None], *, page: str | None = None) -> Journey:
    """The journey with these answers given, and `page` gone through.

    None takes an answer away; one that was known instead is then no answer.
    """
    given = dict(journey.answers)
    for id, answer in answers.items():
        if answer is None and id not in journey.known:
            given.pop(id, None)
        else:
            given[id] = answer
    changed = {f"raw:{id}" for id in answers if _counts(journey, given, id) != _counts(journey, journey.answers, id)}
    saved = journey.saved | {page} if page else journey.saved
    pages = {journey.plan.form.page_of[id] for id in answers} | ({page} if page else set())
    return _worked(replace(journey, answers=given, saved=saved), _readers(journey.plan, changed), pages=pages)


def _counts(journey: Journey, answers: Mapping[str, Kept], id: str) -> Kept | None:
    return answers.get(id, journey.known.get(id))


def known_answers(plan: Plan, setting: Setting) -> dict[str, Kept]:
    """The answers that facts give; one that would not be taken is left out."""
    found: dict[str, Kept] = {}
    for question in plan.form.questions.values():
        fact = setting.facts.get(question.fact) if question.fact and question.known else None
        if fact is not None and not answering.no_answer(question, fact):
            try:
                found[question.id] = answering.clean(question, fact, setting.lists)
            except Unsuitable:
                continue
    return found


def _given(setting: Setting) -> dict[str, Any]:
    """What is given from outside, by the key under which it is read."""
    return {
        "today": setting.today.isoformat(),
        "officer": setting.officer,
        "signed_in": setting.signed_in,
        "nation": setting.nation,
        **{f"lookups:{name}": found for name, found in setting.lookups.items()},
    }


def _readers(plan: Plan, keys: Iterable[str]) -> list[int]:
    return [place for key in keys for place in plan.readers.get(key, ())]


def _worked(journey: Journey, places: Iterable[int], *, pages: Iterable[str]) -> Journey:
    """Work out the nodes at these places, and whatever reads what changed by it; then how these pages, and those that it
    is about, stand."""
    plan, results, touched = journey.plan, dict(journey.results), set(pages)
    scope = _scope(results, journey.setting)
    waiting = sorted(set(places))
    queued, evaluated = set(waiting), 0
    while waiting:
        place = heapq.heappop(waiting)
        queued.discard(place)
        node = plan.nodes[place]
        if node.expression is None:
            result = _without_expression(journey, node, results)
        elif node.kind == "check" and results.get(f"answer:{node.subject}") is None:
            result = None
        else:
            evaluated += 1
            result = _evaluated(node, scope)
        if node.key in results and results[node.key] == result:
            continue
        results[node.key] = result
        if page := plan.pages[place]:
            touched.add(page)
        for reader in plan.readers.get(node.key, ()):
            if reader not in queued:
                queued.add(reader)
                heapq.heappush(waiting, reader)
    then = replace(journey, results=results, worked_out=evaluated)
    return replace(then, states={**journey.states, **{page: _state(then, plan.form.page(page)) for page in touched}})


def _state(journey: Journey, page: Page) -> State | Literal[""]:
    """How a page stands; nothing where it is not on the way."""
    if not journey.on_the_way(page):
        return ""
    if page.exit:
        return "exit"
    shown = [question for question in page.asks if question.type != "guidance" and journey.shown(question)]
    if any(_lacks(journey, question) for question in shown):
        return "here"
    if page.id in journey.saved:
        return "done"
    return "known" if shown and all(journey.is_known(question.id) for question in shown) else "here"


def _lacks(journey: Journey, question: Question) -> bool:
    if journey.answer(question.id) is None:
        return not question.optional
    return journey.failing(question) is not None


def _without_expression(journey: Journey, node: Node, results: Mapping[str, Any]) -> Any:
    form = journey.plan.form
    if node.kind == "table":
        return _of_table(journey, node.subject, results)
    question, page = form.questions[node.subject], form.page(form.page_of[node.subject])
    asked = (
        results.get(f"page:{page.id}", True) is True
        and results.get(f"show:{question.id}", True) is True
        and asked_of(page, journey.setting)
        and asked_of(question, journey.setting)
    )
    return _counts(journey, journey.answers, question.id) if asked else None


def _of_table(journey: Journey, key: str, results: Mapping[str, Any]) -> Any:
    table, kinds = journey.plan.tables[key]
    return tables.outcome(table, kinds, [results.get(f"input:{key}:{n}") for n in range(len(table.inputs))])


def _evaluated(node: Node, scope: Mapping[str, object]) -> Any:
    """What an expression gives; nothing where it cannot be worked out, so that nobody is stopped by a slip in a form."""
    assert node.expression is not None
    try:
        result = node.expression.evaluate(scope)
        return result is True if node.kind in ("page", "show") else result
    except ExpressionFault:
        return False if node.kind in ("page", "show") else None


def _scope(results: Mapping[str, Any], setting: Setting) -> dict[str, object]:
    return {
        "answers": _Under(results, "answer:"),
        "values": _Under(results, "value:"),
        "tables": _Under(results, "table:"),
        "lookups": {name: found.get("said") for name, found in setting.lookups.items()},
        "today": setting.today.isoformat(),
        "officer": setting.officer,
        "signed_in": setting.signed_in,
        "nation": setting.nation,
    }
