"""Where the lines of a supply wait until it is applied: unlogged tables in a schema of their own, a table a record.

A crash of PostgreSQL empties unlogged tables, and with them the mark of how far reading was: then it begins again. They are
analysed when they are full and gone soon after, so autovacuum leaves them alone.
"""

from collections.abc import Iterator
from typing import Any

from django.db.backends.utils import CursorWrapper

from moothall.domain.places.gazetteer.lines import Chunk
from moothall.domain.places.gazetteer.records import Layout, Record

SCHEMA = "gazetteer_staging"
BROKEN = f"{SCHEMA}.broken"  # what checking found
KEPT_OUT = f"{SCHEMA}.kept_out"  # keys of lines that could not be read
_ALONE = "WITH (autovacuum_enabled = false)"


def table(number: int) -> str:
    """The staging table of one record."""
    return f"{SCHEMA}.r{number}"


def make(cursor: CursorWrapper, layout: Layout, supply: int) -> None:
    """Make the tables anew, empty."""
    drop(cursor)
    cursor.execute(f"CREATE SCHEMA {SCHEMA}")
    for record in layout.records.values():
        columns = ", ".join(f"{name} {kind}" for name, kind in _columns(record))
        cursor.execute(f"CREATE UNLOGGED TABLE {table(record.number)} ({columns}) {_ALONE}")
    cursor.execute(
        f"CREATE UNLOGGED TABLE {BROKEN} (volume smallint, line integer, record smallint, key varchar(20),"
        f" rule varchar(60), error boolean) {_ALONE}"
    )
    cursor.execute(f"CREATE UNLOGGED TABLE {KEPT_OUT} (record smallint, key varchar(20)) {_ALONE}")
    cursor.execute(f"CREATE UNLOGGED TABLE {SCHEMA}.mark (supply bigint, lines bigint)")
    cursor.execute(f"INSERT INTO {SCHEMA}.mark VALUES (%s, 0)", [supply])  # noqa: S608 - our own name


def drop(cursor: CursorWrapper) -> None:
    """Take the tables away, if there are any."""
    cursor.execute(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")


def holds(cursor: CursorWrapper, supply: int, lines: int) -> bool:
    """Whether exactly so many lines of this supply wait here."""
    cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [f"{SCHEMA}.mark"])
    if not cursor.fetchone()[0]:
        return False
    cursor.execute(f"SELECT EXISTS (SELECT FROM {SCHEMA}.mark WHERE supply = %s AND lines = %s)", [supply, lines])  # noqa: S608
    return bool(cursor.fetchone()[0])


def write(cursor: CursorWrapper, layout: Layout, chunk: Chunk) -> None:
    """Put lines into their tables as they stand."""
    for number, lines in chunk.rows.items():
        if lines:
            with copied(cursor, _copy(layout.records[number])) as into:
                into.write(b"\n".join(lines))
                into.write(b"\n")
    if keys := {(fault.record, fault.key) for fault in chunk.faults if fault.error and fault.record in layout.records}:
        with copied(cursor, f"COPY {KEPT_OUT} FROM STDIN") as into:
            for key in keys:
                into.write_row(key)
    cursor.execute(f"UPDATE {SCHEMA}.mark SET lines = lines + %s", [chunk.lines])  # noqa: S608 - our own name


def copied(cursor: CursorWrapper, statement: str) -> Any:
    """psycopg's COPY over Django's cursor."""
    return cursor.copy(statement)


def _copy(record: Record) -> str:
    names = ", ".join(name for name, _ in _columns(record))
    filled = ", ".join(name for name, kind in _columns(record) if kind.startswith("varchar"))
    return f"COPY {table(record.number)} ({names}) FROM STDIN (FORMAT csv, FORCE_NOT_NULL ({filled}))"


def _columns(record: Record) -> Iterator[tuple[str, str]]:
    yield from (("volume", "smallint"), ("line", "integer"), ("record", "smallint"))
    yield from (("change", "varchar(1)"), ("pro_order", "bigint"))
    for place, field in enumerate(record.fields):
        yield field.column or f"left_{place}", field.kind.column
