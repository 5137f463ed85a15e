"""What somebody may choose at a work item now: the outcomes, what stands in their way, and how their questions stand."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from moothall.core.accounts.models import User
from moothall.core.lists.models import Value
from moothall.domain.cases import facts
from moothall.domain.cases.models import WorkItem
from moothall.domain.workflow import machine, published
from moothall.domain.workflow.answering import Asked, Problem
from moothall.domain.workflow.definition import Outcome, Question
from moothall.domain.workflow.machine import Choice


@dataclass(frozen=True, slots=True)
class Offer:
    """An outcome `reasons` may stand in the way of; `questions` gives each of its questions by id."""

    outcome: Outcome
    reasons: tuple[str, ...]
    questions: Mapping[str, Asked]


def offers(item: WorkItem, *, by: User, at: datetime) -> list[Offer]:
    """The outcomes `by` may choose, in the order of the workflow; none of a finished item."""
    if item.finished_at:
        return []
    definition = published.workflow(item.stage.version_id)
    stage = definition.stage(item.stage.key)
    known = facts.gather(item, definition, stage, at)
    return [
        Offer(found.outcome, found.reasons, machine.asked(definition, stage.id, found.outcome.id, known))
        for found in machine.permitted_outcomes(definition, stage.id, groups=by.group_keys, facts=known)
    ]


def standing(item: WorkItem, outcome: str, given: Mapping[str, object], *, at: datetime) -> dict[str, Asked]:
    """Each question of an outcome by id, as it stands when only `given` is answered."""
    definition = published.workflow(item.stage.version_id)
    stage = definition.stage(item.stage.key)
    return machine.asked(definition, stage.id, outcome, facts.gather(item, definition, stage, at), given)


def problems(item: WorkItem, choice: Choice, *, by: User, at: datetime) -> tuple[Problem, ...]:
    """Everything that stands in the way of a choice, asked without making it; what its effects refuse is not known."""
    definition = published.workflow(item.stage.version_id)
    stage = definition.stage(item.stage.key)
    try:
        known = facts.gather(item, definition, stage, at)
        machine.decide(definition, stage.id, choice, groups=by.group_keys, facts=known)
    except machine.Refused as refused:
        return refused.reasons
    return ()


def values(service: str, questions: Iterable[Question]) -> dict[str, list[tuple[str, str]]]:
    """The values in use, key and label, of every list these questions offer, by the list's key in the service."""
    keys = {question.list for question in questions if question.list}
    found: dict[str, list[tuple[str, str]]] = {}
    rows = Value.objects.filter(list__key__in=[f"{service}.{key}" for key in keys], retired_on=None)
    for key, label, list_key in rows.values_list("key", "label", "list__key") if keys else ():
        found.setdefault(list_key.removeprefix(f"{service}."), []).append((key, label))
    return found
