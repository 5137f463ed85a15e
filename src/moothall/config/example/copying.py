"""Many rows put into tables at once: without their indexes and keys, which are made anew afterwards and checked whole.

All of it needs no more than to own the tables, and happens in the caller's transaction: it is there whole or not at all.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from django.db import connection
from psycopg import Connection, Cursor, sql

_FOREIGN_KEYS = """
    SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
    WHERE conrelid = ANY(%s::regclass[]) AND contype = 'f' ORDER BY conrelid::regclass::text, conname
"""
_INDEXES = """
    SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index
    WHERE indrelid = ANY(%s::regclass[]) AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)
    ORDER BY indrelid::regclass::text, indexrelid::regclass::text
"""
_NEXT = "SELECT nextval(pg_get_serial_sequence(%s, %s))"
_CONTINUE = "SELECT setval(pg_get_serial_sequence(%s, %s), %s)"
Say = Callable[[str], None]


@contextmanager
def bare(tables: Sequence[str], say: Say) -> Iterator[Cursor]:
    """Nobody else reads or writes `tables` meanwhile; they have no indexes but their keys, and no trigger fires.

    At the end the indexes and foreign keys are made anew as they were: a row that breaks one fails it all.
    """
    raw: Connection = connection.connection
    with raw.cursor() as cursor:
        named = list(tables)
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute(sql.SQL("LOCK TABLE {}").format(sql.SQL(", ").join(map(sql.Identifier, named))))
        keys = cursor.execute(_FOREIGN_KEYS, [named]).fetchall()
        indexes = cursor.execute(_INDEXES, [named]).fetchall()
        for table, name, _ in keys:
            cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
        for name, _ in indexes:
            cursor.execute(f"DROP INDEX {name}")
        _triggers(cursor, named, "DISABLE")
        yield cursor
        for number, (_name, definition) in enumerate(indexes, 1):
            say(f"indexes: {number} of {len(indexes)}")
            cursor.execute(definition)
        for number, (table, name, definition) in enumerate(keys, 1):
            say(f"foreign keys: {number} of {len(keys)}")
            cursor.execute(f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition}')
        _triggers(cursor, named, "ENABLE")


def _triggers(cursor: Cursor, tables: Sequence[str], what: str) -> None:
    for table in tables:
        cursor.execute(f'ALTER TABLE "{table}" {what} TRIGGER USER')


def copy(cursor: Cursor, table: str, columns: str, lines: Sequence[str]) -> None:
    """Put rows into a table; each line ends with a newline."""
    with cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as into:
        into.write("".join(lines))


def first_numbers(cursor: Cursor, keys: Mapping[str, str]) -> dict[str, int]:
    """The next number of each table, given the names of their keys."""
    numbers = {}
    for table, key in keys.items():
        row = cursor.execute(_NEXT, [table, key]).fetchone()
        assert row
        numbers[table] = int(row[0])
    return numbers


def go_on_from(cursor: Cursor, keys: Mapping[str, str], last: Mapping[str, int]) -> None:
    """The sequences go on after these numbers."""
    for table, key in keys.items():
        cursor.execute(_CONTINUE, [table, key, last[table]])
