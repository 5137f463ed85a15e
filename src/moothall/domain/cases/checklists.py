"""The checklist of a stage: what has to be done there, ticked by officers (BEST-8)."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from moothall.core.accounts.models import User
from moothall.core.audit import recording
from moothall.domain.cases.locking import hold_item
from moothall.domain.cases.models import ChecklistTick, WorkItem
from moothall.domain.workflow import permits, published
from moothall.domain.workflow.definition import Stage
from moothall.domain.workflow.oversight import EVERY_OUTCOME, ChecklistItem


class CannotTick(Exception):
    """A checklist cannot be ticked so. Its message may be shown to whoever asked."""


@dataclass(frozen=True, slots=True)
class Line:
    """One item of a checklist, ticked or not; `needed_for` are the names of the outcomes that need it."""

    item: ChecklistItem
    tick: ChecklistTick | None
    needed_for: tuple[str, ...]
    needed_for_all: bool


def lines(item: WorkItem, ticks: Iterable[ChecklistTick]) -> list[Line]:
    """The checklist of the stage a work item is or was at, given its ticks."""
    stage = _stage(item)
    done = {tick.key: tick for tick in ticks}
    return [
        Line(
            one,
            done.get(one.id),
            tuple(outcome.name for outcome in stage.outcomes if outcome.id in one.required_for),
            EVERY_OUTCOME in one.required_for,
        )
        for one in stage.checklist
    ]


def tick(
    item: WorkItem, *, done: Collection[str] = (), undone: Collection[str] = (), by: User, at: datetime
) -> list[ChecklistTick]:
    """Tick items of the checklist of an open work item, and take ticks away; what is so already stays as it is.

    The ticks there are then. Raises CannotTick.
    """
    with recording.because(action="checklist.ticked", by=by, at=at):
        item = hold_item(item.pk)
        _refuse(item, {*done, *undone}, by)
        there = {tick.key: tick for tick in item.ticks.select_related("by")}
        new = [key for key in dict.fromkeys(done) if key not in there]
        gone = [key for key in dict.fromkeys(undone) if key in there and key not in done]
        made = ChecklistTick.objects.bulk_create(ChecklistTick(item=item, key=key, by=by, at=at) for key in new)
        item.ticks.filter(key__in=gone).delete()
        if new or gone:
            facts: dict[str, Any] = {"ticked": new, "unticked": gone, "case": item.case_id}
            recording.record("checklist.ticked", item, by=by, at=at, **facts)
        kept = [one for key, one in there.items() if key not in gone]
        return [*kept, *made]


def _refuse(item: WorkItem, keys: Collection[str], by: User) -> None:
    stage = _stage(item)
    if item.finished_at:
        raise CannotTick(f"{stage.name} is finished, so its checklist stays as it was.")
    definition = published.workflow(item.stage.version_id)
    if not permits.may(definition, by.group_keys, "progress", stage=stage.id):
        raise CannotTick(f"You may not progress {stage.name}, so you cannot tick its checklist.")
    if unknown := sorted(set(keys) - {one.id for one in stage.checklist}):
        raise CannotTick(f"The checklist of {stage.name} has no item “{unknown[0][:60]}”.")


def _stage(item: WorkItem) -> Stage:
    return published.workflow(item.stage.version_id).stage(item.stage.key)
