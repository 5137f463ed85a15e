"""Bringing a supply in: begun, read, checked and applied, and taken up where it was when something stopped it.

Reading commits every so many lines, so others see how far it is. Checking is one transaction and applying another: whoever
looks something up sees the gazetteer as it was, and then as it is.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from django.core.files.storage import default_storage
from django.db import DataError, IntegrityError, connection, transaction
from django.utils import timezone
from procrastinate.contrib.django import app

from moothall.core import locks
from moothall.core.accounts.models import User
from moothall.core.audit import recording
from moothall.core.council import settings
from moothall.core.council.settings import Section
from moothall.domain.places import lookup_lines
from moothall.domain.places.gazetteer import changes, checking, files, full, lines, rejects, staging, structure
from moothall.domain.places.gazetteer.files import Source
from moothall.domain.places.gazetteer.layouts import LAYOUTS
from moothall.domain.places.gazetteer.lines import Chunk, Place
from moothall.domain.places.gazetteer.records import Layout
from moothall.domain.places.gazetteer.refusal import NotNow, SupplyRefused
from moothall.domain.places.models import Supply
from moothall.kit.calendars import LONDON

TASK = "places.import_supply"
LINES_AT_ONCE = 50_000
State = Supply.State
DERIVED = (lookup_lines.LINES, lookup_lines.STREETS, lookup_lines.WORDS)
GOING_ON = (State.READING, State.CHECKING, State.APPLYING)
Tell = Callable[[Supply], None]
_PATIENT = "SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0; SET LOCAL work_mem = '64MB'"


class Gazetteer(Section):
    """Whose gazetteer it is."""

    section = "gazetteer"
    custodian: int | None = None  # the council's LOCAL_CUSTODIAN_CODE, such as 9999


class Stopped(Exception):
    """The supply was cancelled meanwhile."""


def begin(
    paths: Sequence[str], *, stored: bool = False, even_if_many_go: bool = False, by: User, at: datetime
) -> Supply:
    """Look at the files of a supply and write it down; nothing is read yet. Raises SupplyRefused.

    `stored`: the paths are of the store of uploaded files, not of this machine. `even_if_many_go`: a full supply is put in
    force though much of what is in force is not in it.
    """
    plan = structure.plan(files.find(paths, stored=stored))
    header = plan.header
    _check_timely(header, plan.made, named=plan.sources[0].name, today=at.astimezone(LONDON).date())
    supply = Supply(
        format=header.layout.format,
        full=header.full,
        custodian=header.custodian,
        processed_on=header.processed_on,
        made=plan.made,
        files=[source.kept() for source in plan.sources],
        total_bytes=sum(source.bytes for source in plan.sources),
        place=Place().kept() | {"tiles": plan.tiles, "even_if_many_go": even_if_many_go},
        begun_at=at,
        told_at=at,
        by=by,
    )
    try:
        with recording.because(action="gazetteer.begun", by=by, at=at):
            supply.save()
            recording.record("gazetteer.begun", supply, by=by, at=at, format=supply.format, full=supply.full)
    except IntegrityError:
        other = unfinished()
        if other is None:
            raise
        raise SupplyRefused(
            f"Supply {other.pk} is not finished. Say `moothall gazetteer resume`, or `moothall gazetteer cancel`, first."
        ) from None
    return supply


def begin_later(paths: Sequence[str], *, by: User, at: datetime) -> Supply:
    """Begin a supply of uploaded files, and queue the job that does the rest. Raises SupplyRefused."""
    with transaction.atomic():
        supply = begin(paths, stored=True, by=by, at=at)
        queue(supply)
    return supply


def queue(supply: Supply) -> None:
    """Have a worker do what is left of a supply; a second time does no harm."""
    app.configure_task(TASK, lock="gazetteer").defer(supply_id=supply.pk)


def unfinished() -> Supply | None:
    """The supply that is being brought in, or was stopped while it was."""
    return Supply.objects.filter(state__in=GOING_ON).first()


def work(supply: Supply, *, tell: Tell | None = None) -> Supply:
    """Do all that is left of a supply; `tell` is called as it goes on. Raises SupplyRefused, when nothing was changed; as
    NotNow, when it may be called again later.

    Killed at any moment, it goes on where it was when it is called again. Raises Stopped when it was cancelled.
    """
    with locks.claimed("gazetteer", [1], most=1) as taken:
        if not taken:
            raise SupplyRefused("Another process is importing the gazetteer at this moment.")
        supply.refresh_from_db()
        try:
            _begin_again_if_lost(supply)
            if supply.state == State.READING:
                _read(supply, tell)
            if supply.state == State.CHECKING:
                _check(supply)
                _told(supply, tell)
            if supply.state == State.APPLYING:
                _apply(supply)
                _told(supply, tell)
        except NotNow:
            raise
        except SupplyRefused as refused:
            _end(supply, State.REFUSED, why=str(refused))
            raise
        except DataError as fault:
            why = f"A line holds what cannot be kept: {str(fault).partition(chr(10))[0]}."
            _end(supply, State.REFUSED, why=why)
            raise SupplyRefused(why) from fault
        except Stopped:
            with connection.cursor() as cursor:
                staging.drop(cursor)
            raise
    return supply


def cancel(supply: Supply, *, by: User, at: datetime) -> bool:
    """End a supply that is going on: what was read of it is thrown away, and nothing was changed. Whether it was going on."""
    with recording.because(action="gazetteer.cancelled", by=by, at=at):
        row = Supply.objects.select_for_update().get(pk=supply.pk)
        if row.state not in GOING_ON:
            return False
        row.state, row.ended_at, row.told_at = State.CANCELLED, at, at
        row.save()
        recording.record("gazetteer.cancelled", row, by=by, at=at)
        _forget_files(row)
    with locks.claimed("gazetteer", [1], most=1) as idle:  # whoever works on it throws away what was read
        if idle and unfinished() is None:
            with connection.cursor() as cursor:
                staging.drop(cursor)
    return True


def _check_timely(header: structure.Header, made: str, *, named: str, today: date) -> None:
    where = f"{named}, line 1"
    if header.processed_on > today + timedelta(days=1):
        raise SupplyRefused(f"{where}: PROCESS_DATE is {header.processed_on}, which is in the future.")
    if header.layout.format == Supply.Format.DTF:
        ours = settings.read(Gazetteer).custodian
        if ours is None:
            raise SupplyRefused(
                f"{where}: the custodian is {header.custodian}, and it is not set which one is yours."
                f" Say `moothall settings set gazetteer.custodian {header.custodian}` if that is you."
            )
        if header.custodian != ours:
            raise SupplyRefused(f"{where}: the custodian is {header.custodian}, and yours is {ours}.")
    applied = Supply.objects.filter(state=State.APPLIED).order_by("-processed_on", "-pk")
    last = applied.first()
    if last and header.processed_on < last.processed_on:
        raise SupplyRefused(
            f"{where}: PROCESS_DATE is {header.processed_on}, and a supply of {last.processed_on} is in force already."
        )
    if last and header.processed_on == last.processed_on and made and made < last.made:
        raise SupplyRefused(
            f"{where}: TIME_STAMP is {_clock(made)}, and a supply of the same day made at {_clock(last.made)} is in force"
            " already. Give supplies of one day in the order they were made."
        )
    if header.full:
        return
    if last is None:
        raise SupplyRefused(f"{where}: these are changes, and there is nothing to change. Import a full supply first.")
    if last.format != header.layout.format:
        raise SupplyRefused(
            f"{where}: these are changes of {header.layout.format.label}, and what is in force is"
            f" {last.get_format_display()}."
        )


def _clock(made: str) -> str:
    return f"{made[:2]}:{made[2:4]}:{made[4:]}"


def _read(supply: Supply, tell: Tell | None) -> None:
    layout, sources = LAYOUTS[Supply.Format(supply.format)], [Source(**kept) for kept in supply.files]
    if supply.read_lines and not files.unchanged(sources):
        raise SupplyRefused("The files are not what they were when this began. Give them again.")
    place = Place(**{name: supply.place[name] for name in Place().kept()})
    tiles = supply.place["tiles"]
    for chunk in lines.read(sources, layout, place=place, tiles=tiles, lines_at_once=LINES_AT_ONCE):
        _keep(supply, layout, chunk)
        if tell:
            tell(supply)
    _go_on_to(supply, State.CHECKING)


def _begin_again_if_lost(supply: Supply) -> None:
    """Make staging tables unless all that was read waits in them: the first time, and after a crash of PostgreSQL."""
    if supply.state not in GOING_ON:
        return
    with transaction.atomic(), connection.cursor() as cursor:
        if staging.holds(cursor, supply.pk, supply.read_lines):
            return
        staging.make(cursor, LAYOUTS[Supply.Format(supply.format)], supply.pk)
        was, supply.state = Supply.State(supply.state), State.READING
        supply.place |= Place().kept()
        supply.read_bytes = supply.read_lines = supply.rejected = supply.warned = 0
        supply.counts = {}
        supply.rejects.all().delete()
        _save(supply, was=was)


def _keep(supply: Supply, layout: Layout, chunk: Chunk) -> None:
    """Stage some lines, and say how far it is: one transaction."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_PATIENT)
        staging.write(cursor, layout, chunk)
        rejects.keep(supply, chunk.faults)
        rejects.count_lines(supply, "lines", Counter({number: len(rows) for number, rows in chunk.rows.items()}))
        rejects.count_lines(supply, "left", Counter({number: len(rows) for number, rows in chunk.left.items()}))
        supply.read_lines += chunk.lines
        supply.read_bytes += chunk.bytes
        supply.place |= chunk.place.kept()
        _save(supply)


def _check(supply: Supply) -> None:
    layout = LAYOUTS[Supply.Format(supply.format)]
    ours = settings.read(Gazetteer).custodian if supply.format == Supply.Format.DTF else None
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_PATIENT)
        today = timezone.now().astimezone(LONDON).date()
        tiles = supply.place["tiles"]
        checking.check(cursor, layout, full=supply.full, tiles=tiles, today=today, custodian=ours)
        rejects.keep_broken(cursor, supply)
        _go_on_to(supply, State.APPLYING)


def _apply(supply: Supply) -> None:
    layout, at = LAYOUTS[Supply.Format(supply.format)], timezone.now()
    with recording.because(action="gazetteer.applied", by=supply.by, at=at), connection.cursor() as cursor:
        cursor.execute(_PATIENT)
        if supply.full:
            if not supply.place.get("even_if_many_go"):
                full.refuse_if_many_go(cursor)
            counts = full.apply(cursor, layout, on=supply.processed_on, derived=DERIVED, remake=lookup_lines.remake)
        else:
            counts = changes.apply(cursor, layout, on=supply.processed_on)
            lookup_lines.remake(cursor, changes.CHANGED)
            cursor.execute(f"DROP TABLE {changes.CHANGED}")
        supply.counts["done"] = counts
        supply.state, supply.ended_at = State.APPLIED, at
        _save(supply, was=State.APPLYING)
        staging.drop(cursor)
        recording.record("gazetteer.applied", supply, by=supply.by, at=at, **_told_of(counts))
        _forget_files(supply)


def _told_of(counts: dict[str, int]) -> dict[str, Any]:
    return {name.replace(" ", "_"): number for name, number in counts.items()}


def _end(supply: Supply, state: Supply.State, *, why: str) -> None:
    at = timezone.now()
    with recording.because(action=f"gazetteer.{state}", by=supply.by, at=at), connection.cursor() as cursor:
        Supply.objects.filter(pk=supply.pk, state__in=GOING_ON).update(state=state, why=why, ended_at=at, told_at=at)
        staging.drop(cursor)
        recording.record(f"gazetteer.{state}", supply, by=supply.by, at=at, reason=why)
        _forget_files(supply)
    supply.refresh_from_db()


def _forget_files(supply: Supply) -> None:
    """Delete uploaded files when the transaction has ended: the council has its own."""
    stored = {file["path"] for file in supply.files if file["stored"]}
    for path in stored:
        transaction.on_commit(partial(default_storage.delete, path))


def _go_on_to(supply: Supply, state: Supply.State) -> None:
    was, supply.state = Supply.State(supply.state), state
    _save(supply, was=was)


def _save(supply: Supply, *, was: Supply.State = State.READING) -> None:
    """Write down how far it is, unless somebody cancelled it. Raises Stopped."""
    supply.told_at = timezone.now()
    kept = ("state", "read_bytes", "read_lines", "place", "counts", "rejected", "warned", "told_at", "ended_at")
    values = {name: getattr(supply, name) for name in kept}
    if not Supply.objects.filter(pk=supply.pk, state=was).update(**values):
        raise Stopped(f"Supply {supply.pk} was cancelled.")


def _told(supply: Supply, tell: Tell | None) -> None:
    if tell:
        tell(supply)
