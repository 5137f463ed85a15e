"""Workflows going: start one, choose an outcome, let automatic stages move on.

The case row is the lock for everything on the case: whoever holds it acts, others wait and then see what was done.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, time
from typing import Any, cast

from django.db.models import Exists, OuterRef

from moothall.core.accounts.actions import system_user
from moothall.core.accounts.models import User
from moothall.core.audit import recording
from moothall.domain.cases import effects, endings, facts, timeline
from moothall.domain.cases.locking import lock
from moothall.domain.cases.models import Case, Request, Run, TimelineEntry, WorkItem
from moothall.domain.cases.retagging import retagged
from moothall.domain.catalogue import catalogue
from moothall.domain.documents.models import Document
from moothall.domain.people.models import Customer
from moothall.domain.workflow import machine, permits, published
from moothall.domain.workflow.definition import Stage, Workflow
from moothall.domain.workflow.facts import Facts
from moothall.domain.workflow.machine import Change, Choice, Permitted, Refused, Tagging
from moothall.kit.calendars import LONDON

LONGEST_CHAIN = 20  # automatic stages in a row; more means a loop the checks could not see

__all__ = ["AlreadyProgressed", "Chosen", "NotAllowed", "Refused", "choose", "happened", "permitted", "start", "wake"]


class AlreadyProgressed(Exception):
    """Somebody else was first. Its message says who, when and how."""


class NotAllowed(Exception):
    """This person may not do this here. Its message may be shown to them."""


@dataclass(frozen=True)
class Chosen:
    """What choosing an outcome came to: the finished item and where the run is now (None: it ended)."""

    item: WorkItem
    now_at: WorkItem | None


def start(
    case: Case, workflow: str, *, by: User, at: datetime, started_from: WorkItem | None = None, by_hand: bool = False
) -> Run:
    """Start the version of `<service>.<workflow>` that the case's service version holds.

    `by_hand` asks whether `by` may start it. A closed case is open again. Raises NotAllowed, LookupError.
    """
    with recording.because(action="workflow.started", by=by, at=at):
        case = lock(case)
        version_id = catalogue.workflow_version(case.service_version_id, workflow)
        definition = published.workflow(version_id)
        if by_hand and not permits.may(definition, by.group_keys, "start"):
            raise NotAllowed(f"You may not start “{definition.name}”.")
        run = Run.objects.create(
            case=case, version_id=version_id, started_at=at, started_by=by, started_from=started_from
        )
        if case.closed_at:
            case.closed_at, case.end_state = None, ""
            case.save(update_fields=["closed_at", "end_state"])
        timeline.write(case, kind=TimelineEntry.Kind.WORKFLOW, text=f"{definition.name} started.", by=by, at=at)
        recording.record("workflow.started", run, by=by, at=at, workflow=definition.key, case=case.pk)
        item, known = _enter(run, definition, definition.stage(definition.start), case=case, at=at)
        _follow_automatic(item, at=at, known=known)
        return run


def choose(
    item: WorkItem | int,
    outcome: str,
    *,
    by: User,
    at: datetime,
    version: int | None = None,
    answers: Mapping[str, Any] | None = None,
    note: str = "",
    edits: Mapping[str, Any] | None = None,
) -> Chosen:
    """Choose `outcome` of a work item, with its answers and note, once.

    `version` is the item's version as the chooser saw it. Raises AlreadyProgressed, NotAllowed, Refused (with every
    reason at once). Choosing the same outcome of the same item again raises AlreadyProgressed and changes nothing.
    """
    pk = item if isinstance(item, int) else item.pk
    with recording.because(action="work_item.progressed", by=by, at=at):
        item = _hold(pk)
        _refuse_stale(item, version)
        choice = Choice(outcome=outcome, answers=dict(answers or {}), note=note)
        now_at, known = _take(item, choice, by=by, at=at, groups=by.group_keys, edits=edits or {})
        return Chosen(item, _follow_automatic(now_at, at=at, known=known))


def choose_by_rule(item: WorkItem, outcome: str, *, at: datetime) -> Chosen:
    """Choose an outcome as the product itself, because an answered or overdue request says so."""
    by = system_user()
    with recording.because(action="work_item.progressed", by=by, at=at):
        item = _hold(item.pk)
        _refuse_stale(item, None)
        now_at, known = _take(item, Choice(outcome=outcome), by=by, at=at, groups=None, edits={})
        return Chosen(item, _follow_automatic(now_at, at=at, known=known))


def settle(item: WorkItem, *, at: datetime) -> None:
    """After an open item came to another version (its case locked): wait for the right events, go on if it can."""
    definition, stage = _place(item)
    item.wakes_on = sorted(machine.depends_on(definition, stage.id))
    _sleep(item, at=at)
    _follow_automatic(item, at=at)


def permitted(item: WorkItem, *, by: User, at: datetime) -> list[Permitted]:
    """The outcomes `by` may choose now, each with what still stands in its way."""
    definition, stage = _place(item)
    known = facts.gather(item, definition, stage, at)
    return machine.permitted_outcomes(definition, stage.id, groups=by.group_keys, facts=known)


def happened(case: Case, *, event: str, at: datetime) -> None:
    """Let automatic stages of `case` that wait for `event` move on.

    Called by whatever changed the case (tag, payment, document, reply, request), in its transaction.
    """
    waiting = WorkItem.objects.open().filter(case=case, wakes_on__contains=[event]).order_by("pk")
    for item in list(waiting.select_related("run", "stage")):
        item.case = lock(case)
        _follow_automatic(item, at=at)


def wake(*, at: datetime, most: int = 200) -> int:
    """Let automatic stages whose day has come move on; returns how many were looked at. Run every minute."""
    due = list(
        WorkItem.objects.open().filter(wakes_at__lte=at).order_by("wakes_at").values_list("pk", flat=True)[:most]
    )
    for pk in due:
        with recording.because(action="work_item.woken", by=system_user(), at=at):
            item = _hold(pk)
            if item.finished_at is None and _follow_automatic(item, at=at) is item:
                _sleep(item, at=at)
    return len(due)


def _hold(pk: int) -> WorkItem:
    """The item, with its case locked until the transaction ends.

    Only the case row is sure to be read anew once the lock is had: `_finish` finds out whether the item was changed
    by whoever held it before.
    """
    asking = Request.objects.filter(item=OuterRef("pk"), state=Request.State.OPEN)
    rows = WorkItem.objects.select_for_update(of=("case",), no_key=True).select_related("case", "run")
    rows = rows.defer("case__submitted")
    item = rows.annotate(is_asking=Exists(asking)).get(pk=pk)
    item.asks = bool(cast(Any, item).is_asking)
    item.stage = published.stage_by_row(item.stage_id)
    return item


def _place(item: WorkItem) -> tuple[Workflow, Stage]:
    definition = published.workflow(item.stage.version_id)
    return definition, definition.stage(item.stage.key)


def _refuse_stale(item: WorkItem, version: int | None) -> None:
    if item.finished_at and item.finished_by:
        when = item.finished_at.astimezone(LONDON)
        raise AlreadyProgressed(
            f"{item.stage.name} was already progressed by {item.finished_by.full_name}"
            f" on {when:%-d %B %Y at %H:%M}, so nothing was changed."
        )
    if version is not None and version != item.version:
        raise AlreadyProgressed(f"{item.stage.name} was changed while you had it open. Look again before you choose.")


def _take(
    item: WorkItem, choice: Choice, *, by: User, at: datetime, groups: frozenset[str] | None, edits: Mapping[str, Any]
) -> tuple[WorkItem | None, Facts | None]:
    """Finish `item` by `choice`; where the run is now, with facts read for it. `groups` None: by rule, not a person."""
    definition, stage = _place(item)
    if groups is not None and not permits.may(definition, groups, "outcome", stage=stage.id, subject=choice.outcome):
        raise NotAllowed(f"You may not choose this outcome at {stage.name}.")
    known = facts.gather(item, definition, stage, at)
    change = machine.decide(definition, stage.id, choice, groups=groups, facts=known)
    case = item.case

    _finish(item, change, by=by, at=at)
    _keep_run(item.run, change, at=at)
    _end_requests(item, choice.outcome, by=by, at=at)
    _retag(case, change, at=at)
    now_at: WorkItem | None = None
    fresh: Facts | None = None
    if change.to:
        now_at, fresh = _enter(item.run, definition, definition.stage(change.to), case=case, at=at)
    _write(item, change, definition, by=by, at=at)
    recording.record("work_item.progressed", item, by=by, at=at, outcome=change.outcome.id, case=case.pk)
    if change.effects:
        occasion = effects.Occasion(
            case=case,
            run=item.run,
            item=item,
            now_at=now_at,
            outcome=change.outcome,
            answers=change.answers,
            by=by,
            at=at,
            edits=edits,
        )
        for position, effect in change.effects:
            effects.perform(effect, replace(occasion, position=position))
        fresh = None
        now_at = _open_item(item.run, case) if now_at else None  # an effect may have moved it on
    if change.end:
        _close_unless_going_on(case, change.end, by=by, at=at)
    return now_at, fresh


def _open_item(run: Run, case: Case) -> WorkItem | None:
    item = WorkItem.objects.open().filter(run=run).first()
    if item:
        item.run, item.case, item.stage = run, case, published.stage_by_row(item.stage_id)
    return item


def _finish(item: WorkItem, change: Change, *, by: User, at: datetime) -> None:
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
        _refuse_stale(WorkItem.objects.select_related("stage", "finished_by").get(pk=item.pk), item.version)
    item.finished_at, item.finished_by, item.outcome = at, by, change.outcome.id
    item.answers, item.note, item.version = dict(change.answers), change.note, item.version + 1


def _keep_run(run: Run, change: Change, *, at: datetime) -> None:
    changed: dict[str, Any] = {}
    if change.run_answers != run.answers:
        run.answers = changed["answers"] = dict(change.run_answers)
    if change.end:
        run.ended_at = changed["ended_at"] = at
        run.end_state = changed["end_state"] = change.end
    if changed:
        Run.objects.filter(pk=run.pk).update(**changed)


def _end_requests(item: WorkItem, outcome: str, *, by: User, at: datetime) -> None:
    """Leaving a stage ends what was asked while there: answered when the outcome says all was received."""
    if not item.asks:
        return
    for request in Request.objects.filter(item=item, state=Request.State.OPEN).select_related("case"):
        if request.settings["then"].get("received") == outcome:
            endings.end(request, Request.State.ANSWERED, text="", by=by, at=at)
        else:
            endings.end(request, Request.State.CANCELLED, text="The case moved on.", by=by, at=at)


def _enter(run: Run, definition: Workflow, stage: Stage, *, case: Case, at: datetime) -> tuple[WorkItem, Facts | None]:
    """A new open item at `stage`, with the facts read to see when it should wake if it is automatic."""
    item = WorkItem(run=run, case=case, stage=published.stage_row(run.version_id, stage.id), entered_at=at)
    item.asks = False
    known = None
    if stage.automatic:
        known = facts.gather(item, definition, stage, at)
        item.wakes_on = sorted(machine.depends_on(definition, stage.id))
        item.wakes_at = _next_day(definition, stage, known)
    item.save(force_insert=True)
    return item, known


def _next_day(definition: Workflow, stage: Stage, known: Facts) -> datetime | None:
    """The start of the next day on which time alone may fulfil an automatic stage."""
    day = machine.due_moment(definition, stage.id, known)
    return datetime.combine(day, time(), LONDON) if day else None


def _sleep(item: WorkItem, *, at: datetime) -> None:
    """Wait for the next day on which time alone may let the stage move on."""
    definition, stage = _place(item)
    item.wakes_at = _next_day(definition, stage, facts.gather(item, definition, stage, at)) if stage.automatic else None
    item.save(update_fields=["wakes_on", "wakes_at"])


def _follow_automatic(item: WorkItem | None, *, at: datetime, known: Facts | None = None) -> WorkItem | None:
    """Take automatic outcomes as long as they hold; returns where the run is then. `known`: facts just read."""
    for _ in range(LONGEST_CHAIN):
        if item is None:
            return None
        definition, stage = _place(item)
        if not stage.automatic:
            return item
        known = known or facts.gather(item, definition, stage, at)
        outcome = machine.automatic_outcome(definition, stage.id, known)
        if outcome is None:
            return item
        item, known = _take(item, Choice(outcome=outcome), by=system_user(), at=at, groups=None, edits={})
    raise RuntimeError(f"A run went through {LONGEST_CHAIN} automatic stages in a row.")


def _retag(case: Case, change: Change, *, at: datetime) -> None:
    case.tags = sorted((set(case.tags) | change.case.set) - change.case.remove)
    case.updated_at = at
    Case.objects.filter(pk=case.pk).update(tags=case.tags, updated_at=at)
    if change.customer != Tagging():
        Customer.objects.filter(pk=case.customer_id).update(tags=retagged(change.customer.set, change.customer.remove))
    for tagging in set(change.documents.values()):
        ids = [id for id, theirs in change.documents.items() if theirs == tagging]
        Document.objects.filter(pk__in=ids).update(tags=retagged(tagging.set, tagging.remove))


def _write(item: WorkItem, change: Change, definition: Workflow, *, by: User, at: datetime) -> None:
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


def _close_unless_going_on(case: Case, state: str, *, by: User, at: datetime) -> None:
    if Run.objects.filter(case=case, ended_at=None).exists():
        return
    case.closed_at, case.end_state = at, state
    case.save(update_fields=["closed_at", "end_state"])
    timeline.write(case, kind=TimelineEntry.Kind.CASE, text=f"Case closed: {state}.", by=by, at=at)


@effects.handles("start")
def _start_workflow(effect: Any, occasion: effects.Occasion) -> None:
    start(occasion.case, effect.workflow, by=occasion.by, at=occasion.at, started_from=occasion.item)
