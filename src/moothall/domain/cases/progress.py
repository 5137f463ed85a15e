"""Workflows going: start one, choose an outcome, let automatic stages move on.

The case row is the lock for everything on the case: whoever holds it acts, others wait and then see what was done.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from moothall.core import rows
from moothall.core.accounts.actions import system_user
from moothall.core.accounts.models import User
from moothall.core.audit import recording
from moothall.domain.cases import (
    agenda,
    clock,
    effects,
    facts,
    intending,
    intending_closed,
    proposals,
    quality,
    stuck,
    timeline,
    waking,
    writing,
)
from moothall.domain.cases.agenda import Agenda, Look
from moothall.domain.cases.deciding import NotAllowed, decided, drawn_for_second, place
from moothall.domain.cases.locking import hold_item, hold_to_choose, lock, waiting_for
from moothall.domain.cases.models import Case, Proposal, Run, TimelineEntry, WorkItem
from moothall.domain.cases.proposals import AlreadyProposed
from moothall.domain.cases.sampling import Draw
from moothall.domain.cases.writing import AlreadyProgressed
from moothall.domain.catalogue import catalogue
from moothall.domain.workflow import machine, permits, published
from moothall.domain.workflow.definition import Stage, Workflow
from moothall.domain.workflow.facts import Facts
from moothall.domain.workflow.machine import Change, Choice, Permitted, Refused
from moothall.kit.calendars import midnight
from moothall.kit.expressions import ExpressionFault

_ACTED_ON = ["tags", "closed_at", "end_state"]
LONGEST_CHAIN = 20  # automatic stages in a row; more means a loop the checks could not see

__all__ = [
    "AlreadyGoing",
    "AlreadyProgressed",
    "AlreadyProposed",
    "Chosen",
    "NotAllowed",
    "Refused",
    "choose",
    "happened",
    "permitted",
    "start",
]


class AlreadyGoing(Exception):
    """A workflow goes on a case once at a time. Its message may be shown to whoever asked."""


@dataclass(frozen=True)
class Chosen:
    """What choosing an outcome came to: the finished item and where the run is now (None: it ended).

    With a `proposal` it came to nothing yet: the item is open, and waits for a second officer.
    """

    item: WorkItem
    now_at: WorkItem | None
    proposal: Proposal | None = None


@dataclass(frozen=True)
class _Step:
    """An automatic outcome about to be taken."""

    item: WorkItem
    stage: Stage
    outcome: str
    sleeps: bool  # when it cannot be taken, the item waits for its next day anew


class NoEnd(Exception):
    """Automatic stages go round in circles. Its message may be shown to whoever asked."""


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
        if by_hand:
            _check_may_start(case, definition, version_id, by)
        run = rows.insert(
            Run(case=case, version_id=version_id, started_at=at, started_by=by, started_from=started_from)
        )
        if case.closed_at:
            case.closed_at, case.end_state = None, ""
            case.save(update_fields=["closed_at", "end_state"])
            intending_closed.open_again(case, by=by, at=at)
        timeline.write(case, kind=TimelineEntry.Kind.WORKFLOW, text=f"{definition.name} started.", by=by, at=at)
        recording.record("workflow.started", run, by=by, at=at, workflow=definition.key, case=case.pk)
        item, known = _entering(run, definition, definition.stage(definition.start), case=case, at=at)
        rows.insert(item)
        intending.on_entry(item, definition.stage(definition.start), case=case, by=by, at=at)
        with _going_on(at) as noted:
            noted.look(item, known=known, as_read=not noted.looks and not noted.happenings)
        return run


def _check_may_start(case: Case, definition: Workflow, version_id: int, by: User) -> None:
    if not permits.may(definition, by.group_keys, "start"):
        raise NotAllowed(f"You may not start “{definition.name}”.")
    if Run.objects.filter(case=case, version__workflow__versions=version_id, ended_at=None).exists():
        raise AlreadyGoing(f"“{definition.name}” is going on this case already.")


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
    """Choose `outcome` of a work item, with its answers and note, once; or propose it, where a second officer confirms.

    `version` is the item's version as the chooser saw it. Raises AlreadyProgressed, AlreadyProposed, NotAllowed,
    Refused (with every reason at once). Choosing the same outcome of the same item again raises AlreadyProgressed and
    changes nothing.
    """
    if isinstance(item, int):
        item = WorkItem.objects.only("stage_id").get(pk=item)
    with recording.because(action="work_item.progressed", by=by, at=at):
        item = hold_to_choose(item.pk, item.stage_id, outcome)
        writing.refuse_stale(item, version)
        proposals.refuse_waiting(item)
        choice = Choice(outcome=outcome, answers=dict(answers or {}), note=note)
        change = decided(item, choice, at=at, groups=by.group_keys, edits=edits or {})
        drawn = drawn_for_second(item, change)
        if change.second_officer is None or (drawn and not drawn.taken):
            return carry_out(item, change, by=by, at=at, edits=edits or {}, drawn=drawn)
        with transaction.atomic():  # what its effects refuse is heard now, by who can mend it
            carry_out(item, change, by=by, at=at, edits=edits or {})
            drafts = proposals.drafts(item, at=at)
            transaction.set_rollback(True)
        item = hold_item(item.pk)
        kept = proposals.keep(item, change, edits=edits or {}, drafts=drafts, drawn=drawn, by=by, at=at)
        return Chosen(item, item, kept)


def choose_by_rule(item: WorkItem, outcome: str, *, at: datetime) -> Chosen:
    """Choose an outcome as the product itself, because an answered or overdue request says so."""
    by = system_user()
    with recording.because(action="work_item.progressed", by=by, at=at):
        item = hold_item(item.pk)
        writing.refuse_stale(item, None)
        return carry_out(item, decided(item, Choice(outcome=outcome), at=at), by=by, at=at, edits={})


def settle(item: WorkItem, *, at: datetime) -> None:
    """After an open item came to another version (its case locked): wait for the right events, go on if it can."""
    definition, stage = place(item)
    item.wakes_on = sorted(machine.depends_on(definition, stage.id))
    item.save(update_fields=["wakes_on"])
    look(item, at=at)


def permitted(item: WorkItem, *, by: User, at: datetime) -> list[Permitted]:
    """The outcomes `by` may choose now, each with what still stands in its way."""
    definition, stage = place(item)
    known = facts.gather(item, definition, stage, at)
    return machine.permitted_outcomes(definition, stage.id, groups=by.group_keys, facts=known)


def happened(case: Case, *, event: str, at: datetime) -> None:
    """Let automatic stages of `case` that wait for `event` move on.

    Called by whatever changed the case (tag, payment, document, reply, request), in its transaction and with the case
    locked before the change: else a stage entered meanwhile would not see it.
    """
    with _going_on(at) as noted:
        noted.happened(case, {event})


def look(item: WorkItem, *, at: datetime) -> None:
    """Let an open item, its case locked, go on by itself if it can; else it waits for its next day anew."""
    with _going_on(at) as noted:
        noted.look(item, as_read=True, sleeps=True)


def carry_out(
    item: WorkItem,
    change: Change,
    *,
    by: User,
    at: datetime,
    edits: Mapping[str, Any],
    confirmed_by: User | None = None,
    drawn: Draw | None = None,
) -> Chosen:
    """Finish `item`, whose case is held, by `change`, whoever else it may need; then let what can go on by itself do so."""
    with _going_on(at) as noted:
        now_at = _take(item, change, noted, by=by, at=at, edits=edits, confirmed_by=confirmed_by, drawn=drawn)
    return Chosen(item, _open_item(item.run, item.case) if noted.steps else now_at)


def _take(
    item: WorkItem,
    change: Change,
    noted: Agenda,
    *,
    by: User,
    at: datetime,
    edits: Mapping[str, Any],
    confirmed_by: User | None = None,
    drawn: Draw | None = None,
) -> WorkItem | None:
    """Finish `item` by `change`; returns where the run is now."""
    definition, _stage = place(item)
    case = item.case

    if confirmed_by is None:
        proposals.overtake(item, by=by, at=at)
    writing.end_requests(item, change.outcome.id, by=by, at=at)
    writing.bring_about(case, item.run, change, at=at)
    now_at: WorkItem | None = None
    fresh: Facts | None = None
    if change.to:
        now_at, fresh = _entering(item.run, definition, definition.stage(change.to), case=case, at=at)
    writing.progress(item, change, now_at, by=by, at=at)
    writing.write(item, change, definition, by=by, at=at, confirmed_by=confirmed_by)
    sample = quality.take_sample(item, change, by=by, at=at) if by.kind == User.Kind.PERSON else None
    draws = [one.told() for one in (drawn, sample) if one]
    about: dict[str, Any] = {"confirmed_by": confirmed_by.pk} if confirmed_by else {}
    about |= {"draws": draws} if draws else {}
    recording.record("work_item.progressed", item, by=by, at=at, outcome=change.outcome.id, case=case.pk, **about)
    if now_at and change.to:
        intending.on_entry(now_at, definition.stage(change.to), case=case, by=by, at=at)
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
        case.refresh_from_db(fields=_ACTED_ON)  # effects act on the case too
        now_at = _open_item(item.run, case) if now_at else None  # and a hook may have moved it on
    alone = item.alone and not change.effects
    events = writing.changed(change)
    if now_at:
        now_at.alone = alone
        noted.look(now_at, known=fresh, as_read=alone)
    if not alone:
        noted.happened(case, events, but=item.run)
    if waking.EVENT in events:
        waking.other_cases(case)
    if change.end:
        writing.close_unless_going_on(case, change.end, last=item, by=by, at=at)
    return now_at


def _open_item(run: Run, case: Case) -> WorkItem | None:
    item = WorkItem.objects.open().filter(run=run).first()
    if item:
        item.run, item.case, item.stage = run, case, published.stage_by_row(item.stage_id)
    return item


def _entering(
    run: Run, definition: Workflow, stage: Stage, *, case: Case, at: datetime
) -> tuple[WorkItem, Facts | None]:
    """A new item at `stage`, not saved yet, with the facts read to see when it should wake if it is automatic."""
    item = WorkItem(run=run, case=case, stage=published.stage_row(run.version_id, stage.id), entered_at=at)
    item.asks = False
    clock.note(item, at=at, stored=False)
    known = None
    if stage.automatic:
        known = facts.gather(item, definition, stage, at)
        item.wakes_on = sorted(machine.depends_on(definition, stage.id))
        item.wakes_at = _next_day(definition, stage, known)
    return item, known


def _next_day(definition: Workflow, stage: Stage, known: Facts) -> datetime | None:
    """The start of the next day on which time alone may fulfil an automatic stage."""
    try:
        day = machine.due_moment(definition, stage.id, known)
    except ExpressionFault:
        day = known.today + timedelta(days=1)  # what is wrong with the condition is noted when it is asked
    return midnight(day) if day else None


def _sleep(item: WorkItem, *, at: datetime) -> None:
    """Wait for the next day on which time alone may let the stage move on."""
    definition, stage = place(item)
    item.wakes_at = _next_day(definition, stage, facts.gather(item, definition, stage, at)) if stage.automatic else None
    item.save(update_fields=["wakes_on", "wakes_at"])


@contextmanager
def _going_on(at: datetime) -> Iterator[Agenda]:
    """The agenda of the action that goes on; at the end of the outermost, what can go on by itself does."""
    with agenda.opened(lambda noted: _work_off(noted, at=at)) as going:
        yield going


def _work_off(noted: Agenda, *, at: datetime) -> None:
    """Take automatic outcomes as long as there are any.

    One that cannot be taken undoes nothing before it: the case waits there, with an important note. When there is no
    end of them, all are undone, and the note is on the case where they began.
    """
    while first := _next_step(noted, at=at):
        with _tried(first, noted, at=at):
            _step(first, noted, at=at)
            for _ in range(LONGEST_CHAIN - 1):
                if (step := _next_step(noted, at=at)) is None:
                    return
                with _tried(step, noted, at=at):
                    _step(step, noted, at=at)
            if _next_step(noted, at=at):
                raise NoEnd(f"{LONGEST_CHAIN} automatic stages followed one another without an end: none was taken.")


@contextmanager
def _tried(step: _Step, noted: Agenda, *, at: datetime) -> Iterator[None]:
    """Undo what fails inside; its item stays where it was, and is not asked again before its next day."""
    went = False
    with stuck.told(step.item.case, step.stage.name, at=at), noted.undone_on_failure():
        yield
        went = True
    if not went and step.sleeps:
        _sleep(hold_item(step.item.pk), at=at)


def _next_step(noted: Agenda, *, at: datetime) -> _Step | None:
    """The next automatic outcome that holds; items that stay where they are wait on."""
    while noted.looks or noted.happenings:
        if not noted.looks:
            then = noted.happenings.pop(0)
            waiting = waiting_for(then.case, then.events, but=then.but)
            noted.looks = [Look(item.pk, sleeps="date" in item.wakes_on) for item in waiting]
            continue
        look = noted.looks.pop(0)
        item = look.item or hold_item(look.pk)
        definition, stage = place(item)
        if item.finished_at is None and stage.automatic:
            known = look.known or facts.gather(item, definition, stage, at)
            if outcome := _automatic_outcome(item, definition, stage, known, at=at):
                return _Step(item, stage, outcome, look.sleeps)
        if item.finished_at is None and look.sleeps:
            _sleep(item, at=at)
    return None


def _step(step: _Step, noted: Agenda, *, at: datetime) -> None:
    noted.steps += 1
    change = decided(step.item, Choice(outcome=step.outcome), at=at)
    _take(step.item, change, noted, by=system_user(), at=at, edits={})


def _automatic_outcome(item: WorkItem, definition: Workflow, stage: Stage, known: Facts, *, at: datetime) -> str | None:
    try:
        return machine.automatic_outcome(definition, stage.id, known)
    except ExpressionFault as fault:
        stuck.note(item.case, stage.name, fault, at=at)
        return None


@effects.handles("start")
def _start_workflow(effect: Any, occasion: effects.Occasion) -> None:
    start(occasion.case, effect.workflow, by=occasion.by, at=occasion.at, started_from=occasion.item)
