"""What somebody may choose at a work item now: the outcomes, what stands in their way, and how their questions stand."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from moothall.core.accounts.models import User
from moothall.domain.cases import facts
from moothall.domain.cases.models import WorkItem
from moothall.domain.workflow import machine, published
from moothall.domain.workflow.answering import Asked
from moothall.domain.workflow.definition import Outcome


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
