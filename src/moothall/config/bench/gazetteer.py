"""How long a gazetteer takes to come in, beside the least that could be done with the same file, and in how much memory.

The least: the lines split by Python's csv module and copied into tables of the same columns, with the same indexes, and the
look-up rows made of them. No line is judged, no row is compared and no coordinate converted.
"""

import csv
import io
import resource
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from moothall.config import migrated
from moothall.config.bench import children
from moothall.config.bench.children import Begin
from moothall.config.example import gazetteer as example
from moothall.core.accounts.actions import system_user
from moothall.core.council import settings
from moothall.domain.places import lookup_lines
from moothall.domain.places.gazetteer import full, supplies
from moothall.domain.places.gazetteer.layouts import DTF
from moothall.domain.places.gazetteer.supplies import Gazetteer
from moothall.domain.places.models import Property, Supply
from moothall.kit import scratch

OPERATION = "one full supply of DTF 7.3 read, checked and in force, with its indexes and its look-up rows"
SMALL = 150_000
MOST_RATIO, MOST_CHANGES_SECONDS, MOST_MEMORY_RATIO = 2.0, 5.0, 1.3
_BLOCK = 20_000
_PLAIN = "gazetteer_plain"
Say = Callable[[str], None]


@dataclass(frozen=True)
class Options:
    """How large a measurement is."""

    uprns: int = SMALL
    changes: int = 10_000
    judged: bool = True


@dataclass(frozen=True)
class _Done:
    seconds: float
    peak_mb: float
    lines: int
    rejected: int


def run(options: Options, say: Say) -> dict[str, Any]:
    """Measure; `say` gets lines for people. Returns the figures, with the limits that were not kept under `failed`."""
    with scratch.folder("moothall-bench-") as folder:
        small = _imported(folder, min(SMALL, options.uprns), options.changes, say)
        whole = small if options.uprns <= SMALL else _imported(folder, options.uprns, options.changes, say)
    figures = whole | {
        "per_second": round(whole["lines"] / whole["seconds"]),
        "memory_ratio": round(whole["peak_mb"] / small["peak_mb"], 2),
    }
    failed = []
    if options.judged:
        limits = (("ratio", MOST_RATIO), ("changes_seconds", MOST_CHANGES_SECONDS), ("memory_ratio", MOST_MEMORY_RATIO))
        failed = [f"{name} is {figures[name]}, above {most}" for name, most in limits if figures[name] > most]
    return {"bench": "gazetteer", "operation": OPERATION, "options": asdict(options), **figures, "failed": failed}


def _imported(folder: Path, uprns: int, changes: int, say: Say) -> dict[str, Any]:
    council = example.Council(uprns)
    file = folder / "full.csv"
    lines = example.write(file, council)
    example.write_changes(folder / "changes.csv", example.Council(uprns, date(2026, 3, 1)), changes)
    say(f"A council of {uprns:,} UPRNs: {lines:,} lines, {file.stat().st_size / 1e6:,.0f} MB.")
    with migrated.scratch():
        settings.write(Gazetteer(custodian=example.CUSTODIAN), by=system_user(), at=datetime.now(tz=UTC))
        came = _take(file)
        say(f"Imported in {came.seconds:.1f} s, at most {came.peak_mb:.0f} MB.")
        plain = _plain(file)
        say(f"Plain: {plain:.1f} s with look-up rows.")
        changed = _take(folder / "changes.csv")
        say(f"{changes:,} changes in {changed.seconds:.1f} s.")
        if came.rejected or changed.rejected or Property.objects.filter(gone_on=None).count() < uprns:
            raise children.ChildFailed("The gazetteer imported is not the one that was written.")
    return {
        "lines": lines,
        "seconds": round(came.seconds, 2),
        "plain_seconds": round(plain, 2),
        "ratio": round(came.seconds / plain, 2),
        "changes_seconds": round(changed.seconds, 2),
        "peak_mb": round(came.peak_mb, 1),
    }


def _take(file: Path) -> _Done:
    """Bring one supply in, in a process of its own, whose memory is looked at."""

    def work(_share: int, begin: Begin) -> _Done:
        begin()
        began = time.perf_counter()
        supply: Supply = supplies.begin([str(file)], by=system_user(), at=datetime.now(tz=UTC))
        supply = supplies.work(supply)
        seconds = time.perf_counter() - began
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        return _Done(seconds, peak, supply.read_lines, supply.rejected)

    done, _ = children.together(work, processes=1)
    return done[0]


def _plain(file: Path) -> float:
    """Seconds of the least that could be done with the same file."""
    began = time.perf_counter()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL statement_timeout = 0; CREATE SCHEMA {_PLAIN}")
        for record in DTF.records.values():
            cursor.execute(
                f"CREATE TABLE {_PLAIN}.{record.table} (LIKE public.{record.table} INCLUDING DEFAULTS INCLUDING IDENTITY)"
            )
            for field in record.model._meta.concrete_fields:
                if not field.primary_key:
                    cursor.execute(f"ALTER TABLE {_PLAIN}.{record.table} ALTER {field.column} DROP NOT NULL")
        _copy(cursor, file)
        for name in full.TABLES.values():
            full.index(cursor, "public", name, into=_PLAIN)
        cursor.execute(f"DROP SCHEMA {_PLAIN} CASCADE")
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        lookup_lines.remake(cursor)
        transaction.set_rollback(True)
    return time.perf_counter() - began


def _copy(cursor: Any, file: Path) -> None:
    buffers = {str(number): io.StringIO() for number in DTF.records}
    writers = {number: csv.writer(buffer) for number, buffer in buffers.items()}
    columns = {str(number): ", ".join(record.columns) for number, record in DTF.records.items()}
    with file.open(encoding="utf-8", newline="") as lines:
        for count, row in enumerate(csv.reader(lines), 1):
            if row[0] in writers:
                writers[row[0]].writerow(row[3:])
            if count % _BLOCK == 0:
                _flush(cursor, buffers, columns)
        _flush(cursor, buffers, columns)


def _flush(cursor: Any, buffers: dict[str, io.StringIO], columns: dict[str, str]) -> None:
    for number, buffer in buffers.items():
        if buffer.tell():
            table = f"{_PLAIN}.{DTF.records[int(number)].table}"
            with cursor.copy(f"COPY {table} ({columns[number]}) FROM STDIN (FORMAT csv)") as copy:
                copy.write(buffer.getvalue())
            buffer.seek(0)
            buffer.truncate()
