"""What choosing an outcome writes: the item, its run, requests, tags, the timeline, perhaps the case's end."""

from datetime import datetime
from typing import Any

from moothall.core.accounts.models import User
from moothall.domain.cases import endings, timeline
from moothall.domain.cases.models import Case, Request, Run, TimelineEntry, WorkItem
from moothall.domain.cases.retagging import retagged
from moothall.domain.documents.models import Document
from moothall.domain.people.models import Customer
from moothall.domain.workflow import published
from moothall.domain.workflow.definition import Workflow
from moothall.domain.workflow.machine import Change, Tagging
from moothall.kit.calendars import LONDON


class AlreadyProgressed(Exception):
    """Somebody else was first. Its message says who, when and how."""


def refuse_stale(item: WorkItem, version: int | None) -> None:
    """Refuse an item somebody else finished or changed. Raises AlreadyProgressed."""
    if item.finished_at and item.finished_by:
        when = item.finished_at.astimezone(LONDON)
        raise AlreadyProgressed(
            f"{item.stage.name} was already progressed by {item.finished_by.full_name}"
            f" on {when:%-d %B %Y at %H:%M}, so nothing was changed."
        )
    if version is not None and version != item.version:
        raise AlreadyProgressed(f"{item.stage.name} was changed while you had it open. Look again before you choose.")


def finish(item: WorkItem, change: Change, *, by: User, at: datetime) -> None:
    """Finish the item as it was read, or say who changed it in the meantime."""
    as_read = WorkItem.objects.filter(pk=item.pk, version=item.version, finished_at=None)
    found = as_read.update(
        finished_at=at,
        finished_by=by,
        outcome=change.outcome.id,
        answers=dict(change.answers),
        note=change.note,
        version=item.version + 1,
    )
    if not found:
        refuse_stale(WorkItem.objects.select_related("stage", "finished_by").get(pk=item.pk), item.version)
    item.finished_at, item.finished_by, item.outcome = at, by, change.outcome.id
    item.answers, item.note, item.version = dict(change.answers), change.note, item.version + 1


def keep_run(run: Run, change: Change, *, at: datetime) -> None:
    """Keep the run's answers, and its end if this was it."""
    changed: dict[str, Any] = {}
    if change.run_answers != run.answers:
        run.answers = changed["answers"] = dict(change.run_answers)
    if change.end:
        run.ended_at = changed["ended_at"] = at
        run.end_state = changed["end_state"] = change.end
    if changed:
        Run.objects.filter(pk=run.pk).update(**changed)


def end_requests(item: WorkItem, outcome: str, *, by: User, at: datetime) -> None:
    """Leaving a stage ends what was asked while there: answered when the outcome says all was received."""
    if not item.asks:
        return
    for request in Request.objects.filter(item=item, state=Request.State.OPEN).select_related("case"):
        if request.settings["then"].get("received") == outcome:
            endings.end(request, Request.State.ANSWERED, text="", by=by, at=at)
        else:
            endings.end(request, Request.State.CANCELLED, text="The case moved on.", by=by, at=at)


def retag(case: Case, change: Change, *, at: datetime) -> None:
    """Change the tags of the case, its customer and documents, in the database itself so that none is lost."""
    case.tags = sorted((set(case.tags) | change.case.set) - change.case.remove)
    case.updated_at = at
    Case.objects.filter(pk=case.pk).update(tags=retagged(change.case.set, change.case.remove), updated_at=at)
    if change.customer != Tagging():
        Customer.objects.filter(pk=case.customer_id).update(tags=retagged(change.customer.set, change.customer.remove))
    for tagging in set(change.documents.values()):
        ids = [id for id, theirs in change.documents.items() if theirs == tagging]
        Document.objects.filter(pk__in=ids).update(tags=retagged(tagging.set, tagging.remove))


def changed(change: Change) -> frozenset[str]:
    """The events an outcome's tags amount to."""
    tags = {"tag": change.case, "customer": change.customer}
    events = {event for event, tagging in tags.items() if tagging != Tagging()}
    return frozenset(events | ({"document"} if change.documents else set()))


def write(item: WorkItem, change: Change, definition: Workflow, *, by: User, at: datetime) -> None:
    """The line of the timeline that says which outcome was chosen and where the run is now."""
    there = published.stage_row(item.run.version_id, change.to).pk if change.to else None
    where = f"Now at {definition.stage(change.to).name}." if change.to else f"{definition.name} ended."
    timeline.write(
        item.case,
        kind=TimelineEntry.Kind.WORKFLOW,
        text=f"{change.stage.name}: {change.outcome.name}. {where}",
        by=by,
        at=at,
        workflow=definition.key,
        stage=change.stage.id,
        stage_row=item.stage_id,
        outcome=change.outcome.id,
        note=change.note,
        **({"to_stage_row": there} if there else {}),
    )


def close_unless_going_on(case: Case, state: str, *, by: User, at: datetime) -> None:
    """Close the case when no workflow is going on it any more."""
    if Run.objects.filter(case=case, ended_at=None).exists():
        return
    case.closed_at, case.end_state = at, state
    case.save(update_fields=["closed_at", "end_state"])
    timeline.write(case, kind=TimelineEntry.Kind.CASE, text=f"Case closed: {state}.", by=by, at=at)
