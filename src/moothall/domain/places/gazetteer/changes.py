"""A supply of changes in force: in PRO_ORDER over the whole file, the last line of each key is what becomes of it.

Each line is the whole new row. I of what is there replaces it and U of what is not there inserts it, with a warning each; D
takes away the row of its own key and no other. A property or street that is deleted stays with `gone_on`, and what it had
with it; when it comes back, it has what is supplied then.
"""

from datetime import date

from django.db.backends.utils import CursorWrapper

from moothall.domain.places.gazetteer import rows
from moothall.domain.places.gazetteer.records import Layout, Record
from moothall.domain.places.gazetteer.staging import SCHEMA, table

CHANGED = "gazetteer_changed"
_LASTING = (11, 21)  # rows that are never deleted
_PROPERTY, _STREET = ("uprn", "places_property", 21), ("usrn", "places_street", 11)
_KEPT_WITH = {15: _STREET, **dict.fromkeys((23, 24, 28, 30, 31, 32), _PROPERTY)}


def settle(cursor: CursorWrapper, layout: Layout, *, tiles: bool) -> None:
    """Leave of each key its last line, and warn where what a line says does not fit what was there.

    Of tiles a deletion comes first: what leaves one and enters another stays.
    """
    order = "(change <> 'D'), pro_order, volume, line" if tiles else "pro_order, volume, line"
    for record in layout.records.values():
        name, key = table(record.number), ", ".join(record.key)
        there = " AND ".join(f"t.{part} = s.{part}" for part in record.key)
        gone = "AND t.gone_on IS NULL" if record.number in _LASTING else ""
        shown = ", ".join(f"s.{part}" for part in record.key)
        cursor.execute(
            f"""
            WITH told AS (
                SELECT s.volume, s.line, left(concat_ws(' ', {shown}), 20) AS key, s.change,
                    coalesce(lag(s.change) OVER turns <> 'D', EXISTS (SELECT FROM {record.table} t WHERE {there} {gone}))
                    AS there
                FROM {name} s WINDOW turns AS (PARTITION BY {key} ORDER BY {order})
            )
            INSERT INTO {SCHEMA}.broken
            SELECT volume, line, {record.number}, key,
                CASE change WHEN 'I' THEN 'inserted_again' WHEN 'U' THEN 'updated_unknown' ELSE 'deleted_unknown' END, false
            FROM told WHERE there = (change = 'I')
            """  # noqa: S608 - from our own table of layouts
        )
        cursor.execute(
            f"""
            DELETE FROM {name} WHERE (volume, line) IN (
                SELECT volume, line FROM (
                    SELECT volume, line, lead(line) OVER (PARTITION BY {key} ORDER BY {order}) AS later FROM {name}
                ) turns WHERE later IS NOT NULL
            )
            """  # noqa: S608
        )


def apply(cursor: CursorWrapper, layout: Layout, *, on: date) -> dict[str, int]:
    """Put the settled rows in force, in the transaction that is going on; how many were written, deleted and are gone.

    Leaves the UPRNs whose address may read differently now in the temporary table `CHANGED`.
    """
    cursor.execute(f"CREATE TEMPORARY TABLE {CHANGED} (uprn bigint PRIMARY KEY) ON COMMIT DROP")
    rows.convert(cursor, layout)
    _note_changed(cursor, layout)
    counts = {"written": 0, "deleted": 0, "gone": 0}
    for number in _KEPT_WITH:
        _forget_kept(cursor, layout.records[number])
    for record in layout.records.values():
        counts["written"] += _write(cursor, record)
    for number in _LASTING:
        counts["gone"] += _end(cursor, layout.records[number], on=on)
    for record in layout.records.values():
        if record.number not in _LASTING:
            counts["deleted"] += _delete(cursor, record)
    _note_changed(cursor, layout)
    if "ward" not in layout.records[21].columns:
        rows.follow_references(cursor, CHANGED)
    return counts


def _write(cursor: CursorWrapper, record: Record) -> int:
    fill = rows.filling(record)
    lasting = record.number in _LASTING
    others = [name for name in fill.columns if name not in record.key]
    setting = ", ".join([f"{name} = excluded.{name}" for name in others] + (["gone_on = NULL"] if lasting else []))
    cursor.execute(
        f"INSERT INTO {record.table} ({', '.join(fill.columns)})"  # noqa: S608 - from our own table of layouts
        f" SELECT {', '.join(fill.values)} FROM {table(record.number)} s {fill.joins} WHERE s.change <> 'D'"
        f" ON CONFLICT ({', '.join(record.key)}) DO UPDATE SET {setting}"
    )
    return int(cursor.rowcount)


def _forget_kept(cursor: CursorWrapper, record: Record) -> None:
    """What a property or street kept when it went does not come back with it: it is what this supply says it is."""
    column, owner, of = _KEPT_WITH[record.number]
    cursor.execute(
        f"DELETE FROM {record.table} t USING {owner} o, {table(of)} s"  # noqa: S608 - from our own table of layouts
        f" WHERE o.{column} = t.{column} AND o.gone_on IS NOT NULL AND s.{column} = o.{column} AND s.change <> 'D'"
    )


def _end(cursor: CursorWrapper, record: Record, *, on: date) -> int:
    (key,) = record.key
    cursor.execute(
        f"UPDATE {record.table} t SET gone_on = %s FROM {table(record.number)} s"  # noqa: S608
        f" WHERE s.change = 'D' AND s.{key} = t.{key} AND t.gone_on IS NULL",
        [on],
    )
    return int(cursor.rowcount)


def _delete(cursor: CursorWrapper, record: Record) -> int:
    same = " AND ".join(f"s.{part} = t.{part}" for part in record.key)
    kept = ""
    if record.number in _KEPT_WITH:
        column, owner, _ = _KEPT_WITH[record.number]
        kept = f"AND NOT EXISTS (SELECT FROM {owner} o WHERE o.{column} = t.{column} AND o.gone_on IS NOT NULL)"
    cursor.execute(
        f"DELETE FROM {record.table} t USING {table(record.number)} s WHERE s.change = 'D' AND {same} {kept}"  # noqa: S608
    )
    return int(cursor.rowcount)


def _note_changed(cursor: CursorWrapper, layout: Layout) -> None:
    """Note what is touched, as it stands now: called before anything is written and after, for an address may move."""
    for record in layout.records.values():
        select = f"SELECT uprn FROM {table(record.number)}"  # noqa: S608
        if "uprn" not in record.columns:
            select = f"SELECT i.uprn FROM places_identifier i JOIN {table(record.number)} s ON s.usrn = i.usrn"  # noqa: S608
        cursor.execute(f"INSERT INTO {CHANGED} {select} ON CONFLICT DO NOTHING")
    cursor.execute(
        f"INSERT INTO {CHANGED} SELECT i.uprn FROM places_identifier i JOIN {table(24)} s ON s.key = i.key"  # noqa: S608
        " ON CONFLICT DO NOTHING"
    )
    cursor.execute(f"ANALYZE {CHANGED}")
