"""Moving running cases from one version of a workflow to another, and back (BEST-9).

A batch is planned, shown, and then carried out run by run, each in its own transaction with a result of its own; it
can be stopped and taken up again. What is compared and what is safe is decided by `workflow.compare`.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from uuid import UUID

from moothall.core.accounts.models import User
from moothall.core.audit import recording
from moothall.domain.cases import clock, progress, timeline
from moothall.domain.cases.locking import lock_rows
from moothall.domain.cases.models import Case, Move, Request, Run, TimelineEntry, WorkItem
from moothall.domain.workflow import compare, published
from moothall.domain.workflow.compare import NeedsMapping, Position, Safe, Safety
from moothall.domain.workflow.models import Stage, WorkflowVersion


@dataclass(frozen=True)
class Prospect:
    """A running case and whether it may move."""

    run: Run
    item: WorkItem
    safety: Safety


class MoveRefused(Exception):
    """Its message may be shown to whoever asked."""


def prospects(old: WorkflowVersion, new: WorkflowVersion, mapping: Mapping[str, str]) -> Iterator[Prospect]:
    """Every run going on `old`, oldest first, with safe / needs mapping / forbidden. Memory is bounded."""
    runs = Run.objects.filter(version=old, ended_at=None).select_related("case").order_by("pk")
    for some in _chunks(runs.iterator(chunk_size=500), 500):
        yield from judged(some, new, mapping)


def judged(runs: Sequence[Run], new: WorkflowVersion, mapping: Mapping[str, str]) -> list[Prospect]:
    """Whether each of these runs may move to `new`, in a few statements however many they are."""
    items = {item.run_id: item for item in WorkItem.objects.open().filter(run__in=runs).select_related("stage")}
    awaited: dict[int, set[str]] = {}
    asking = Request.objects.filter(item__in=items.values(), state=Request.State.OPEN)
    for item_id, then in asking.values_list("item", "settings__then"):
        awaited.setdefault(item_id, set()).update(then.values())
    return [
        Prospect(run, item, _position_safety(run, item, new, mapping, awaited.get(item.pk, set())))
        for run in runs
        if (item := items.get(run.pk))
    ]


def move(run_id: int, new: WorkflowVersion, *, batch: UUID, mapping: Mapping[str, str], by: User, at: datetime) -> Move:
    """Move one run to `new`, or say why not; the same batch and run again gives the result there is."""
    with recording.because(action="run.moved", by=by, at=at):
        case = lock_rows().get(runs=run_id)
        if done := Move.objects.filter(batch=batch, run=run_id).first():
            return done
        run = Run.objects.select_related("version").get(pk=run_id)
        item = WorkItem.objects.select_related("stage").filter(run=run).order_by("-pk")[0]
        safety = _safety(run, item, new, mapping)
        if not isinstance(safety, Safe):
            return _refused(batch, run, item, safety, by=by, at=at)
        to_stage = Stage.objects.get(version=new, key=safety.stage)
        return _settle(case, run, item, to_stage, batch=batch, result=Move.Result.MOVED, by=by, at=at)


def move_back(earlier: Move, *, batch: UUID, by: User, at: datetime) -> Move:
    """Put a moved run back at the stage and version it came from. Raises MoveRefused when it has since gone on."""
    if earlier.result != Move.Result.MOVED or earlier.to_stage is None:
        raise MoveRefused("This case was not moved, so it cannot be moved back.")
    with recording.because(action="run.moved_back", by=by, at=at):
        case = lock_rows().get(runs=earlier.run_id)
        if done := Move.objects.filter(batch=batch, run=earlier.run_id).first():
            return done
        run = Run.objects.select_related("version").get(pk=earlier.run_id)
        item = WorkItem.objects.open().select_related("stage").filter(run=run).first()
        if item is None or item.stage_id != earlier.to_stage_id or item.moved_by_id != earlier.pk:
            raise MoveRefused(f"{case.reference} has gone on since it was moved, so it stays where it is.")
        return _settle(case, run, item, earlier.from_stage, batch=batch, result=Move.Result.MOVED_BACK, by=by, at=at)


def try_back(earlier: Move, *, batch: UUID, by: User, at: datetime) -> Move:
    """As `move_back`; a case that has gone on stays where it is, and the result says so."""
    try:
        return move_back(earlier, batch=batch, by=by, at=at)
    except MoveRefused as refused:
        facts = {"from_stage": earlier.to_stage or earlier.from_stage, "result": Move.Result.REFUSED}
        kept = {**facts, "sentence": str(refused), "by": by, "at": at}
        with recording.because(action="run.moved_back", by=by, at=at):
            return Move.objects.get_or_create(batch=batch, run_id=earlier.run_id, defaults=kept)[0]


def _chunks(runs: Iterable[Run], size: int) -> Iterator[list[Run]]:
    rest = iter(runs)
    while some := list(islice(rest, size)):
        yield some


def _safety(run: Run, item: WorkItem, new: WorkflowVersion, mapping: Mapping[str, str]) -> Safety:
    rows = Request.objects.filter(item=item, state=Request.State.OPEN).values_list("settings__then", flat=True)
    return _position_safety(run, item, new, mapping, {outcome for then in rows for outcome in then.values()})


def _position_safety(
    run: Run, item: WorkItem, new: WorkflowVersion, mapping: Mapping[str, str], awaited: Collection[str]
) -> Safety:
    old_definition, new_definition = published.workflow(run.version_id), published.workflow(new.pk)
    position = Position(
        stage=item.stage.key,
        answered=frozenset(run.answers),
        awaited=frozenset(awaited),
        finished=run.ended_at is not None,
    )
    return compare.position_safety(old_definition, new_definition, position, mapping)


def _refused(batch: UUID, run: Run, item: WorkItem, safety: Safety, *, by: User, at: datetime) -> Move:
    assert not isinstance(safety, Safe)
    sentence = safety.reason
    if isinstance(safety, NeedsMapping) and safety.candidates:
        sentence += f" It could go to: {', '.join(safety.candidates)}."
    return Move.objects.create(
        batch=batch, run=run, from_stage=item.stage, result=Move.Result.REFUSED, sentence=sentence, by=by, at=at
    )


def _settle(
    case: Case, run: Run, item: WorkItem, to_stage: Stage, *, batch: UUID, result: Move.Result, by: User, at: datetime
) -> Move:
    """Write the run at `to_stage`. Its clock keeps its start; the new stage's target and groups hold from now on."""
    from_stage = item.stage
    numbers = [run.version.number, to_stage.version.number]
    sentence = f"Moved from version {numbers[0]} ({from_stage.name}) to version {numbers[1]} ({to_stage.name})."
    row = Move.objects.create(
        batch=batch, run=run, from_stage=from_stage, to_stage=to_stage, result=result, sentence=sentence, by=by, at=at
    )
    run.version = to_stage.version
    run.save(update_fields=["version"])
    item.stage, item.version, item.moved_by = to_stage, item.version + 1, row
    clock.note(item, at=at)
    item.save(update_fields=["stage", "version", "moved_by", *clock.TURNS])
    about = {"batch": str(batch), "stage_row": from_stage.pk, "to_stage_row": to_stage.pk}
    timeline.write(case, kind=TimelineEntry.Kind.WORKFLOW, text=sentence, by=by, at=at, **about)
    recording.record("run.moved", run, by=by, at=at, batch=str(batch), case=case.pk)
    item.case, item.run = case, run
    progress.settle(item, at=at)
    return row
