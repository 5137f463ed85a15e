"""What choosing an outcome would come to, before anything is written."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from moothall.domain.cases import facts, sampling
from moothall.domain.cases.models import WorkItem
from moothall.domain.cases.sampling import Draw
from moothall.domain.workflow import machine, permits, published
from moothall.domain.workflow.answering import Problem
from moothall.domain.workflow.definition import Message, Stage, Workflow
from moothall.domain.workflow.machine import Change, Choice, Refused


class NotAllowed(Exception):
    """This person may not do this here. Its message may be shown to them."""


def place(item: WorkItem) -> tuple[Workflow, Stage]:
    """The workflow of an item and the stage it is at, as defined."""
    definition = published.workflow(item.stage.version_id)
    return definition, definition.stage(item.stage.key)


def decided(
    item: WorkItem,
    choice: Choice,
    *,
    at: datetime,
    groups: frozenset[str] | None = None,
    edits: Mapping[str, Any] | None = None,
) -> Change:
    """What a choice would change. `groups` None: by rule, not a person. Raises NotAllowed and Refused."""
    definition, stage = place(item)
    if groups is not None and not permits.may(definition, groups, "outcome", stage=stage.id, subject=choice.outcome):
        raise NotAllowed(f"You may not choose this outcome at {stage.name}.")
    known = facts.gather(item, definition, stage, at)
    change = machine.decide(definition, stage.id, choice, groups=groups, facts=known)
    _check_edits(change, edits or {})
    return change


def drawn_for_second(item: WorkItem, change: Change) -> Draw | None:
    """The draw that says whether a second officer is asked, where only a sample is confirmed."""
    second = change.second_officer
    if second is None or second.sample is None:
        return None
    return sampling.draw(sampling.SECOND_OFFICER, second.sample, item, change.outcome.id)


def _check_edits(change: Change, edits: Mapping[str, Any]) -> None:
    """Every edit is of a message this outcome sends, so that no officer's words are dropped unsaid."""
    messages = [(position, effect) for position, effect in change.effects if isinstance(effect, Message)]
    known = {key for position, effect in messages for key in (str(position), effect.template)}
    if unknown := sorted(set(edits) - known):
        sentence = f"“{change.outcome.name}” sends no message “{unknown[0]}” that could be changed."
        raise Refused([Problem("edits", sentence)])
