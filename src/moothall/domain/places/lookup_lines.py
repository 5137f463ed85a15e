"""The rows look-up reads, made of the gazetteer: the address rule goes over every identifier, streamed, so memory stays flat."""

from collections.abc import Callable
from typing import Any

from django.db import connection
from django.db.backends.utils import CursorWrapper

from moothall.domain.places.models import LookupLine, LookupStreet, LookupWord
from moothall.domain.places.models.gazetteer import Status
from moothall.kit import address_lines, address_words
from moothall.kit.address_lines import Parts

AT_ONCE = 10_000  # rows held in memory
LINES, STREETS, WORDS = (model._meta.db_table for model in (LookupLine, LookupStreet, LookupWord))
SHELLS = ("PP", "PS")
_ENDED = {Status.REJECTED_OUTSIDE, Status.HISTORICAL, Status.REJECTED_INSIDE}
_LONGEST = 40  # of a word that is kept
_LABEL, _POSTCODE = 7, 8  # signs in their columns: some letters are two as capitals
Row = tuple[Any, ...]

_IDENTIFIERS = """
SELECT i.key, i.uprn, i.usrn, i.language, i.status, p.status, p.gone_on IS NOT NULL,
       CASE WHEN p.classification <> '' THEN p.classification ELSE coalesce(c.code, '') END,
       CASE WHEN p.organisation <> '' THEN p.organisation ELSE coalesce(o.name, '') END,
       i.sao_start_number, i.sao_start_suffix, i.sao_end_number, i.sao_end_suffix, i.sao_text,
       i.pao_start_number, i.pao_start_suffix, i.pao_end_number, i.pao_end_suffix, i.pao_text,
       coalesce(d.description, e.description, ''), coalesce(d.locality, e.locality, ''), coalesce(d.town, e.town, ''),
       CASE WHEN i.post_town <> '' THEN i.post_town ELSE coalesce(r.post_town, '') END,
       CASE WHEN i.postcode <> '' THEN i.postcode ELSE p.postcode END
FROM places_identifier i
JOIN places_property p ON p.uprn = i.uprn
LEFT JOIN places_streetdescriptor d ON d.usrn = i.usrn AND d.language = i.language
LEFT JOIN places_streetdescriptor e ON e.usrn = i.usrn AND e.language = 'ENG'
LEFT JOIN (SELECT DISTINCT ON (uprn) uprn, code FROM places_propertyclass WHERE end_date IS NULL {and_only}
           ORDER BY uprn, scheme NOT LIKE 'AddressBase%%', start_date DESC) c ON c.uprn = p.uprn
LEFT JOIN (SELECT DISTINCT ON (uprn) uprn, name FROM places_propertyorganisation WHERE end_date IS NULL {and_only}
           ORDER BY uprn, start_date DESC, key) o ON o.uprn = p.uprn
LEFT JOIN (SELECT DISTINCT ON (uprn) uprn, post_town FROM places_deliverypoint WHERE end_date IS NULL {and_only}
           ORDER BY uprn, start_date DESC, udprn) r ON r.uprn = p.uprn
{where_only}
"""
_STREETS = """
SELECT d.usrn, d.language, d.description, d.locality, d.town, s.post_towns
FROM places_streetdescriptor d
JOIN (SELECT usrn, coalesce(string_agg(DISTINCT post_town, ' '), '') AS post_towns FROM places_identifier {where_only}
      GROUP BY usrn) s ON s.usrn = d.usrn
"""
_WORDS = """
SELECT word FROM (SELECT unnest(tsvector_to_array(words)) AS word FROM {streets} {where_streets}
    UNION SELECT unnest(tsvector_to_array(names)) FROM {lines} {where_lines}) AS said
WHERE word ~ '^[a-z]{{3,}}$'
"""


def remake(cursor: CursorWrapper, uprns: str | None = None, *, lock: Callable[[], None] | None = None) -> None:
    """Make the look-up rows of all properties, or of those in the column `uprn` of the temporary table named `uprns`.

    Belongs at the end of the transaction that changed the gazetteer, whose tables should be analysed before when all is made:
    tables are then built beside and take the place of those in use, for which readers wait from here to the commit; `lock` is
    called before, to take those tables patiently. Of a few properties, rows are replaced, with the streets they stand in; whoever renames a street names all its properties.
    """
    if uprns is None:
        _remake_all(cursor, lock)
    else:
        _remake_some(cursor, connection.ops.quote_name(uprns))


def parts_of(cursor: CursorWrapper, *, keys: list[str], uprns: list[int]) -> dict[str, Parts]:
    """The parts of some addresses of these properties, by their keys."""
    chosen = {"and_only": "AND uprn = ANY (%(uprns)s)", "where_only": "WHERE i.key = ANY (%(keys)s)"}
    cursor.execute(_IDENTIFIERS.format(**chosen), {"keys": keys, "uprns": uprns})
    return {row[0]: Parts._make(row[8:]) for row in cursor.fetchall()}


def _remake_all(cursor: CursorWrapper, lock: Callable[[], None] | None) -> None:
    lines, streets, words = (_beside(cursor, table) for table in (LINES, STREETS, WORDS))
    _stream(cursor, _IDENTIFIERS.format(and_only="", where_only=""), into=lines, make=_line)
    _stream(cursor, _STREETS.format(where_only=""), into=streets, make=_street)
    said = _WORDS.format(streets=streets, lines=lines, where_streets="", where_lines="")
    _stream(cursor, said, into=words, make=_word)
    indexes = {table: _index(cursor, table) for table in (LINES, STREETS, WORDS)}
    if lock:
        lock()
    for table, made in indexes.items():  # readers wait from here
        _exchange(cursor, table, made)


def _remake_some(cursor: CursorWrapper, uprns: str) -> None:
    chosen = f"SELECT uprn FROM {uprns}"  # noqa: S608
    streets = f"SELECT usrn FROM places_identifier WHERE uprn IN ({chosen})"  # noqa: S608
    cursor.execute("CREATE TEMPORARY TABLE lookup_streets (usrn integer PRIMARY KEY) ON COMMIT DROP")
    cursor.execute(
        f"INSERT INTO lookup_streets {streets} UNION SELECT usrn FROM {LINES} WHERE uprn IN ({chosen})"  # noqa: S608
    )
    cursor.execute("ANALYZE lookup_streets")
    cursor.execute(f"DELETE FROM {LINES} WHERE uprn IN ({chosen})")  # noqa: S608
    identifiers = _IDENTIFIERS.format(and_only=f"AND uprn IN ({chosen})", where_only=f"WHERE i.uprn IN ({chosen})")
    _stream(cursor, identifiers, into=LINES, make=_line)
    cursor.execute(f"DELETE FROM {STREETS} WHERE usrn IN (SELECT usrn FROM lookup_streets)")  # noqa: S608
    where_only = "WHERE usrn IN (SELECT usrn FROM lookup_streets)"
    _stream(cursor, _STREETS.format(where_only=where_only), into=STREETS, make=_street)
    words = _WORDS.format(
        streets=STREETS, lines=LINES, where_streets=where_only, where_lines=f"WHERE uprn IN ({chosen})"
    )
    new = f"{words} AND NOT EXISTS (SELECT 1 FROM {WORDS} known WHERE known.word = said.word)"  # noqa: S608
    _stream(cursor, new, into=WORDS, make=_word)
    cursor.execute("DROP TABLE lookup_streets")


def _stream(cursor: CursorWrapper, select: str, *, into: str, make: Callable[[Row], Row]) -> None:
    """Read rows by a cursor of the server, make others of them, and copy these in: a few thousand at a time."""
    cursor.execute("SET LOCAL cursor_tuple_fraction = 1")
    cursor.execute("DECLARE lookup_source NO SCROLL CURSOR FOR " + select.replace("%%", "%"))
    while True:
        cursor.execute(f"FETCH FORWARD {AT_ONCE} FROM lookup_source")
        rows = cursor.fetchall()
        if not rows:
            break
        with cursor.copy(f"COPY {into} FROM STDIN") as copy:
            for row in rows:
                copy.write_row(make(row))
    cursor.execute("CLOSE lookup_source")


def _beside(cursor: CursorWrapper, table: str) -> str:
    """A new table like `table`, without its indexes, in the schema that new tables are made in."""
    new = f"{table}_new"
    cursor.execute(f"CREATE TABLE {new} (LIKE {table} INCLUDING DEFAULTS)")
    return new


def _index(cursor: CursorWrapper, table: str) -> list[tuple[str, str | None]]:
    """Give the new table the indexes of the one in use; their names, with that of the constraint where one is a key."""
    cursor.execute(
        "SELECT c.relname, pg_get_indexdef(x.indexrelid), k.conname FROM pg_index x JOIN pg_class c ON c.oid = x.indexrelid"
        " LEFT JOIN pg_constraint k ON k.conindid = x.indexrelid AND k.contype = 'p' WHERE x.indrelid = %s::regclass",
        [table],
    )
    indexes = cursor.fetchall()
    for name, definition, _key in indexes:
        _, _, how = definition.partition(" USING ")
        unique = "UNIQUE " if definition.startswith("CREATE UNIQUE ") else ""
        cursor.execute(f"CREATE {unique}INDEX {name}_new ON {table}_new USING {how}")
    cursor.execute(f"ANALYZE {table}_new")
    return [(name, key) for name, _definition, key in indexes]


def _exchange(cursor: CursorWrapper, table: str, indexes: list[tuple[str, str | None]]) -> None:
    """Put the new table in the place of the one in use."""
    cursor.execute(f"DROP TABLE {table}")
    cursor.execute(f"ALTER TABLE {table}_new RENAME TO {table}")
    for name, key in indexes:
        cursor.execute(f"ALTER INDEX {name}_new RENAME TO {name}")
        if key:
            cursor.execute(f"ALTER TABLE {table} ADD CONSTRAINT {key} PRIMARY KEY USING INDEX {name}")


def _line(row: Row) -> Row:
    key, uprn, usrn, language, status, of_property, gone, classification = row[:8]
    parts = Parts._make(row[8:])
    written = address_lines.write(parts)
    line = written.line
    return (
        key,
        uprn,
        usrn,
        language,
        status,
        gone or status in _ENDED or of_property in _ENDED,
        classification[:2] in SHELLS,
        classification,
        parts.pao_start_number,
        parts.pao_end_number,
        written.number[:_LABEL],
        written.flat[:_LABEL],
        line,
        written.postcode[:_POSTCODE],
        written.sort_key,
        _vector(line.removesuffix(written.postcode)) if written.named else None,
    )


def _vector(text: str) -> str:
    return " ".join(word[:_LONGEST] for word in address_words.indexed(address_words.words(text)))


def _street(row: Row) -> Row:
    usrn, language, description, locality, town, post_towns = row
    name = address_words.words(description)
    words = _vector(f"{description} {locality} {town} {post_towns}")
    return f"{usrn}{language}", usrn, language, " ".join(name)[:130], len(name), words


def _word(row: Row) -> Row:
    return row[0], list(address_words.slips(row[0]))
