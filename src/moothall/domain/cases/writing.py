"""What choosing an outcome writes: the item, its run, requests, tags, the timeline, perhaps the case's end."""

import json
from datetime import datetime
from functools import cache
from typing import Any

from moothall.core import planned
from moothall.core.accounts.models import User
from moothall.core.rows import Rows
from moothall.domain.cases import endings, intending_closed, timeline
from moothall.domain.cases.models import Case, Request, Run, TimelineEntry, WorkItem
from moothall.domain.cases.retagging import retagged
from moothall.domain.documents.models import Document
from moothall.domain.people.models import Customer
from moothall.domain.workflow import published
from moothall.domain.workflow.definition import Workflow
from moothall.domain.workflow.machine import Change, Tagging
from moothall.kit.calendars import LONDON

_NEW = Rows(WorkItem, "entered")


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


def progress(item: WorkItem, change: Change, entered: WorkItem | None, *, by: User, at: datetime) -> None:
    """Write what the outcome changed, in one statement: item, run, case, and the item `entered` at the next stage.

    The item is finished only as it was read: AlreadyProgressed says who changed it in the meantime.
    """
    run, case = item.run, item.case
    values: dict[str, Any] = {
        "item": item.pk,
        "version": item.version,
        "at": at,
        "by": by.pk,
        "outcome": change.outcome.id,
        "answers": json.dumps(dict(change.answers)),
        "note": change.note,
        "run_answers": json.dumps(run.answers),
        "ended_at": run.ended_at,
        "end_state": run.end_state,
        "tags": case.tags,
    }
    with planned.cursor() as cursor:
        cursor.execute(_progress(entering=entered is not None), values | (_NEW.new(entered) if entered else {}))
        finished, entered_as = cursor.fetchone()
    if not finished:
        refuse_stale(WorkItem.objects.select_related("stage", "finished_by").get(pk=item.pk), item.version)
    item.finished_at, item.finished_by, item.outcome = at, by, change.outcome.id
    item.answers, item.note, item.version = dict(change.answers), change.note, item.version + 1
    if entered:
        entered.pk, entered._state.adding = entered_as, False


@cache
def _progress(*, entering: bool) -> str:
    columns, placeholders = _NEW.insertion()
    entry = f"INSERT INTO cases_workitem ({columns}) SELECT {placeholders} FROM finished RETURNING id"  # noqa: S608
    return f"""
        WITH finished AS (
            UPDATE cases_workitem
            SET finished_at = %(at)s, finished_by_id = %(by)s, outcome = %(outcome)s, answers = %(answers)s::jsonb,
                note = %(note)s, version = version + 1
            WHERE id = %(item)s AND version = %(version)s AND finished_at IS NULL
            RETURNING run_id, case_id
        ), run AS (
            UPDATE cases_run
            SET answers = %(run_answers)s::jsonb, ended_at = %(ended_at)s::timestamptz, end_state = %(end_state)s
            FROM finished
            WHERE cases_run.id = finished.run_id
                AND (cases_run.answers <> %(run_answers)s::jsonb OR %(ended_at)s::timestamptz IS NOT NULL)
        ), acted AS (
            UPDATE cases_case SET tags = %(tags)s::varchar[], updated_at = %(at)s
            FROM finished WHERE cases_case.id = finished.case_id
        ), entered AS ({entry if entering else "SELECT NULL::bigint AS id"})
        SELECT (SELECT count(*) FROM finished), (SELECT id FROM entered)
    """  # noqa: S608 - made of the model's column names


def end_requests(item: WorkItem, outcome: str, *, by: User, at: datetime) -> None:
    """Leaving a stage ends what was asked while there: answered when the outcome says all was received."""
    if not item.asks:
        return
    for request in Request.objects.filter(item=item, state=Request.State.OPEN).select_related("case"):
        if request.settings["then"].get("received") == outcome:
            endings.end(request, Request.State.ANSWERED, text="", by=by, at=at, goes_on=False)
        else:
            endings.end(request, Request.State.CANCELLED, text="The case moved on.", by=by, at=at, goes_on=False)


def bring_about(case: Case, run: Run, change: Change, *, at: datetime) -> None:
    """The case and its run as the outcome makes them; they are locked, and `progress` writes them as they are here.

    Tags of customer and documents, which others may be changing, are changed by the database itself.
    """
    case.tags = sorted((set(case.tags) | change.case.set) - change.case.remove)
    case.updated_at = at
    run.answers = dict(change.run_answers)
    if change.end:
        run.ended_at, run.end_state = at, change.end
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


def write(
    item: WorkItem, change: Change, definition: Workflow, *, by: User, at: datetime, confirmed_by: User | None = None
) -> None:
    """The line of the timeline that says which outcome was chosen and where the run is now."""
    there = published.stage_row(item.run.version_id, change.to).pk if change.to else None
    where = f"Now at {definition.stage(change.to).name}." if change.to else f"{definition.name} ended."
    parts = [f"{change.stage.name}: {change.outcome.name}.", where]
    if confirmed_by:
        parts.append(f"Proposed by {by.full_name}, confirmed by {confirmed_by.full_name}.")
    if change.checklist:
        parts.append(change.checklist)
    timeline.write(
        item.case,
        kind=TimelineEntry.Kind.WORKFLOW,
        text=" ".join(parts),
        by=by,
        at=at,
        workflow=definition.key,
        stage=change.stage.id,
        stage_row=item.stage_id,
        outcome=change.outcome.id,
        note=change.note,
        **({"to_stage_row": there} if there else {}),
    )


def close_unless_going_on(case: Case, state: str, *, last: WorkItem, by: User, at: datetime) -> None:
    """Close the case when no workflow is going on it any more; `last` is the item whose outcome ended its run."""
    if Run.objects.filter(case=case, ended_at=None).exists():
        return
    case.closed_at, case.end_state = at, state
    case.save(update_fields=["closed_at", "end_state"])
    timeline.write(case, kind=TimelineEntry.Kind.CASE, text=f"Case closed: {state}.", by=by, at=at)
    intending_closed.end_with(case, but=last, by=by, at=at)
