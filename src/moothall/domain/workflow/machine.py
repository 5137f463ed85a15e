"""The engine: given a workflow, where a case is, a choice and the facts, what changes. Pure: it reads and writes nothing.

It knows nothing of HTTP, the database or any service. Conditions are compiled once for each version of a workflow.
`groups` are the security groups of whoever asks; None means the platform itself (an automatic stage, or a request that
has been answered or has run out of time), which needs no permit but meets every other rule.
"""

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

from moothall.domain.workflow import answering, permits
from moothall.domain.workflow.answering import Asked, Problem
from moothall.domain.workflow.definition import Effect, EndState, Outcome, Stage, Workflow
from moothall.domain.workflow.facts import Answer, Facts, Scope
from moothall.domain.workflow.oversight import SecondOfficer
from moothall.domain.workflow.vocabulary import DATE_COUNTED, DATE_REACHED, as_day, condition_names
from moothall.kit.expressions import Expression, ExpressionFault
from moothall.kit.expressions import compile as compile_expression

LONGEST_NOTE = 10_000
FARTHEST_LOOK = 400
"""Days `due_moment` looks ahead one by one before it asks to be asked again."""

Event = Literal["tag", "payment", "reply", "date", "request", "document", "case", "customer"]
_EVENTS: Mapping[str, Event] = {
    "tags": "tag",
    "payments": "payment",
    "replies": "reply",
    "requests": "request",
    "documents": "document",
    "customer": "customer",
    "case": "case",
    "today": "date",
    "date": "date",
}
_COUNTING = frozenset({"today", DATE_COUNTED, "case.age_days", "customer.age"})


@dataclass(frozen=True, slots=True)
class Choice:
    """What somebody chose at a stage. An answer left out takes its default; None or "" means no answer."""

    outcome: str
    answers: Mapping[str, object] = field(default_factory=dict)
    note: str = ""


@dataclass(frozen=True, slots=True)
class Permitted:
    """An outcome somebody may choose, and the sentences that say why it cannot be chosen now (none: it can)."""

    outcome: Outcome
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Tagging:
    """Tags to put on and take off, only those that make a difference."""

    set: frozenset[str] = frozenset()
    remove: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Change:
    """What choosing an outcome does. Exactly one of `to` (a stage id) and `end` is given.

    `answers` are this outcome's, cleaned; `run_answers` all of the run from now on, in which what this outcome asked
    before and was not told again is gone. `effects` are in order, each with its position in the outcome's `do`;
    those whose condition does not hold are left out. `documents` gives a Tagging for each document id. `second_officer` is
    given when one has to confirm it; with a `sample`, only if this is drawn. `checklist` tells in a sentence how
    much was done of what the stage asks to be ticked.
    """

    stage: Stage
    outcome: Outcome
    answers: Mapping[str, Answer]
    run_answers: Mapping[str, Answer]
    note: str
    case: Tagging
    customer: Tagging
    documents: Mapping[str, Tagging]
    effects: tuple[tuple[int, Effect], ...]
    to: str | None
    end: EndState | None
    second_officer: SecondOfficer | None = None
    checklist: str = ""


class Refused(Exception):
    """A choice cannot be carried out. `reasons` lists everything that stands in the way."""

    def __init__(self, reasons: list[Problem]) -> None:
        super().__init__(" ".join(reason.sentence for reason in reasons))
        self.reasons = tuple(reasons)


class _Expressions:
    """The compiled conditions of one workflow."""

    def __init__(self, workflow: Workflow) -> None:
        self._names = condition_names(workflow)
        self._compiled: dict[str, Expression] = {}
        self.watched: dict[str, frozenset[Event]] = {}

    def __call__(self, source: str) -> Expression:
        found = self._compiled.get(source)
        if found is None:
            found = self._compiled[source] = compile_expression(source, self._names)
        return found


@lru_cache(maxsize=256)
def _expressions(workflow: Workflow) -> _Expressions:
    return _Expressions(workflow)


def permitted_outcomes(
    workflow: Workflow, stage_id: str, *, groups: Collection[str] | None, facts: Facts
) -> list[Permitted]:
    """The outcomes of a stage that these groups may choose, each with what stands in the way before any question."""
    stage, expressions, scope = workflow.stage(stage_id), _expressions(workflow), Scope(facts)
    return [
        Permitted(
            outcome,
            tuple(
                problem.sentence
                for problem in [*_before(outcome, expressions, facts, scope), *_unticked(stage, outcome, groups, facts)]
            ),
        )
        for outcome in stage.outcomes
        if _may_choose(workflow, stage, outcome, groups)
    ]


def asked(
    workflow: Workflow, stage_id: str, outcome_id: str, facts: Facts, given: Mapping[str, object] | None = None
) -> dict[str, Asked]:
    """Each question of an outcome by id: whether it is asked, and what it starts out as, given the answers so far."""
    outcome = workflow.stage(stage_id).outcome(outcome_id)
    return answering.asked(outcome, given or {}, facts, _expressions(workflow))


def decide(
    workflow: Workflow, stage_id: str, choice: Choice, *, groups: Collection[str] | None, facts: Facts
) -> Change:
    """Work out what choosing an outcome changes. Raises Refused with everything in the way; LookupError for no stage."""
    stage, expressions = workflow.stage(stage_id), _expressions(workflow)
    try:
        outcome = stage.outcome(choice.outcome)
    except LookupError as error:
        raise Refused([Problem("outcome", str(error))]) from error
    if not _may_choose(workflow, stage, outcome, groups):
        raise Refused([Problem("outcome", f"You may not choose “{outcome.name}” at “{stage.name}”.")])
    answers, problems = answering.collect(outcome, choice.answers, facts, expressions)
    problems = [
        *_before(outcome, expressions, facts, Scope(facts)),
        *_unticked(stage, outcome, groups, facts),
        *_note_problems(outcome, choice),
        *problems,
    ]
    asked = {question.id for question in outcome.questions}
    run_answers = {id: answer for id, answer in facts.answers.items() if id not in asked} | answers
    effects: tuple[tuple[int, Effect], ...] = ()
    second_officer: SecondOfficer | None = None
    try:
        effects = _effects(outcome, expressions, Scope(facts, run_answers))
        second_officer = _second_officer(outcome, expressions, Scope(facts, run_answers))
    except ExpressionFault as error:
        problems.append(Problem("outcome", str(error)))
    if problems:
        raise Refused(problems)
    return Change(
        stage=stage,
        outcome=outcome,
        answers=answers,
        run_answers=run_answers,
        note=choice.note.strip(),
        case=_difference(outcome.tags.case.set, outcome.tags.case.remove, facts.tags),
        customer=_difference(outcome.tags.customer.set, outcome.tags.customer.remove, facts.customer.tags),
        documents=_document_tags(outcome, answers, facts),
        effects=effects,
        to=outcome.to,
        end=outcome.end.state if outcome.end else None,
        second_officer=second_officer if groups is not None else None,
        checklist=_checklist(stage, facts),
    )


def _may_choose(workflow: Workflow, stage: Stage, outcome: Outcome, groups: Collection[str] | None) -> bool:
    return groups is None or permits.may(workflow, groups, "outcome", stage=stage.id, subject=outcome.id)


def _before(outcome: Outcome, expressions: _Expressions, facts: Facts, scope: Scope) -> list[Problem]:
    try:
        return _obstacles(outcome, expressions, facts, scope)
    except ExpressionFault as error:
        return [Problem("outcome", f"“{outcome.name}” cannot be chosen: {error}")]


def _obstacles(outcome: Outcome, expressions: _Expressions, facts: Facts, scope: Scope) -> list[Problem]:
    """What stands in the way of an outcome before anything is asked: its condition, tags and documents.

    Raises ExpressionFault when the condition cannot be worked out.
    """
    found: list[Problem] = []
    if outcome.when is not None and not expressions(outcome.when).holds(scope):
        found.append(Problem("outcome", f"“{outcome.name}” cannot be chosen for this case as it is now."))
    if missing := [facts.tag_name(tag) for tag in outcome.requires_tags if tag not in facts.tags]:
        found.append(Problem("tags", f"“{outcome.name}” needs what is still missing: {', '.join(missing)}."))
    if present := [facts.tag_name(tag) for tag in outcome.forbids_tags if tag in facts.tags]:
        found.append(Problem("tags", f"“{outcome.name}” cannot be chosen while the case has: {', '.join(present)}."))
    if wanted := [facts.tag_name(tag) for tag in outcome.documents if tag not in facts.document_tags]:
        found.append(Problem("documents", f"“{outcome.name}” needs a document tagged: {', '.join(wanted)}."))
    return found


def _unticked(stage: Stage, outcome: Outcome, groups: Collection[str] | None, facts: Facts) -> list[Problem]:
    """What a person has to tick on the stage's checklist before this outcome."""
    missing = [item.text for item in stage.checklist if item.needed_for(outcome.id) and item.id not in facts.ticked]
    if groups is None or not missing:
        return []
    return [Problem("checklist", f"“{outcome.name}” needs what is not ticked on the checklist: {'; '.join(missing)}.")]


def _checklist(stage: Stage, facts: Facts) -> str:
    if not stage.checklist:
        return ""
    missing = [item.text for item in stage.checklist if item.id not in facts.ticked]
    if not missing:
        return "All of the checklist was done."
    return f"Done of the checklist: {len(stage.checklist) - len(missing)} of {len(stage.checklist)}, not {'; '.join(missing)}."


def _second_officer(outcome: Outcome, expressions: _Expressions, scope: Scope) -> SecondOfficer | None:
    second = outcome.second_officer
    return second if second and (second.when is None or expressions(second.when).holds(scope)) else None


def _note_problems(outcome: Outcome, choice: Choice) -> list[Problem]:
    note = choice.note.strip()
    if outcome.note == "required" and not note:
        return [Problem("note", f"“{outcome.name}” needs a note.")]
    if outcome.note == "none" and note:
        return [Problem("note", f"“{outcome.name}” takes no note.")]
    if len(note) > LONGEST_NOTE:
        return [Problem("note", f"The note must be {LONGEST_NOTE:,} characters or fewer.")]
    return []


def _effects(outcome: Outcome, expressions: _Expressions, scope: Scope) -> tuple[tuple[int, Effect], ...]:
    return tuple(
        (position, effect)
        for position, effect in enumerate(outcome.do)
        if effect.when is None or expressions(effect.when).holds(scope)
    )


def _difference(put_on: Collection[str], take_off: Collection[str], present: Collection[str]) -> Tagging:
    return Tagging(
        frozenset(tag for tag in put_on if tag not in present), frozenset(tag for tag in take_off if tag in present)
    )


def _document_tags(outcome: Outcome, answers: Mapping[str, Answer], facts: Facts) -> dict[str, Tagging]:
    put_on: dict[str, set[str]] = {}
    take_off: dict[str, set[str]] = {}
    for change in outcome.tags.documents:
        answer = answers.get(change.question)
        for id in answer if isinstance(answer, list) else [answer] if isinstance(answer, str) else []:
            put_on.setdefault(id, set()).update(change.set)
            take_off.setdefault(id, set()).update(change.remove)
    found = {id: _difference(put_on[id], take_off[id], facts.documents_by_id[id].tags) for id in put_on}
    return {id: tagging for id, tagging in found.items() if tagging != Tagging()}


def automatic_outcome(workflow: Workflow, stage_id: str, facts: Facts) -> str | None:
    """The outcome an automatic stage takes by itself now: of the first rule that holds and whose outcome can be chosen.

    Raises ExpressionFault when a condition cannot be worked out.
    """
    return _automatic(workflow.stage(stage_id), _expressions(workflow), facts, Scope(facts))


def _automatic(stage: Stage, expressions: _Expressions, facts: Facts, scope: Scope) -> str | None:
    for rule in stage.automatic:
        if not expressions(rule.when).holds(scope):
            continue
        if not _obstacles(stage.outcome(rule.outcome), expressions, facts, scope):
            return rule.outcome
    return None


def depends_on(workflow: Workflow, stage_id: str) -> frozenset[Event]:
    """The kinds of event that may make a stage progress by itself; none for a stage that is not automatic."""
    expressions = _expressions(workflow)
    found = expressions.watched.get(stage_id)
    if found is None:
        found = expressions.watched[stage_id] = frozenset(_events(workflow.stage(stage_id), expressions))
    return found


def _events(stage: Stage, expressions: _Expressions) -> set[Event]:
    events: set[Event] = set()
    for path in _paths(stage, expressions):
        root = path.partition(".")[0]
        if root in _EVENTS:
            events.add(_EVENTS[root])
        if path in _COUNTING:
            events.add("date")
    for rule in stage.automatic:
        outcome = stage.outcome(rule.outcome)
        if outcome.requires_tags or outcome.forbids_tags:
            events.add("tag")
        if outcome.documents:
            events.add("document")
    return events


def _conditions(stage: Stage, expressions: _Expressions) -> list[Expression]:
    rules = [rule.when for rule in stage.automatic]
    guards = [stage.outcome(rule.outcome).when for rule in stage.automatic]
    return [expressions(source) for source in [*rules, *guards] if source]


def _paths(stage: Stage, expressions: _Expressions) -> set[str]:
    return {path for condition in _conditions(stage, expressions) for path in condition.paths}


def due_moment(workflow: Workflow, stage_id: str, facts: Facts) -> dt.date | None:
    """The next day after `facts.today` on which to ask `automatic_outcome` again because time has passed.

    None when no day by itself can change the answer. Where a condition only names days (`on_or_after`), the next of
    them; where it counts (`days_since`, ages, `today`), the first day within FARTHEST_LOOK on which the rule holds if
    nothing else changes, or the last day looked at: asking once more then is cheap. Ask anew after every event.
    """
    stage, expressions = workflow.stage(stage_id), _expressions(workflow)
    paths = _paths(stage, expressions)
    if paths & _COUNTING:
        for ahead in range(1, FARTHEST_LOOK):
            day = facts.today + dt.timedelta(days=ahead)
            if _automatic(stage, expressions, facts, Scope(facts, today=day)):
                return day
        return facts.today + dt.timedelta(days=FARTHEST_LOOK)
    if DATE_REACHED not in paths:
        return None
    named = {day for c in _conditions(stage, expressions) for day in c.literals.get("on_or_after", ())}
    return min((day for day in map(as_day, named) if day > facts.today), default=None)
