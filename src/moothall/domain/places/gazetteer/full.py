"""A full supply in force: new tables are built beside those in use and take their place at the end, in milliseconds.

What the supply no longer has is not forgotten: its properties and streets stay with `gone_on`, and with them the addresses
they had, so whatever names a UPRN finds it for ever.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from functools import partial
from typing import Protocol

from django.db import OperationalError, transaction
from django.db.backends.utils import CursorWrapper
from psycopg.errors import LockNotAvailable

from moothall.domain.places.gazetteer import rows
from moothall.domain.places.gazetteer.layouts import DTF
from moothall.domain.places.gazetteer.records import Layout
from moothall.domain.places.gazetteer.refusal import NotNow, SupplyRefused
from moothall.domain.places.gazetteer.staging import BROKEN, KEPT_OUT, table
from moothall.domain.places.models import Property, Street

SCHEMA = "gazetteer_next"
TABLES = {number: record.table for number, record in DTF.records.items()}
TRIES = 60
_MANY, _MAY_GO = 100, 0.05  # of so many at least, this part may go unasked
_WAIT = "500ms"  # for readers to finish, while new ones wait behind us
_KEPT_WITH = {
    15: ("usrn", 11),
    **dict.fromkeys((23, 24, 28, 30, 31, 32), ("uprn", 21)),
}  # what stays of a property or street that is gone
_LIKE = "INCLUDING DEFAULTS INCLUDING IDENTITY INCLUDING GENERATED INCLUDING STORAGE INCLUDING COMMENTS"
_CONSTRAINTS = """
    SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint
    WHERE conrelid = to_regclass(%s) AND contype IN ('p', 'u', 'c')
"""
_INDEXES = """
    SELECT pg_get_indexdef(indexrelid) FROM pg_index
    WHERE indrelid = to_regclass(%s)
    AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid AND contype IN ('p', 'u'))
"""


class Remake(Protocol):
    """Makes what is derived: it finds the new tables under their names, and calls `lock` before it exchanges its own."""

    def __call__(self, cursor: CursorWrapper, /, *, lock: Callable[[], None]) -> None: ...


def refuse_if_many_go(cursor: CursorWrapper) -> None:
    """Raise SupplyRefused if the staged rows lack much of what is in force: files go missing, and columns shift."""
    for number, key, kind in ((11, "usrn", "streets"), (21, "uprn", "properties"), (24, "key", "addresses")):
        owner = "JOIN places_property p USING (uprn)" if number == 24 else ""
        live_rows = f"SELECT count(*) FROM {TABLES[number]} t {owner} WHERE gone_on IS NULL"  # noqa: S608 - our own names
        staged = f"SELECT FROM {table(number)} s WHERE s.{key} = t.{key}"
        cursor.execute(f"SELECT ({live_rows}), ({live_rows} AND NOT EXISTS ({staged}))")
        live, lacking = cursor.fetchone()
        if live >= _MANY and lacking > live * _MAY_GO:
            raise SupplyRefused(
                f"Of {live:,} {kind} in force {lacking:,} are not in this full supply, or their lines were kept out."
                " If that is right, say `moothall gazetteer import --even-if-many-go` with its files."
            )


def apply(cursor: CursorWrapper, layout: Layout, *, on: date, derived: Sequence[str], remake: Remake) -> dict[str, int]:
    """Put the staged rows in force, in the transaction that is going on; how many are there, new and gone.

    `remake` makes what is `derived` of them. Raises NotNow.
    """
    cursor.execute("SELECT current_schema()")
    usual = cursor.fetchone()[0]
    cursor.execute(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")
    cursor.execute(f"CREATE SCHEMA {SCHEMA}")
    rows.convert(cursor, layout)
    for name in TABLES.values():
        cursor.execute(f"CREATE TABLE {SCHEMA}.{name} (LIKE {usual}.{name} {_LIKE})")
    for record in layout.records.values():
        fill = rows.filling(record)
        cursor.execute(
            f"INSERT INTO {SCHEMA}.{record.table} ({', '.join(fill.columns)})"  # noqa: S608 - from our own table of layouts
            f" SELECT {', '.join(fill.values)} FROM {table(record.number)} s {fill.joins}"
        )
    _keep_lines_kept_out(cursor, layout, usual)
    counts = _keep_gone(cursor, usual, on=on)
    for name in TABLES.values():
        index(cursor, usual, name, into=SCHEMA)
    with _path(cursor, f"{SCHEMA}, {usual}"):
        remake(cursor, lock=partial(_lock, cursor, [f"{usual}.{name}" for name in (*TABLES.values(), *derived)]))
    _swap(cursor, usual)
    return counts


def _keep_lines_kept_out(cursor: CursorWrapper, layout: Layout, usual: str) -> None:
    """A row whose line in this supply is wrong stays as it was: its key is in the supply, so it is not gone."""
    for record in layout.records.values():
        columns = rows.filling(record).columns
        shown = "ltrim(left(concat_ws(' ', {}), 20), ' 0')"
        live = "AND o.gone_on IS NULL" if record.number in (11, 21) else ""
        same = " AND ".join(f"n.{part} = o.{part}" for part in record.key)
        cursor.execute(
            f"INSERT INTO {SCHEMA}.{record.table} ({', '.join(columns)})"  # noqa: S608 - from our own table of layouts
            f" SELECT {', '.join(f'o.{name}' for name in columns)} FROM {usual}.{record.table} o"
            f" WHERE {shown.format(', '.join(f'o.{part}' for part in record.key))} IN ("
            f"  SELECT ltrim(key, ' 0') FROM {KEPT_OUT} WHERE record = %s UNION"
            f"  SELECT ltrim(key, ' 0') FROM {BROKEN} WHERE record = %s AND error AND rule <> 'delete_in_full') {live}"
            f" AND NOT EXISTS (SELECT FROM {SCHEMA}.{record.table} n WHERE {same})",
            [record.number, record.number],
        )


def _keep_gone(cursor: CursorWrapper, usual: str, *, on: date) -> dict[str, int]:
    counts = {}
    for model, key, kind in ((Property, "uprn", "properties"), (Street, "usrn", "streets")):
        name = model._meta.db_table
        columns = ", ".join(str(field.column) for field in model._meta.concrete_fields if field.name != "gone_on")
        cursor.execute(f"SELECT count(*) FROM {SCHEMA}.{name}")  # noqa: S608
        counts[kind] = cursor.fetchone()[0]
        cursor.execute(
            f"SELECT count(*) FROM {SCHEMA}.{name} n WHERE NOT EXISTS"  # noqa: S608
            f" (SELECT FROM {usual}.{name} o WHERE o.{key} = n.{key} AND o.gone_on IS NULL)"
        )
        counts[f"new {kind}"] = cursor.fetchone()[0]
        cursor.execute(
            f"INSERT INTO {SCHEMA}.{name} ({columns}, gone_on)"  # noqa: S608
            f" SELECT {columns}, coalesce(gone_on, %s) FROM {usual}.{name} o"
            f" WHERE NOT EXISTS (SELECT FROM {SCHEMA}.{name} n WHERE n.{key} = o.{key})",
            [on],
        )
        cursor.execute(f"SELECT count(*) FROM {usual}.{name} WHERE gone_on IS NULL")  # noqa: S608
        counts[f"gone {kind}"] = cursor.fetchone()[0] + counts[f"new {kind}"] - counts[kind]
    for number, (column, of) in _KEPT_WITH.items():
        record = DTF.records[number]
        fill = rows.filling(record)
        key = " AND ".join(f"n.{part} = o.{part}" for part in record.key)
        cursor.execute(
            f"INSERT INTO {SCHEMA}.{record.table} ({', '.join(fill.columns)})"  # noqa: S608
            f" SELECT {', '.join(f'o.{name}' for name in fill.columns)} FROM {usual}.{record.table} o"
            f" JOIN {SCHEMA}.{TABLES[of]} gone ON gone.{column} = o.{column} AND gone.gone_on IS NOT NULL"
            f" WHERE NOT EXISTS (SELECT FROM {SCHEMA}.{record.table} n WHERE {key})"
        )
    return counts


def index(cursor: CursorWrapper, usual: str, name: str, *, into: str) -> None:
    """Give a new table, in the schema `into`, the constraints and indexes of the one in use, and analyse it."""
    cursor.execute(_CONSTRAINTS, [f"{usual}.{name}"])
    for constraint, definition in cursor.fetchall():
        cursor.execute(f'ALTER TABLE {into}.{name} ADD CONSTRAINT "{constraint}" {definition}')
    cursor.execute(_INDEXES, [f"{usual}.{name}"])
    for (definition,) in cursor.fetchall():
        cursor.execute(definition.replace(f" ON {usual}.{name} ", f" ON {into}.{name} ", 1))
    cursor.execute(f"ANALYZE {into}.{name}")


@contextmanager
def _path(cursor: CursorWrapper, path: str) -> Iterator[None]:
    """Names lead to these schemas first. An error ends the transaction, and this with it."""
    cursor.execute(f"SET LOCAL search_path TO {path}")
    yield
    cursor.execute("SET LOCAL search_path TO DEFAULT")


def _swap(cursor: CursorWrapper, usual: str) -> None:
    cursor.execute("SELECT relname FROM pg_class WHERE relnamespace = %s::regnamespace AND relkind = 'r'", [SCHEMA])
    names = [name for (name,) in cursor.fetchall()]
    for name in names:
        cursor.execute(f"DROP TABLE IF EXISTS {usual}.{name}")  # what is derived is gone already
        cursor.execute(f"ALTER TABLE {SCHEMA}.{name} SET SCHEMA {usual}")
    cursor.execute(f"DROP SCHEMA {SCHEMA}")


def _lock(cursor: CursorWrapper, tables: Sequence[str]) -> None:
    """Take all tables at once, giving way again and again to whoever reads them for long. Raises NotNow."""
    for _ in range(TRIES):
        try:
            with transaction.atomic():
                cursor.execute(f"SET LOCAL lock_timeout = '{_WAIT}'")
                cursor.execute(f"LOCK TABLE {', '.join(tables)} IN ACCESS EXCLUSIVE MODE")
                cursor.execute("SET LOCAL lock_timeout = 0")  # what follows waits, if only for PostgreSQL's own vacuum
        except OperationalError as fault:
            if not isinstance(fault.__cause__, LockNotAvailable):
                raise
            time.sleep(1)
        else:
            return
    raise NotNow("The gazetteer is being read without a pause, so it could not be exchanged. Resume the supply later.")
