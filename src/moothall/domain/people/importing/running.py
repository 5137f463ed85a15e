"""An import from its file to its end: given, read, tried, started, cancelled, and taken up where something stopped it.

Each step deals with some rows in one transaction, in which it also writes how far it is: killed at any moment, it goes on
after the last row that was dealt with, and no row is dealt with twice.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from itertools import islice
from typing import Any

from django.core.files.storage import default_storage
from django.db import OperationalError, connection, transaction
from django.utils import timezone
from procrastinate.contrib.django import app

from moothall.core import locks
from moothall.core.accounts.models import User
from moothall.core.audit import recording
from moothall.domain.people.golden import changes
from moothall.domain.people.importing import carried, chunks, files
from moothall.domain.people.importing import columns as kept_columns
from moothall.domain.people.importing import options as choosing
from moothall.domain.people.importing.files import Looked, Shape
from moothall.domain.people.importing.refusal import ImportRefused, Stopped
from moothall.domain.people.models import Import, ImportKey, ImportRow
from moothall.kit import text

TASK = "people.import"
State = Import.State
GOING_ON = (State.READING, State.CHECKING, State.IMPORTING, State.UNDOING)
CAN_BE_SET_UP = (State.GIVEN, State.CHECKED)
ROWS_AT_ONCE = 5_000  # read
UNDONE_WITHIN = changes.KEPT - timedelta(days=1)
"""After so long it is not known any more whom somebody changed since."""
TRIES, PAUSE = 5, 0.2  # of a chunk that met a lock
Tell = Callable[[Import], None]
_COPY = "COPY people_importrow (importing_id, number, cells, outcome, field, says, changed, customer, uprn) FROM STDIN"


def begin(path: str, *, name: str, stored: bool = False, by: User, at: datetime) -> tuple[Import, Looked]:
    """Look at a file and write it down, with the columns its headings propose. Raises ImportRefused."""
    looked = files.look(path, stored=stored)
    proposed, chosen = kept_columns.propose(looked)
    made = Import(
        name=text.salvage(name)[-200:],
        path=path,
        stored=stored,
        digest=looked.digest,
        shape=looked.shape.kept(),
        headings=looked.headings,
        columns=proposed,
        options=chosen.model_dump(),
        begun_at=at,
        phase_at=at,
        told_at=at,
        by=by,
    )
    with recording.because(action="import.given", by=by, at=at):
        made.save()
        recording.record("import.given", made, by=by, at=at, kind=looked.shape.kind, columns=len(looked.headings))
    return made, looked


def set_up(
    importing: Import,
    *,
    columns: Mapping[str, str],
    options: Mapping[str, Any],
    by: User,
    at: datetime,
    later: bool = True,
) -> Import:
    """Say what the columns are and have every row tried. Nothing is made yet. Raises ImportRefused."""
    chosen = choosing.of(options)
    choosing.check(columns, importing.headings, chosen)
    with recording.because(action="import.set_up", by=by, at=at):
        row = _locked(importing)
        if row.state not in CAN_BE_SET_UP:
            raise ImportRefused("This import is not waiting for its columns any more.")
        ImportKey.objects.filter(importing=row).delete()
        row.columns, row.options = dict(columns), chosen.model_dump()
        row.state = State.CHECKING if row.state == State.CHECKED else State.READING
        _begin_phase(row, at)
        recording.record("import.set_up", row, by=by, at=at, fields=sorted(columns.values()), **chosen.model_dump())
        if later:
            queue(row)
    return row


def start(importing: Import, *, by: User, at: datetime, later: bool = True) -> Import:
    """Bring in what was tried. Raises ImportRefused."""
    with recording.because(action="import.started", by=by, at=at):
        row = _locked(importing)
        if row.state != State.CHECKED:
            raise ImportRefused("Only an import that was tried can be started, and only once.")
        row.state, row.started_at, row.by = State.IMPORTING, at, by
        _begin_phase(row, at)
        recording.record("import.started", row, by=by, at=at, rows=row.rows_read)
        if later:
            queue(row)
    return row


def undo(importing: Import, *, by: User, at: datetime, later: bool = True) -> Import:
    """Remove what it carried over, and the customers it made that nothing refers to and nobody changed since.

    Raises ImportRefused.
    """
    with recording.because(action="import.undone", by=by, at=at):
        row = _locked(importing)
        if not can_be_undone(row, at=at):
            raise ImportRefused("There is nothing of this import that could be undone, or it is too long ago.")
        row.state, row.by = State.UNDOING, by
        made = dict(row.counts)
        _begin_phase(row, at)
        row.counts = made
        row.save()
        recording.record("import.undone", row, by=by, at=at)
        if later:
            queue(row)
    return row


def can_be_undone(importing: Import, *, at: datetime) -> bool:
    """Whether it made somebody or carried something over that could be removed again, while it is known who changed it since."""
    if importing.state not in (State.DONE, State.CANCELLED) or importing.started_at is None:
        return False
    if at - importing.started_at > UNDONE_WITHIN:
        return False
    return bool(importing.counts.get(ImportRow.Outcome.NEW)) or carried.there(importing)


def cancel(importing: Import, *, by: User, at: datetime) -> bool:
    """End an import that waits or is going on: what it made by then stays. Whether it had not ended."""
    with recording.because(action="import.cancelled", by=by, at=at):
        row = _locked(importing)
        if row.state not in (*GOING_ON, *CAN_BE_SET_UP):
            return False
        row.state, row.ended_at, row.told_at = State.CANCELLED, at, at
        row.save()
        recording.record("import.cancelled", row, by=by, at=at)
        forget_file(row)
    return True


def queue(importing: Import) -> None:
    """Have a worker do what is left; a second time does no harm."""
    app.configure_task(TASK, lock=f"people.import:{importing.pk}").defer(import_id=importing.pk)


def work(importing: Import, *, tell: Tell | None = None) -> Import:
    """Do all that is left of what it does now; `tell` is called as it goes on. Raises ImportRefused, Stopped."""
    with locks.claimed("people import", [importing.pk], most=1) as taken:
        if not taken:
            raise ImportRefused("Another process is at work on this import at this moment.")
        importing.refresh_from_db()
        if importing.state not in GOING_ON:
            return importing
        importing.phase_at, importing.phase_from = timezone.now(), importing.done
        try:
            if importing.state == State.READING:
                _read(importing, tell)
            if importing.state == State.UNDOING:
                carried.remove(importing, by=importing.by, at=timezone.now())
            _deal(importing, tell)
        except ImportRefused as refused:
            _end(importing, State.REFUSED, why=str(refused))
            raise
    return importing


def _read(importing: Import, tell: Tell | None) -> None:
    """Bring the rows of the file into the database."""
    shape = Shape(**importing.shape)
    looked = files.look(importing.path, stored=importing.stored)
    if looked.digest != importing.digest:
        raise ImportRefused("The file is not what it was when this began. Give it again.")
    found = files.rows(importing.path, shape, stored=importing.stored)
    before = importing.last_row
    left = (row for row in found if row[0] > before)
    while some := list(islice(left, ROWS_AT_ONCE)):
        with transaction.atomic(), connection.cursor() as cursor:
            with cursor.copy(_COPY) as copy:
                for number, cells in some:
                    copy.write_row((importing.pk, number, cells, "", "", "", [], 0, ""))
            importing.rows_read += len(some)
            importing.last_row = some[-1][0]
            save(importing, was=State.READING)
        _told(importing, tell)
    with recording.because(action="import.read", by=importing.by, at=timezone.now()):
        importing.state = State.CHECKING
        importing.done = importing.last_row = importing.phase_from = 0
        importing.phase_at = timezone.now()
        save(importing, was=State.READING)
        forget_file(importing)


def _deal(importing: Import, tell: Tell | None) -> None:
    """Deal with every row that is left, a chunk at a time, and end."""
    was = State(importing.state)
    step, then = chunks.STEPS[was]
    reader = chunks.Rows(importing)
    while rows := reader.after(importing.last_row):
        _patiently(partial(_chunk, importing, rows, reader, step, was))
        _told(importing, tell)
    at = timezone.now()
    with recording.because(action=f"import.{then}", by=importing.by, at=at):
        importing.state = then
        importing.ended_at = None if then == State.CHECKED else at
        save(importing, was=was)
        recording.record(f"import.{then}", importing, by=importing.by, at=at, **importing.counts)
    _told(importing, tell)


def _chunk(importing: Import, rows: Sequence[ImportRow], reader: chunks.Rows, step: chunks.Step, was: State) -> None:
    at = timezone.now()
    kept = (importing.done, importing.last_row, dict(importing.counts), importing.removed)
    try:
        with recording.because(action="people.imported", by=importing.by, at=at):
            step(importing, rows, reader, at=at)
            importing.done += len(rows)
            importing.last_row = rows[-1].number
            save(importing, was=was)
    except BaseException:
        importing.done, importing.last_row, importing.counts, importing.removed = kept
        raise


def _patiently(do: Callable[[], None]) -> None:
    """Do it, again where somebody else held what it needed."""
    for tries_left in reversed(range(TRIES)):
        try:
            return do()
        except OperationalError:
            if not tries_left or not connection.is_usable():
                raise
            time.sleep(PAUSE * (TRIES - tries_left))
    return None


def save(importing: Import, *, was: State) -> None:
    """Write down how far it is, unless somebody cancelled it. Raises Stopped."""
    importing.told_at = timezone.now()
    kept = (
        *("state", "rows_read", "done", "last_row", "counts", "removed"),
        *("phase_at", "phase_from", "told_at", "ended_at"),
    )
    values = {name: getattr(importing, name) for name in kept}
    if not Import.objects.filter(pk=importing.pk, state=was).update(**values):
        raise Stopped(f"Import {importing.pk} was cancelled.")


def forget_file(importing: Import) -> None:
    """Delete an uploaded file when the transaction has ended."""
    if importing.stored and importing.path:
        transaction.on_commit(partial(default_storage.delete, importing.path))


def left(importing: Import, *, at: datetime) -> tuple[float, float] | None:
    """Rows a second, and the seconds that are left at that; None before it can be said."""
    total = of_how_many(importing)
    done, took = importing.done - importing.phase_from, (at - importing.phase_at).total_seconds()
    if importing.state not in GOING_ON or importing.state == State.READING or done <= 0 or took <= 0:
        return None
    return done / took, (total - importing.done) * took / done


def of_how_many(importing: Import) -> int:
    """How many rows what it does now deals with."""
    if importing.state == State.UNDOING:
        return int(importing.counts.get(ImportRow.Outcome.NEW, 0)) + importing.removed
    return importing.rows_read


def sample(importing: Import) -> Iterator[list[str]]:
    """The first rows, from the database or, before they are there, from the file."""
    rows = ImportRow.objects.filter(importing=importing).order_by("number")[:3]
    if found := [row.cells for row in rows]:
        yield from found
    elif importing.state == State.GIVEN:
        looked = files.look(importing.path, stored=importing.stored)
        yield from (cells for _, cells in looked.sample[:3])


def _end(importing: Import, state: State, *, why: str) -> None:
    at = timezone.now()
    with recording.because(action=f"import.{state}", by=importing.by, at=at):
        ended = {"state": state, "why": why, "ended_at": at, "told_at": at}
        Import.objects.filter(pk=importing.pk, state__in=GOING_ON).update(**ended)
        recording.record(f"import.{state}", importing, by=importing.by, at=at, reason=why)
        forget_file(importing)
    importing.refresh_from_db()


def _begin_phase(row: Import, at: datetime) -> None:
    row.done = row.phase_from = row.last_row = 0
    row.counts, row.ended_at = {}, None
    row.phase_at = row.told_at = at
    row.save()


def _locked(importing: Import) -> Import:
    return Import.objects.select_for_update().get(pk=importing.pk)


def _told(importing: Import, tell: Tell | None) -> None:
    if tell:
        tell(importing)
