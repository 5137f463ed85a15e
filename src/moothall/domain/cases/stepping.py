"""Outside the flow, on purpose: to a stage no outcome leads to, and on with a workflow that ended (PPP-57).

Both need a reason, and the record says who did it and why.
"""

from datetime import datetime

from moothall.core import rows
from moothall.core.accounts.models import User
from moothall.core.audit import recording
from moothall.domain.cases import clock, intending, intending_closed, progress, proposals, timeline, writing
from moothall.domain.cases.locking import hold_item, lock
from moothall.domain.cases.models import Case, Run, TimelineEntry, WorkItem
from moothall.domain.workflow import published
from moothall.domain.workflow.models import Stage

OUTSIDE = "outside the flow"
"""What a work item left so has as its outcome: no outcome of a workflow can have this id."""


class StepRefused(Exception):
    """Its message may be shown to whoever asked."""


def jump(item: WorkItem, stage: str, *, reason: str, by: User, at: datetime, version: int | None = None) -> WorkItem:
    """Leave the stage of an open item for `stage` (its id) of the same workflow; the work item there.

    What was asked of the applicant at the stage left is cancelled. `version` is the item's as `by` saw it. Raises
    StepRefused and AlreadyProgressed.
    """
    with recording.because(action="work_item.stepped_outside", by=by, at=at, reason=reason):
        item = hold_item(item.pk)
        writing.refuse_stale(item, version)
        there = _stage(item.run, stage, reason)
        if there.pk == item.stage_id:
            raise StepRefused(f"{item.case.reference} is at {there.name} already.")
        writing.end_requests(item, OUTSIDE, by=by, at=at)
        proposals.overtake(item, by=by, at=at)
        item.finished_at, item.finished_by, item.outcome = at, by, OUTSIDE
        item.note, item.version = reason.strip(), item.version + 1
        item.save(update_fields=["finished_at", "finished_by", "outcome", "note", "version"])
        text = f"Stepped outside the flow, from {item.stage.name} to {there.name}: {reason.strip()}"
        about = {"stage_row": item.stage_id, "to_stage_row": there.pk}
        timeline.write(item.case, kind=TimelineEntry.Kind.WORKFLOW, text=text, by=by, at=at, **about)
        recording.record(
            "work_item.stepped_outside", item, by=by, at=at, reason=reason.strip(), to=there.key, case=item.case_id
        )
        return _enter(item.run, item.case, there, by=by, at=at)


def reopen(run: Run, stage: str, *, reason: str, by: User, at: datetime) -> WorkItem:
    """Go on with a workflow that ended, at `stage` (its id), and open its case again; the work item there.

    Raises StepRefused when it goes on, or another run of the same workflow does.
    """
    with recording.because(action="run.reopened", by=by, at=at, reason=reason):
        case = lock(run.case)
        run = Run.objects.select_related("version").get(pk=run.pk)
        run.case = case
        there = _stage(run, stage, reason)
        name = published.workflow(run.version_id).name
        same = Run.objects.filter(case=case, version__workflow=run.version.workflow_id, ended_at=None)
        if same.exists():
            raise StepRefused(f"“{name}” is going on this case already.")
        earlier, was_closed = run.end_state, case.closed_at is not None
        run.ended_at, run.end_state = None, ""
        run.save(update_fields=["ended_at", "end_state"])
        case.closed_at, case.end_state = None, ""
        text = f"{name}, which had ended as {earlier}, was reopened at {there.name}: {reason.strip()}"
        timeline.write(case, kind=TimelineEntry.Kind.WORKFLOW, text=text, by=by, at=at, to_stage_row=there.pk)
        recording.record(
            "run.reopened", run, by=by, at=at, reason=reason.strip(), to=there.key, earlier=earlier, case=case.pk
        )
        if was_closed:
            intending_closed.open_again(case, by=by, at=at)
        return _enter(run, case, there, by=by, at=at)


def _stage(run: Run, key: str, reason: str) -> Stage:
    if not reason.strip():
        raise StepRefused("Say why you step outside the flow.")
    definition = published.workflow(run.version_id)
    if not definition.has_stage(key):
        raise StepRefused(f"“{definition.name}” has no such stage.")
    return published.stage_row(run.version_id, key)


def _enter(run: Run, case: Case, stage: Stage, *, by: User, at: datetime) -> WorkItem:
    """A new item at `stage`, from where an automatic stage goes on by itself if it can."""
    item = WorkItem(run=run, case=case, stage=stage, entered_at=at)
    clock.note(item, at=at, stored=False)
    rows.insert(item)
    intending.on_entry(item, published.workflow(run.version_id).stage(stage.key), case=case, by=by, at=at)
    case.updated_at = at
    case.save(update_fields=["closed_at", "end_state", "updated_at"])
    progress.settle(item, at=at)
    return item
