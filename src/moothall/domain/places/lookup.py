"""Addresses found: by postcode, by typing, by UPRN, and nearest to a point. Every search is bounded.

Typing goes in two steps. Most addresses are a number in a street: the streets that have all the words are found first (there are
few streets), then the numbers within. The others have a name of their own, and those alone are indexed with all their words. When
nothing has all the words, mistyped ones are put right, and then one word may be missing.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

from moothall.core import planned
from moothall.domain.places.lookup_query import Asked, Numbers, asked, score
from moothall.domain.places.models.gazetteer import Status
from moothall.kit import address_words, grid
from moothall.kit import postcode as postcodes
from moothall.kit import uprn as uprns

MOST = 100  # found by typing
MOST_AT_POSTCODE = 2_000
FARTHEST = 5_000  # metres
_STREETS, _STREETS_SHOWN = 400, 8
_CLASS = re.compile(r"[A-Z]{1,2}[0-9]{0,2}[A-Z]{0,2}")


@dataclass(frozen=True, slots=True)
class Choice:
    """Which addresses may be found. Left alone: those that are, of any use, without shells and streets."""

    historic: bool = False
    shells: bool = False  # the whole of a divided building, and streets (classes PP and PS)
    residential: bool = False  # these alone; what is of two uses is among them
    classes: tuple[str, ...] = ()  # what the class begins with, such as RD
    language: str = "ENG"  # which of two names of one address to show

    def params(self) -> dict[str, Any]:
        """As statements take it."""
        classes = [f"{one.upper()}%" for one in self.classes if _CLASS.fullmatch(one.upper())]
        return {
            "historic": self.historic,
            "shells": self.shells,
            "residential": self.residential,
            "classes": classes or None,
        }


class Found(NamedTuple):
    """An address that was found."""

    key: str  # of its Identifier
    uprn: int
    usrn: int
    language: str
    status: int
    historic: bool
    classification: str
    label: str
    flat: str
    line: str
    postcode: str
    sort_key: str
    metres: float | None = None  # from the point asked for

    @property
    def reference(self) -> str:
        """The UPRN as it is kept with an address."""
        return uprns.normalise(str(self.uprn))


_ASKED = "l.key, l.uprn, l.usrn, l.language, l.status, l.historic, l.classification, l.label, l.flat, l.line, l.postcode, l.sort_key"
_ALLOWED = """(%(historic)s::boolean OR NOT l.historic) AND (%(shells)s::boolean OR NOT l.shell)
    AND (NOT %(residential)s::boolean OR left(l.classification, 1) IN ('R', 'X'))
    AND (%(classes)s::text[] IS NULL OR l.classification LIKE ANY (%(classes)s::text[]))"""
_BEGINS = "AND (%(begins)s::text IS NULL OR starts_with(l.postcode, %(begins)s::text))"
_AT_POSTCODE = f"""SELECT {_ASKED} FROM places_lookupline l WHERE l.postcode = %(postcode)s AND {_ALLOWED}
    ORDER BY l.sort_key LIMIT {MOST_AT_POSTCODE}"""  # noqa: S608
_FROM_POSTCODE = f"""SELECT {_ASKED} FROM places_lookupline l WHERE l.postcode >= %(begins)s::text
    AND l.postcode < %(begins)s::text || '~' AND {_ALLOWED} ORDER BY l.postcode LIMIT {MOST}"""  # noqa: S608
_WITH_UPRN = f"SELECT {_ASKED} FROM places_lookupline l WHERE l.uprn = ANY (%(uprns)s::bigint[]) LIMIT 1000"  # noqa: S608
_STREETS_FOUND = f"""found AS MATERIALIZED (
    SELECT usrn, min(length) AS length FROM (
        SELECT usrn, length FROM places_lookupstreet WHERE words @@ %(words)s::tsquery LIMIT 1500) AS several
    GROUP BY usrn ORDER BY min(length), usrn LIMIT {_STREETS})"""  # noqa: S608
_NUMBERED = f"""WITH {_STREETS_FOUND} SELECT {_ASKED}
    FROM found JOIN places_lookupline l ON l.usrn = found.usrn AND l.number = ANY (%(numbers)s::int[])
    WHERE {_ALLOWED} {_BEGINS}
    ORDER BY (l.label = ANY (%(labels)s::text[]))::int * 2 + (l.flat = ANY (%(flats)s::text[]))::int * 2 + (l.flat = '')::int DESC,
        found.length LIMIT 50"""  # noqa: S608
_IN_STREET = f"""WITH {_STREETS_FOUND} SELECT {_ASKED}
    FROM (SELECT usrn, length FROM found ORDER BY length, usrn LIMIT {_STREETS_SHOWN}) AS first CROSS JOIN LATERAL (
        SELECT * FROM places_lookupline l WHERE l.usrn = first.usrn AND {_ALLOWED} {_BEGINS} AND (%(number)s::int IS NULL
            OR (l.number <= %(number)s::int AND l.end_number >= %(number)s::int))
        ORDER BY l.sort_key LIMIT 12) AS l"""  # noqa: S608
_NAMED = f"""SELECT {_ASKED} FROM places_lookupline l WHERE l.names @@ %(words)s::tsquery AND {_ALLOWED} {_BEGINS}
    LIMIT 80"""  # noqa: S608
_FIRST_LETTERS = f"""SELECT {_ASKED} FROM (SELECT usrn FROM places_lookupstreet WHERE name >= %(name)s::text
        AND name < %(name)s::text || '~' ORDER BY name LIMIT 40) AS first
    CROSS JOIN LATERAL (SELECT * FROM places_lookupline l WHERE l.usrn = first.usrn AND {_ALLOWED} {_BEGINS}
        AND (%(numbers)s::int[] IS NULL OR l.number = ANY (%(numbers)s::int[])) ORDER BY l.sort_key LIMIT 5) AS l LIMIT 60"""  # noqa: S608
_KNOWN = """SELECT word FROM places_lookupword WHERE word = ANY (%(words)s::text[])
    UNION ALL (SELECT %(last)s::text FROM places_lookupword
    WHERE %(last)s::text <> '' AND word >= %(last)s::text AND word < %(last)s::text || '~' LIMIT 1)"""
_LIKE = "SELECT word FROM places_lookupword WHERE slips && %(slips)s::varchar[] LIMIT 400"
_NEAR = f"""SELECT {_ASKED}, sqrt((p.x - %(x)s::numeric) ^ 2 + (p.y - %(y)s::numeric) ^ 2)::float8 AS metres
    FROM places_property p JOIN places_lookupline l ON l.uprn = p.uprn
    WHERE p.x BETWEEN %(x)s::numeric - %(within)s::int AND %(x)s::numeric + %(within)s::int
      AND p.y BETWEEN %(y)s::numeric - %(within)s::int AND %(y)s::numeric + %(within)s::int AND {_ALLOWED}
    ORDER BY metres, l.sort_key LIMIT 400"""  # noqa: S608


def is_ready() -> bool:
    """Whether there is a gazetteer to look in."""
    return bool(_fetch("SELECT 1 FROM places_lookupline LIMIT 1", {}))


def at_postcode(postcode: str, choice: Choice = Choice()) -> list[Found]:
    """Every address with a postcode, up the street, each property once. Raises InvalidPostcode."""
    params = {**choice.params(), "postcode": postcodes.normalise(postcode)}
    return _once(_rows(_AT_POSTCODE, params), choice)


def with_uprn(uprn: str, choice: Choice = Choice()) -> Found | None:
    """The address of a property, whatever has become of it. Raises InvalidUprn."""
    return next(iter(with_uprns([uprn], choice)), None)


def with_uprns(given: Iterable[str], choice: Choice = Choice()) -> list[Found]:
    """The addresses of some properties, those that are known. Raises InvalidUprn."""
    wanted = [int(uprns.normalise(one)) for one in given]
    return _once(_rows(_WITH_UPRN, {"uprns": wanted}), choice)


def near(x: Decimal, y: Decimal, choice: Choice = Choice(), *, limit: int = 10) -> list[Found]:
    """The addresses nearest to a point of the British National Grid (metres), the nearest first; none beyond 5 km."""
    within = 25
    while True:
        rows = _rows(_NEAR, {**choice.params(), "x": x, "y": y, "within": within})
        found = sorted(_once(rows, choice), key=lambda one: (one.metres or 0, one.sort_key))
        inside = [one for one in found if (one.metres or 0) <= within]
        if len(inside) >= limit or within >= FARTHEST:
            return inside[:limit]
        within = min(within * 4, FARTHEST)


def near_point(latitude: float, longitude: float, choice: Choice = Choice(), *, limit: int = 10) -> list[Found]:
    """As `near`, of a point by latitude and longitude (OSTN15). Raises grid.InvalidPoint outside Great Britain."""
    x, y = grid.to_grid(latitude, longitude)
    return near(x, y, choice, limit=limit)


def find(text: str, choice: Choice = Choice(), *, limit: int = 20) -> list[Found]:
    """The addresses that what was typed may mean, the likeliest first; a postcode that none of them has may be wrong."""
    query = asked(text)
    if query.uprn:
        return _once(_rows(_WITH_UPRN, {"uprns": [query.uprn]}), choice)
    if not (found := _meant(query, choice)) and (query.postcode or query.postcode_begins):
        found = _meant(query.without_postcode(), choice)
    return found[: min(limit, MOST)]


def _meant(query: Asked, choice: Choice) -> list[Found]:
    params = {**choice.params(), "begins": query.postcode_begins or None}
    if query.postcode:
        return _ranked(query, _rows(_AT_POSTCODE, {**params, "postcode": query.postcode}), choice)
    if not query.every_word:
        return _once(_rows(_FROM_POSTCODE, params), choice) if len(query.postcode_begins) > 2 else []
    found, query = _typed(query, params)
    return _ranked(query, found, choice)


def _typed(query: Asked, params: dict[str, Any]) -> tuple[list[Found], Asked]:
    """What has all the words; or has them put right; or has all but one."""
    if not query.words and len(query.last) < 3:
        numbers = Numbers.of(query).whole or None
        return _rows(_FIRST_LETTERS, {**params, "name": query.last, "numbers": numbers}), query
    if found := _having(query, query.tsquery(), params):
        return found, query
    known = {row[0] for row in _fetch(_KNOWN, {"words": list(query.every_word), "last": query.last})}
    unknown = [word for word in query.every_word if word not in known and address_words.same(word) == word]
    put_right = query.corrected(_instead(unknown)) if unknown else query
    if unknown and put_right.every_word and (found := _having(put_right, put_right.tsquery(), params)):
        return found, put_right
    every = query.corrected(
        {**{k: v for k, v in _instead(list(query.every_word)).items() if v}, **dict(put_right.instead)}
    )
    if every.instead and (found := _having(every, every.tsquery(), params)):
        return found, every
    words = put_right.every_word
    fewer = [put_right.tsquery([other for other in words if other != word], shortest=3) for word in words]
    less = " | ".join(f"({one})" for one in fewer if one)
    return (_having(put_right, less, params, named=less) if less else []), put_right


def _having(query: Asked, words: str, params: dict[str, Any], named: str = "") -> list[Found]:
    """Rows of streets that have the words, and of names that have `named`: where there are so many, two letters are too few."""
    if not words:
        return []
    numbers = Numbers.of(query)
    given = {**params, "words": words, "numbers": numbers.whole, "labels": numbers.labels, "flats": numbers.flats}
    if numbers.whole:
        found = _rows(_NUMBERED, given) or _rows(_IN_STREET, {**given, "number": numbers.whole[-1]})
    else:
        found = _rows(_IN_STREET, {**given, "number": None})
    named = named or query.tsquery(shortest=3)
    if not named:
        return found
    all_of_it = " & ".join([f"({named})", *(address_words.same(number) for number in query.numbers)])
    return found + _rows(_NAMED, {**given, "words": all_of_it})


def _instead(words: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """What each word may have been meant to be: a slip of the keyboard away, two in a long word."""
    long_enough = [word for word in words if len(word) >= 4]
    slips = sorted({slip for word in long_enough for slip in address_words.slips(word)})
    like = [row[0] for row in _fetch(_LIKE, {"slips": slips})] if slips else []
    instead: dict[str, tuple[str, ...]] = {}
    for word in words:
        near = sorted((address_words.apart(word, other), other) for other in like if abs(len(other) - len(word)) < 2)
        most = 2 if len(word) >= 8 else 1
        instead[word] = tuple(other for cost, other in near if 0 < cost <= most)[:6]
    return instead


def _ranked(query: Asked, found: list[Found], choice: Choice) -> list[Found]:
    scores = {one: score(query, line=one.line, label=one.label, flat=one.flat) for one in set(found)}
    best = sorted(scores, key=lambda one: (-scores[one], one.status, one.language != choice.language, one.sort_key))
    first: dict[int, Found] = {}
    for one in best:
        first.setdefault(one.uprn, one)
    return list(first.values())


def _once(found: list[Found], choice: Choice) -> list[Found]:
    """Each property once, in the order found, by its approved address in the language asked for."""
    best: dict[int, Found] = {}
    for one in found:
        other = best.get(one.uprn)
        if other is None or _rank(one, choice) < _rank(other, choice):
            best[one.uprn] = one
    return [one for one in found if best[one.uprn] is one]


def _rank(one: Found, choice: Choice) -> tuple[bool, bool, bool, int]:
    return one.historic, one.status != Status.APPROVED, one.language != choice.language, one.status


def _rows(statement: str, params: dict[str, Any]) -> list[Found]:
    return [Found(*row) for row in _fetch(statement, params)]


def _fetch(statement: str, params: dict[str, Any]) -> list[Any]:
    with planned.cursor() as cursor:
        cursor.execute(statement, params)
        rows: list[Any] = cursor.fetchall()
    return rows
