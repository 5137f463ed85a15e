"""The clock of a work item: its stored inputs read, reckoned, paused, resumed and extended.

When its colour turns is noted with an open item, so that lists can be found and sorted by it. These moments are an index of
`reckon`, which alone says what is shown: they are noted wherever the inputs change, and by the job `cases.read_clocks`.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from functools import lru_cache
from importlib.metadata import version
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Prefetch, QuerySet
from django.db.models.functions import JSONObject

from moothall.core.accounts.models import User
from moothall.core.audit import recording
from moothall.core.council import settings as council
from moothall.domain.cases import timeline
from moothall.domain.cases.locking import lock
from moothall.domain.cases.models import Extension, Pause, TimelineEntry, WorkItem, WorkItemQuerySet
from moothall.domain.workflow import clock, published
from moothall.domain.workflow.clock import ClockInputs, Reckoning, Span
from moothall.domain.workflow.parts import Target
from moothall.kit.calendars import Calendar

RULES = 1
"""The version of the clock's rules: raised when they change, so that all that is noted is worked out anew."""

_HOLIDAYS = version("holidays")
TURNS = ("amber_from", "red_from", "late_after", "turns_by")
"""The fields of a work item that say when its colour turns, and what they were worked out by."""


_DONE: dict[str, Any] = {"pauses": Pause, "extensions": Extension}
_ORDER = {Pause: ("began_at", "id"), Extension: ("at", "id")}


class ClockRefused(Exception):
    """Its message may be shown to whoever asked."""


def with_clock(items: WorkItemQuerySet) -> WorkItemQuerySet:
    """`items` with what `reckon` reads, in a fixed number of statements."""
    return items.select_related("stage").prefetch_related(_done("pauses"), _done("extensions"))


def read(items: WorkItemQuerySet) -> list[WorkItem]:
    """The same for lists, in the one statement that reads the items."""
    return done(with_done(items))


def with_done(items: WorkItemQuerySet) -> WorkItemQuerySet:
    """`items` with what `done` makes of each what `reckon` reads, besides its stage."""
    return items.annotate(**{f"done_{name}": _together(done) for name, done in _DONE.items()})


def done(items: Iterable[WorkItem]) -> list[WorkItem]:
    """Items read by `with_done`, ready for `reckon`."""
    rows = list(items)
    nothing = {name: _kept(done, []) for name, done in _DONE.items()}
    for row in rows:
        row._prefetched_objects_cache = {  # type: ignore[attr-defined]
            name: _kept(done, [_made(done, row, one) for one in told])
            if (told := getattr(row, f"done_{name}"))
            else nothing[name]
            for name, done in _DONE.items()
        }
    return rows


def _kept(done: type[Any], rows: list[Any]) -> "QuerySet[Any, Any]":
    """Rows that are read already, as a query set."""
    known = done.objects.none()
    known._result_cache = rows
    return known  # type: ignore[no-any-return]


def _together(done: type[Pause] | type[Extension]) -> ArraySubquery:
    fields = JSONObject(**{field.attname: field.attname for field in done._meta.concrete_fields})
    return ArraySubquery(done.objects.filter(item=OuterRef("pk")).order_by(*_ORDER[done]).values(as_json=fields))


def _made(done: type[Any], item: WorkItem, values: dict[str, Any]) -> Any:
    fields = done._meta.concrete_fields
    row = done(**{one.attname: one.to_python(values[one.attname]) for one in fields})
    row.item = item
    return row


def _done(name: str) -> "Prefetch[Any, Any, Any]":
    """What was done to a clock, in the order in which it was."""
    return Prefetch(name, _DONE[name].objects.order_by(*_ORDER[_DONE[name]]))


def inputs(item: WorkItem) -> ClockInputs | None:
    """What is stored about the clock of `item`; None when its stage has no target."""
    target = published.workflow(item.stage.version_id).stage(item.stage.key).target
    if target is None:
        return None
    read = getattr(item, "_prefetched_objects_cache", {})
    pauses, extensions = (read[name] if name in read else getattr(item, name).all() for name in _DONE)
    if not pauses and not extensions:
        return _plain(target, item.entered_at.astimezone(UTC), calendar())
    return ClockInputs(
        start=item.entered_at,
        target=target,
        calendar=calendar(),
        pauses=tuple(_pauses(pauses, item.finished_at)),
        extensions=tuple(
            clock.Extension(amount=row.amount, unit=target.unit, reason=row.reason, granted_at=row.at)
            for row in extensions
        ),
        extension_limit=_as_long(target),
    )


@lru_cache(maxsize=16384)
def _plain(target: Target, start: datetime, calendar: Calendar) -> ClockInputs:
    """A clock that was neither stopped nor given more time; most are, and lists show the same ones again and again."""
    return ClockInputs(start=start, target=target, calendar=calendar, extension_limit=_as_long(target))


@lru_cache(maxsize=1024)
def _as_long(target: Target) -> Span:
    """What extensions may come to: at most as long again."""
    return Span(amount=target.amount, unit=target.unit)


def fresh(item: WorkItem) -> ClockInputs | None:
    """The same of an item that is not stored yet, so that nobody can have paused or extended it."""
    target = published.workflow(item.stage.version_id).stage(item.stage.key).target
    return ClockInputs(start=item.entered_at, target=target, calendar=calendar()) if target else None


def reckon(item: WorkItem, now: datetime) -> Reckoning | None:
    """When `item` is due and how that was reached, at `now` or when it was finished."""
    stored = inputs(item)
    return clock.reckon(stored, item.finished_at or now) if stored else None


def turns_by() -> str:
    """What turns are worked out by: the rules, the council's nation, and the bank holidays as they are known."""
    return f"{RULES} {calendar().nation} {_HOLIDAYS}"


def note(item: WorkItem, *, at: datetime, stored: bool = True) -> None:
    """Put on an item, unsaved, when its colour turns."""
    known = inputs(item) if stored else fresh(item)
    item.turns_by = turns_by()
    item.amber_from = item.red_from = item.late_after = None
    if known:
        found = clock.turns(known, at)
        item.amber_from, item.red_from, item.late_after = found.amber, found.red, found.late


def note_turns(items: Iterable[int], *, at: datetime) -> int:
    """Write when the colours of those of these items turn that are open; how many there were."""
    rows = list(with_clock(WorkItem.objects.open().filter(pk__in=list(items))))
    for row in rows:
        note(row, at=at)
    WorkItem.objects.bulk_update(rows, TURNS)
    return len(rows)


def calendar() -> Calendar:
    """The working days of the council."""
    return _of_nation(council.read(council.Council).nation)


_of_nation = lru_cache(maxsize=8)(Calendar)


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
    item.version += 1
    note(item, at=at)
    item.save(update_fields=["version", *TURNS])
    timeline.write(item.case, kind=TimelineEntry.Kind.WORKFLOW, text=text, by=by, at=at, stage_row=item.stage_id)
    recording.record(action, item, by=by, at=at)
