"""Pairs of organisations that may be one: what is compared, by which weights, and how they are found.

Organisations are too few, and too unlike, for a model to be trained on: the weights are a rule, written down here. A weight
says by how many doublings something makes it likelier that two are one; from the sum follows how likely they are.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from typing import NamedTuple

from django.db import connection

from moothall.domain.people.golden.comparing import MOST_ALIKE
from moothall.domain.people.golden.linking import Found, People
from moothall.domain.people.names import fold

MODEL = "organisations-1"
"""Told apart by this, everybody is compared anew when what is compared of organisations changes."""

PRIOR = -10.0
"""Of two that are compared about one pair in a thousand is one: doublings again."""

_SAID_BY_MANY = frozenset({"THE", "AND", "LTD", "LIMITED", "PLC", "LLP", "CIC", "CIO", "CO", "COMPANY", "INC", "UK"})
_WORDS = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_PARTS = """
    SELECT c.id, c.name, o.charity_number,
        ARRAY(
            SELECT DISTINCT old.name FROM people_customerevent old WHERE old.pgh_obj_id = c.id
            UNION SELECT gone.name FROM people_customer gone WHERE gone.merged_into_id = c.id
        ),
        ARRAY(
            SELECT a.postcode || '|' || a.uprn || '|' || a.line1 FROM people_residence r
            JOIN places_address a ON a.id = r.address_id WHERE r.customer_id = c.id
            ORDER BY r.to_date IS NOT NULL, r.from_date DESC, r.id DESC LIMIT 50
        ),
        ARRAY(
            SELECT k.normalised FROM people_contactdetail k WHERE k.customer_id = c.id
            ORDER BY k.to_date IS NOT NULL, k.from_date DESC, k.id DESC LIMIT 20
        )
    FROM people_customer c JOIN people_organisation o ON o.customer_id = c.id
    WHERE c.merged_into_id IS NULL
    ORDER BY c.id
"""


class Level(NamedTuple):
    """One way a comparison can come out, in words; under which condition (SQL of DuckDB over `l` and `r`); its weight."""

    words: str
    condition: str
    weight: float


class Comparison(NamedTuple):
    """Something compared. Where `missing` holds, nothing is known, which speaks neither for nor against."""

    name: str
    missing: str
    levels: tuple[Level, ...]


COMPARISONS = (
    Comparison(
        "organisation_name",
        "l.core = '' OR r.core = ''",
        (
            Level("Same, and no other is called so", "l.core = r.core AND l.alike = 2", 12.0),
            Level("Same", "l.core = r.core", 8.0),
            Level("The same words in another order", "l.sorted = r.sorted", 8.0),
            Level("Same as an earlier name", "list_has_any(l.names, r.names)", 8.0),
            Level(
                "Spelt much alike",
                "jaro_winkler_similarity(l.core, r.core) >= 0.95 OR"
                " (length(l.core) > 7 AND damerau_levenshtein(l.core, r.core) <= 2)",
                6.0,
            ),
            Level("One begins with the other", "starts_with(l.core, r.core) OR starts_with(r.core, l.core)", 3.0),
            Level("Different", "TRUE", -4.0),
        ),
    ),
    Comparison(
        "charity_number",
        "l.charity = '' OR r.charity = ''",
        (
            Level("Same", "l.charity = r.charity", 16.0),
            Level("One sign differs", "damerau_levenshtein(l.charity, r.charity) <= 1", 0.0),
            Level("Different", "TRUE", -8.0),
        ),
    ),
    Comparison(
        "address",
        "len(l.postcodes) = 0 OR len(r.postcodes) = 0",
        (
            Level("An address of both", "list_has_any(l.homes, r.homes)", 6.0),
            Level("A postcode of both", "list_has_any(l.postcodes, r.postcodes)", 2.5),
            Level("Different", "TRUE", -2.5),
        ),
    ),
    Comparison(
        "phone",
        "len(l.phones) = 0 OR len(r.phones) = 0",
        (
            Level("A number of both", "list_has_any(l.phones, r.phones)", 5.0),
            Level("Different", "TRUE", -1.0),
        ),
    ),
    Comparison(
        "email",
        "len(l.emails) = 0 OR len(r.emails) = 0",
        (
            Level("An address of both", "list_has_any(l.emails, r.emails)", 7.0),
            Level("Different", "TRUE", -0.5),
        ),
    ),
)


@dataclass
class Compared:
    """An organisation as compared: its names folded, everything unknown is empty."""

    id: int
    core: str  # its name without what many have, such as Limited
    sorted: str  # the same words in the order of the alphabet
    names: list[str]  # every name it has and had, so
    charity: str
    postcodes: list[str]
    homes: list[str]  # UPRNs, and first lines with postcodes
    phones: list[str]
    emails: list[str]
    keys: list[str]  # two are compared that have one of these in common


_COLUMNS = {
    one.name: "BIGINT" if one.name == "id" else "VARCHAR[]" if "list" in str(one.type) else "VARCHAR"
    for one in fields(Compared)
}
_LEVEL = {
    one.name: f"CASE WHEN {one.missing} THEN -1 "
    + " ".join(f"WHEN {level.condition} THEN {place}" for place, level in enumerate(one.levels))
    + " END"
    for one in COMPARISONS
}
_PAIRS = f"""
    WITH told AS (SELECT *, count(*) OVER (PARTITION BY core) AS alike FROM organisations),
    keyed AS (SELECT id, unnest(keys) AS key FROM organisations),
    few AS (SELECT key FROM keyed GROUP BY key HAVING count(*) BETWEEN 2 AND {MOST_ALIKE}),
    pairs AS (
        SELECT DISTINCT a.id AS first, b.id AS second
        FROM keyed a JOIN few USING (key) JOIN keyed b ON b.key = a.key AND a.id < b.id
    )
    SELECT first, second, {", ".join(_LEVEL.values())}
    FROM pairs JOIN told l ON l.id = first JOIN told r ON r.id = second
"""  # noqa: S608 - conditions of ours


def find(within: People, rows: Iterable[Compared], *, least: float, changed: Collection[int] | None) -> Iterator[Found]:
    """The pairs at least so likely; where `changed` is given, those alone one of whom is among them."""
    within.table("organisations", _COLUMNS, rows)
    found = within.database.cursor().execute(_PAIRS)
    while some := found.fetchmany(5000):
        for first, second, *places in some:
            if changed is not None and first not in changed and second not in changed:
                continue
            if (likely := probability(places)) >= least:
                evidence = tuple(
                    (one.name, int(place), one.levels[place].weight if place >= 0 else 0.0)
                    for one, place in zip(COMPARISONS, places, strict=True)
                )
                yield Found(first, second, likely, evidence)


def probability(places: Sequence[int]) -> float:
    """How likely two are one whose comparisons came out at these levels (-1: not known)."""
    told = (one.levels[place].weight for one, place in zip(COMPARISONS, places, strict=True) if place >= 0)
    return float(1 / (1 + 2 ** -(PRIOR + sum(told))))


def recorded() -> Iterator[Compared]:
    """Every organisation recorded, streamed. To be called in a transaction."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(_PARTS)
        while rows := cursor.fetchmany(2000):
            for id, name, charity, names, homes, contacts in rows:
                yield compared(id, name, charity=charity, earlier=names, homes=homes, contacts=contacts)


def compared(
    id: int,
    name: str,
    *,
    charity: str = "",
    earlier: Iterable[str] = (),
    homes: Iterable[str] = (),
    contacts: Sequence[str] = (),
) -> Compared:
    """An organisation as compared. `homes` are postcode, UPRN and first line parted by bars."""
    words = _told(name)
    parts = [home.split("|", 2) for home in homes]
    codes = sorted({code.replace(" ", "") for code, _, _ in parts if code})
    places = {f"{code.replace(' ', '')} {fold(line)}" for code, _, line in parts if line}
    places |= {uprn for _, uprn, _ in parts if uprn}
    phones = [one for one in contacts if one.startswith("+")]
    emails = [one for one in contacts if "@" in one]
    core, number = "".join(words), fold(charity)
    names = sorted({core, *("".join(_told(one)) for one in earlier)} - {""})
    in_order = "".join(sorted(words))
    keys = [f"n{one}" for one in names] + [f"s{in_order}"] * bool(in_order) + [f"c{number}"] * bool(number)
    keys += [f"b{core[:6]}"] * (len(core) > 6) + [f"p{code}{core[:3]}" for code in codes if core]
    keys += [f"h{one}" for one in sorted(places)] + phones + emails
    return Compared(
        id=id,
        core=core,
        sorted=in_order,
        names=names,
        charity=number,
        postcodes=codes,
        homes=sorted(places),
        phones=phones,
        emails=emails,
        keys=sorted(set(keys)),
    )


def _told(name: str) -> list[str]:
    """The words that tell it from others; all of them where nothing else is left."""
    words = [folded for word in _WORDS.findall(name) if (folded := fold(word))]
    return [word for word in words if word not in _SAID_BY_MANY] or words
