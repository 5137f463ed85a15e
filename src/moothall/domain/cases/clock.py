"""The clock of a work item: its stored inputs read, reckoned, paused, resumed and extended."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Prefetch

from moothall.core.accounts.models import User
from moothall.core.audit import recording
from moothall.core.council import settings as council
from moothall.domain.cases import timeline
from moothall.domain.cases.locking import lock
from moothall.domain.cases.models import Extension, Pause, TimelineEntry, WorkItem, WorkItemQuerySet
from moothall.domain.workflow import clock, published
from moothall.domain.workflow.clock import ClockInputs, Reckoning, Span
from moothall.kit.calendars import Calendar


class ClockRefused(Exception):
    """Its message may be shown to whoever asked."""


def with_clock(items: WorkItemQuerySet) -> WorkItemQuerySet:
    """`items` with what `reckon` reads, in a fixed number of statements."""
    return items.select_related("stage").prefetch_related(
        Prefetch("pauses", Pause.objects.order_by("began_at", "id")),
        Prefetch("extensions", Extension.objects.order_by("at", "id")),
    )


def inputs(item: WorkItem) -> ClockInputs | None:
    """What is stored about the clock of `item`; None when its stage has no target."""
    target = published.workflow(item.stage.version_id).stage(item.stage.key).target
    if target is None:
        return None
    return ClockInputs(
        start=item.entered_at,
        target=target,
        calendar=calendar(),
        pauses=tuple(_pauses(item.pauses.all(), item.finished_at)),
        extensions=tuple(
            clock.Extension(amount=row.amount, unit=target.unit, reason=row.reason, granted_at=row.at)
            for row in item.extensions.all()
        ),
        extension_limit=Span(amount=target.amount, unit=target.unit),  # at most as long again
    )


def reckon(item: WorkItem, now: datetime) -> Reckoning | None:
    """When `item` is due and how that was reached, at `now` or when it was finished."""
    stored = inputs(item)
    return clock.reckon(stored, item.finished_at or now) if stored else None


def calendar() -> Calendar:
    """The working days of the council."""
    return Calendar(nation=council.read(council.Council).nation)


def pause(
    item: WorkItem, *, category: str, reason: str, by: User, at: datetime, policy: str = Pause.Policy.CONTINUE
) -> Pause:
    """Stop the clock of `item`. A pause may lie within another; the time counts once."""
    with recording.because(action="clock.paused", by=by, at=at, reason=reason):
        item = _locked(item)
        row = item.pauses.create(began_at=at, category=category, reason=reason, policy=policy, by=by)
        _changed(item, action="clock.paused", text=f"Clock paused at {item.stage.name}: {reason}.", by=by, at=at)
        return row


def resume(row: Pause, *, by: User, at: datetime) -> None:
    """End a pause."""
    with recording.because(action="clock.resumed", by=by, at=at):
        item = _locked(row.item)
        if not Pause.objects.filter(pk=row.pk, ended_at=None).update(ended_at=at):
            raise ClockRefused("This pause has already ended.")
        _changed(item, action="clock.resumed", text=f"Clock resumed at {item.stage.name}.", by=by, at=at)


def extend(item: WorkItem, *, amount: int, reason: str, by: User, at: datetime) -> Extension:
    """Give `item` more time, in the unit of its target and within the limit."""
    with recording.because(action="clock.extended", by=by, at=at, reason=reason):
        item = _locked(item)
        stored = inputs(item)
        if stored is None:
            raise ClockRefused(f"{item.stage.name} has no target to extend.")
        try:
            span = Span(amount=amount, unit=stored.target.unit)
            clock.grant_extension(stored, span=span, reason=reason, at=at)
        except (clock.ExtensionRefused, ValueError) as refusal:
            raise ClockRefused(str(refusal)) from refusal
        row = item.extensions.create(amount=amount, reason=reason, by=by, at=at)
        _changed(item, action="clock.extended", text=f"{item.stage.name} extended by {span}: {reason}.", by=by, at=at)
        return row


def _pauses(rows: Iterable[Pause], finished_at: datetime | None) -> Iterable[clock.Pause]:
    for row in rows:
        yield clock.Pause(
            begin=row.began_at,
            end=row.ended_at or finished_at,
            category=row.category,
            reason=row.reason,
            policy="start_again" if row.policy == Pause.Policy.START_AGAIN else "continue",
        )


def _locked(item: WorkItem) -> WorkItem:
    """`item` as it is now, its case locked. Raises ClockRefused when it is finished."""
    lock(item.case)
    item = WorkItem.objects.select_related("stage", "case").get(pk=item.pk)
    if item.finished_at:
        raise ClockRefused(f"{item.stage.name} is finished, so its clock no longer runs.")
    return item


def _changed(item: WorkItem, *, action: str, text: str, by: User, at: datetime) -> None:
    WorkItem.objects.filter(pk=item.pk).update(version=item.version + 1)
    timeline.write(item.case, kind=TimelineEntry.Kind.WORKFLOW, text=text, by=by, at=at, stage_row=item.stage_id)
    recording.record(action, item, by=by, at=at)
