"""Batches: something asked of many cases at once, done line by line with a result for each (CT-20, BEST-4).

Each line is a transaction of its own, so a batch that is interrupted goes on where it was, and no line is done twice.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import OperationalError
from django.db.models import Count, F, Q
from django.utils import timezone
from procrastinate.contrib.django import app
from psycopg.errors import LockNotAvailable

from moothall.core.accounts.models import User
from moothall.core.audit import recording
from moothall.domain.cases import leaving, many, numbers
from moothall.domain.cases.models import Batch, BatchLine, WorkItem
from moothall.domain.notifications import actions as notifications
from moothall.domain.notifications.models import Notification

TASK = "cases.work_through"
MOST = 5_000
KEPT = timedelta(days=90)
_AT_ONCE = 1_000  # lines written, and read, with one statement


class TooMany(Exception):
    """More cases than one batch takes. Its message may be shown to whoever asked."""


class LineTakesLong(Exception):
    """A batch cannot be stopped while the line being done takes so long. Its message may be shown to whoever asked."""


@dataclass(frozen=True)
class Standing:
    """How far a batch is."""

    lines: int
    done: int
    refused: int

    @property
    def waiting(self) -> int:
        """Lines nothing has come of yet."""
        return self.lines - self.done - self.refused


def begin(
    kind: Batch.Kind,
    lines: Iterable[BatchLine],
    *,
    key: UUID,
    by: User,
    at: datetime,
    asked: Mapping[str, Any] | None = None,
    about: User | None = None,
    undoes: Batch | None = None,
) -> Batch:
    """Write down what is asked and queue the job that does it. The same `key` again gives the batch there is.

    Raises TooMany.
    """
    with recording.because(action="batch.begun", by=by, at=at):
        batch, new = Batch.objects.get_or_create(
            key=key, defaults={"kind": kind, "asked": asked or {}, "about": about, "undoes": undoes, "by": by, "at": at}
        )
        if not new:
            return batch
        rows = list(lines)
        if len(rows) > MOST:
            raise TooMany(f"At most {MOST:,} cases can be done at once, and these are {len(rows):,}. Choose fewer.")
        for row in rows:
            row.batch = batch
        BatchLine.objects.bulk_create(rows, batch_size=_AT_ONCE)
        recording.record("batch.begun", batch, by=by, at=at, kind=str(kind), lines=len(rows))
        app.configure_task(TASK, lock=f"batch {batch.pk}").defer(batch_id=batch.pk)
    return batch


def work_through(batch_id: int) -> None:
    """Do every line of a batch that is not done yet, then end it. Taken up again, it goes on where it was."""
    batch = Batch.objects.select_related("by", "about").get(pk=batch_id)
    while waiting := list(batch.lines.waiting().order_by("id").values_list("pk", flat=True)[:_AT_ONCE]):
        for number in waiting:
            _one(batch, number, at=timezone.now())
    _finish(batch, at=timezone.now())


def stop(batch: Batch, *, by: User, at: datetime) -> None:
    """End a batch here: what is not done yet is left, and its line says so. Again changes nothing.

    Waits for the line that is being done at the moment. Raises LineTakesLong when that takes longer than a statement may
    wait for a lock; then nothing is stopped.
    """
    try:
        _stop(batch, by=by, at=at)
    except OperationalError as fault:
        if not isinstance(fault.__cause__, LockNotAvailable):
            raise
        raise LineTakesLong(
            "This could not be stopped: the case it is at takes long. Try again in a minute."
        ) from fault


def _stop(batch: Batch, *, by: User, at: datetime) -> None:
    with recording.because(action="batch.stopped", by=by, at=at):
        row = Batch.objects.select_for_update().get(pk=batch.pk)
        why = f"Stopped by {by.full_name} before it was done."
        left = row.lines.waiting().update(result=BatchLine.Result.REFUSED, sentence=why, at=at)
        if left:
            recording.record("batch.stopped", row, by=by, at=at, left=left)
        _finish(row, at=at)


def standing(batch: Batch) -> Standing:
    """How far a batch is, in one statement."""
    done = Count("id", filter=Q(result=BatchLine.Result.DONE))
    refused = Count("id", filter=Q(result=BatchLine.Result.REFUSED))
    found = batch.lines.aggregate(lines=Count("id"), done=done, refused=refused)
    return Standing(found["lines"], found["done"], found["refused"])


def forget(*, before: datetime) -> int:
    """Delete batches begun before, with their lines; how many."""
    old = Batch.objects.filter(at__lt=before)
    many = old.count()
    old.delete()
    return many


def _one(batch: Batch, number: int, *, at: datetime) -> None:
    try:
        with recording.because(action=f"batch.{batch.kind}", by=batch.by, at=at, reason=f"batch {batch.pk}"):
            line = _held(number)
            if line is None:
                return
            sentence = many.do(batch, line, at=at)
            _settle(line, BatchLine.Result.DONE, sentence, at=at)
    except many.not_done() as refusal:
        with recording.because(action=f"batch.{batch.kind}", by=batch.by, at=at, reason=f"batch {batch.pk}"):
            line = _held(number)
            if line is not None:
                numbers.note_refused(refusal, at=at)
                _settle(line, BatchLine.Result.REFUSED, str(refusal), at=at)


def _held(number: int) -> BatchLine | None:
    """A line nothing has come of yet, held until the transaction ends."""
    rows = BatchLine.objects.select_for_update(of=("self",)).waiting().select_related("to")
    return rows.filter(pk=number).first()


def _settle(line: BatchLine, result: BatchLine.Result, sentence: str, *, at: datetime) -> None:
    line.result, line.sentence, line.at = result, sentence, at
    if line.item_id is not None and result == BatchLine.Result.DONE:
        line.left = WorkItem.objects.values_list("version", flat=True).get(pk=line.item_id)
    line.save(update_fields=["result", "sentence", "at", "left"])


def _finish(batch: Batch, *, at: datetime) -> None:
    with recording.because(action="batch.finished", by=batch.by, at=at):
        row = Batch.objects.select_for_update(of=("self",)).select_related("by", "about").get(pk=batch.pk)
        if row.finished_at:
            return
        row.finished_at = at
        if row.kind == Batch.Kind.HAND_OVER:
            row.sentence = leaving.finish(row, at=at)
        row.save(update_fields=["finished_at", "sentence"])
        _tell(row, at=at)
        found = standing(row)
        recording.record("batch.finished", row, by=row.by, at=at, done=found.done, refused=found.refused)


def _tell(batch: Batch, *, at: datetime) -> None:
    """Tell each colleague how much they were given, of work and of things to do."""
    work = Q(item__assigned_to=F("to")) | Q(item=None, intention=None, case__owner=F("to"))
    _tell_of(batch, work, ("case to work on", "cases to work on"), page="work", cause=f"batch.{batch.pk}", at=at)
    to_do = Q(intention__user=F("to"), intention__ended_at=None)
    _tell_of(batch, to_do, ("thing to do", "things to do"), page="to_do", cause=f"batch.{batch.pk}.to_do", at=at)


def _tell_of(batch: Batch, given: Q, words: tuple[str, str], *, page: str, cause: str, at: datetime) -> None:
    lines = batch.lines.filter(given, result=BatchLine.Result.DONE).order_by()
    for number, count in lines.values_list("to").annotate(many=Count("id")):
        notifications.notify(
            [User.objects.get(pk=number)],
            kind=Notification.Kind.WORK,
            text=f"{batch.by.full_name} gave you {count} {words[count != 1]}.",
            page=page,
            cause=cause,
            at=at,
            by=batch.by,
        )
