"""The staged rows judged by the rules, one pass a record, and then against one another and what is in force."""

from datetime import date

from django.db.backends.utils import CursorWrapper

from moothall.domain.places.gazetteer import changes, rules
from moothall.domain.places.gazetteer.records import Layout, Record
from moothall.domain.places.gazetteer.staging import SCHEMA, table

_REFERS = {15: "usrn", 23: "uprn", 24: "uprn", 28: "uprn", 30: "uprn", 31: "uprn", 32: "uprn"}
_ALLOWED = """
    CASE p.status WHEN 1 THEN '{1,3,5,6,7,8,9}' WHEN 5 THEN '{5}' WHEN 6 THEN '{6,7,8,9}' WHEN 8 THEN '{7,8,9}'
    ELSE '{7,9}' END::smallint[]
"""  # by the status of the property (GeoPlace's guidance, 7.3.4)


def check(
    cursor: CursorWrapper, layout: Layout, *, full: bool, tiles: bool, today: date, custodian: int | None
) -> None:
    """Write down what breaks a rule, and take rows with an error out of the staging tables.

    Of changes, the last line of each key that is sound is what counts when they are judged against one another.
    """
    for record in layout.records.values():
        cursor.execute(f"ANALYZE {table(record.number)} ({', '.join(_keys(record))})")
        _fields(cursor, record, today=today, custodian=custodian)
        if full:
            _inserts_only(cursor, record)
            _once(cursor, record, silently=tiles and record.number in (11, 15))
        _take_out(cursor, record)
    if not full:
        changes.settle(cursor, layout, tiles=tiles)
        _in_use(cursor, layout)
    for number, column in _REFERS.items():
        if record_there := layout.records.get(number):
            _refers(cursor, record_there, column, full=full)
    if identifiers := layout.records.get(24):
        _refers(cursor, identifiers, "usrn", full=full)
    _properties(cursor, layout, full=full)


def _keys(record: Record) -> list[str]:
    return list(dict.fromkeys((*record.key, *({"uprn", "usrn"} & set(record.columns)))))


def _fields(cursor: CursorWrapper, record: Record, *, today: date, custodian: int | None) -> None:
    told = list(rules.of(record, today=today, custodian=custodian))
    which = ", ".join(f"CASE WHEN {broken} THEN '{rule.key}' END" for rule, broken in told)
    errors = ", ".join(f"'{rule.key}'" for rule, _ in told if rule.error) or "''"
    cursor.execute(
        f"""
        INSERT INTO {SCHEMA}.broken
        SELECT volume, line, {record.number}, {_key(record)}, rule, rule IN ({errors})
        FROM {table(record.number)} s, unnest(array_remove(ARRAY[{which}], NULL)) rule
        WHERE change <> 'D' AND ({" OR ".join(f"({broken})" for _, broken in told)})
        """  # noqa: S608 - from our own table of rules
    )


def _inserts_only(cursor: CursorWrapper, record: Record) -> None:
    for change, rule, error in (("U", "not_an_insert", False), ("D", "delete_in_full", True)):
        _broken(cursor, record, rule, f"change = '{change}'", error=error)


def _once(cursor: CursorWrapper, record: Record, *, silently: bool) -> None:
    """Of rows with one key the first in PRO_ORDER counts; a street is in every tile that it crosses."""
    key = ", ".join(record.key)
    again = f"""
        (volume, line) IN (
            SELECT volume, line FROM (
                SELECT volume, line, row_number() OVER (PARTITION BY {key} ORDER BY pro_order, volume, line) AS turn
                FROM {table(record.number)}
                WHERE ({key}) IN (SELECT {key} FROM {table(record.number)} GROUP BY {key} HAVING count(*) > 1)
            ) twice WHERE turn > 1
        )
    """  # noqa: S608 - from our own table of layouts
    if silently:
        cursor.execute(f"DELETE FROM {table(record.number)} WHERE {again}")  # noqa: S608
    else:
        _broken(cursor, record, "duplicate_key", again, error=True)


def _refers(cursor: CursorWrapper, record: Record, column: str, *, full: bool) -> None:
    there = _there(column, f"s.{column}", full=full)
    rule = "street_missing" if column == "usrn" else "property_missing"
    if _broken(cursor, record, rule, f"change <> 'D' AND NOT ({there})", error=True):
        _take_out(cursor, record)


def _in_use(cursor: CursorWrapper, layout: Layout) -> None:
    """Warn of the deletion of a street in which this supply puts addresses, or leaves some of properties in force."""
    left = f"""
        EXISTS (SELECT FROM {table(24)} a WHERE a.usrn = s.usrn AND a.change <> 'D') OR EXISTS (
            SELECT FROM places_identifier i JOIN places_property p ON p.uprn = i.uprn AND p.gone_on IS NULL
            WHERE i.usrn = s.usrn AND NOT EXISTS (SELECT FROM {table(24)} a WHERE a.key = i.key)
            AND NOT EXISTS (SELECT FROM {table(21)} b WHERE b.uprn = i.uprn AND b.change = 'D')
        )
    """  # noqa: S608 - our own names
    _broken(cursor, layout.records[11], "street_in_use", f"change = 'D' AND ({left})", error=False)


def _properties(cursor: CursorWrapper, layout: Layout, *, full: bool) -> None:
    """What properties and addresses say of one another. Changes alone say too little of an approved address."""
    parent = _there("uprn", "s.parent_uprn", full=full)
    absent = f"change <> 'D' AND s.parent_uprn IS NOT NULL AND NOT ({parent})"
    _broken(cursor, layout.records[21], "parent_missing", absent, error=False)
    if not full:
        return
    approved = f"SELECT FROM {table(24)} l WHERE l.uprn = s.uprn AND l.status = 1"
    _broken(cursor, layout.records[21], "no_approved_address", f"s.status = 1 AND NOT EXISTS ({approved})", error=False)
    other = f"EXISTS (SELECT FROM {table(21)} p WHERE p.uprn = s.uprn AND s.status <> ALL ({_ALLOWED}))"
    _broken(cursor, layout.records[24], "status_of_property", other, error=False)


def _there(column: str, value: str, *, full: bool) -> str:
    """The condition that a street or property is staged, or in force and this supply only changes that."""
    number, kept = (11, "places_street") if column == "usrn" else (21, "places_property")
    staged = f"EXISTS (SELECT FROM {table(number)} t WHERE t.{column} = {value} AND t.change <> 'D')"
    in_force = f"EXISTS (SELECT FROM {kept} k WHERE k.{column} = {value})"
    return staged if full else f"{staged} OR {in_force}"


def _broken(cursor: CursorWrapper, record: Record, rule: str, condition: str, *, error: bool) -> int:
    cursor.execute(
        f"""
        INSERT INTO {SCHEMA}.broken
        SELECT volume, line, {record.number}, {_key(record)}, %s, %s FROM {table(record.number)} s WHERE {condition}
        """,  # noqa: S608 - our own conditions
        [rule, error],
    )
    return int(cursor.rowcount)


def _take_out(cursor: CursorWrapper, record: Record) -> None:
    cursor.execute(
        f"""
        DELETE FROM {table(record.number)} s USING {SCHEMA}.broken b
        WHERE b.volume = s.volume AND b.line = s.line AND b.error AND b.record = {record.number}
        """  # noqa: S608 - our own names
    )


def _key(record: Record) -> str:
    return f"left(concat_ws(' ', {', '.join(f's.{column}' for column in record.key)}), 20)"
