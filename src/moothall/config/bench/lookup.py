"""Look-up on a county of 2,000,000 properties: what a postcode and each keystroke cost, and whether the right address comes first.

A query is what somebody types for one address, drawn from the county in the ways people write: number, street and town; with
abbreviations; number and postcode; flats; names of houses and businesses; words in another order. Each is asked for after every
key, by the same connection. Right is when the address is among the first five of the whole query; with a typo, one letter of one
of its words is left out, doubled, changed or swapped.
"""

import json
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from django.core.management import call_command
from django.db import connection, transaction

from moothall.config import migrated
from moothall.config.bench import lookup_places, server
from moothall.domain.places import lookup, lookup_lines
from moothall.domain.places.lookup import Found

OPERATION = "one look-up: from the text typed to a list of addresses, by one connection"
POSTCODE_MS, KEY_MS, RIGHT, RIGHT_WITH_TYPO = 5.0, 20.0, 0.95, 0.85
FIRST = 5
MADE = 2  # grows when what is loaded changes, so that older databases are made anew
_SHORT = {
    "ROAD": "rd",
    "STREET": "st",
    "AVENUE": "ave",
    "CLOSE": "cl",
    "GARDENS": "gdns",
    "SAINT": "st",
    "FLAT": "flt",
    "LANE": "ln",
}
Say = Callable[[str], None]


@dataclass(frozen=True)
class Options:
    """How much is measured."""

    uprns: int = 2_000_000
    queries: int = 200
    keep: bool = True
    judged: bool = True  # whether the limits count


@dataclass(frozen=True)
class Query:
    """What is typed, and the property meant."""

    text: str
    uprn: int


def run(options: Options, say: Say) -> dict[str, Any]:
    """Measure in a database of its own. Returns the figures, with `failed`: the limits that were not kept."""
    name = f"example_bench_places_{options.uprns}"
    mark = json.dumps({"uprns": options.uprns, "made": MADE})
    known = server.comment(name) == mark
    if not known:
        migrated.create(name)
    with server.using(name):
        call_command("migrate", verbosity=0)
        if not known:
            fill(options.uprns, say)
            server.remark(name, mark)
        figures = measure(options, say)
    if not options.keep:
        server.drop(name)
    return figures


def fill(uprns: int, say: Say) -> None:
    """Make the county and the rows of look-up in the database in use."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        began = time.monotonic()
        made = lookup_places.load(cursor, uprns)
        loaded = time.monotonic()
        lookup_lines.remake(cursor)
        say(
            f"{made:,} properties in {loaded - began:,.0f} s; their look-up rows in {time.monotonic() - loaded:,.0f} s."
        )


def measure(options: Options, say: Say) -> dict[str, Any]:
    """The figures of the county in the database in use."""
    queries = _queries(options.queries)
    chance = random.Random(3)  # noqa: S311 - the same queries every time
    slipped = [Query(_slip(one.text, chance), one.uprn) for one in queries]
    for one in queries[:10]:  # the statements are planned, the caches warm
        lookup.find(one.text)
    postcodes, at_postcode = _at_postcodes(options.queries)
    keys = [_timed(lookup.find, one.text[:end]) for one in queries for end in range(1, len(one.text) + 1)]
    typed = [_timed(lookup.find, one.text) for one in slipped]
    wrong = [one.text for one in queries if not _right(one)]
    wrong_with_typo = [one.text for one in slipped if not _right(one)]
    figures: dict[str, Any] = {
        "bench": "lookup",
        "operation": OPERATION,
        "options": asdict(options),
        "postcode_ms": _ms(postcodes),
        "at_a_postcode": round(at_postcode, 1),
        "key_ms": _ms(keys),
        "keys": len(keys),
        "typo_ms": _ms(typed),
        "right": round(1 - len(wrong) / len(queries), 3),
        "right_with_typo": round(1 - len(wrong_with_typo) / len(queries), 3),
        "wrong": wrong[:10],
        "wrong_with_typo": wrong_with_typo[:10],
    }
    figures["failed"] = _failed(figures) if options.judged else []
    for name in ("postcode_ms", "key_ms", "typo_ms"):
        say(f"{name}: {figures[name]}")
    say(f"right: {figures['right']:.1%}, with a typo {figures['right_with_typo']:.1%}")
    return figures


def _failed(figures: dict[str, Any]) -> list[str]:
    kept = {
        f"a postcode in {POSTCODE_MS} ms (p95)": figures["postcode_ms"]["p95"] <= POSTCODE_MS,
        f"a key in {KEY_MS} ms (p95)": figures["key_ms"]["p95"] <= KEY_MS,
        f"{RIGHT:.0%} right": figures["right"] >= RIGHT,
        f"{RIGHT_WITH_TYPO:.0%} right with a typo": figures["right_with_typo"] >= RIGHT_WITH_TYPO,
    }
    return [limit for limit, was in kept.items() if not was]


def _at_postcodes(number: int) -> tuple[list[float], float]:
    codes = [row[0] for row in _drawn("postcode", number)]
    took = [_timed(lookup.at_postcode, code) for code in codes]
    return took, sum(len(lookup.at_postcode(code)) for code in codes) / len(codes)


def _queries(number: int) -> list[Query]:
    """Queries in the ways people write, drawn from addresses that look-up shows by itself."""
    chance = random.Random(5)  # noqa: S311 - the same queries every time
    drawn = _drawn("uprn, line, postcode, label, names IS NOT NULL", number)
    return [Query(_typed(line, code, label, named, chance), uprn) for uprn, line, code, label, named in drawn]


def _drawn(columns: str, number: int) -> Sequence[Any]:
    """Addresses drawn with the same chance for each; a third of those with names, that there be enough of them."""
    common = "NOT historic AND NOT shell AND language = 'ENG' AND status IN (1, 6)"
    with connection.cursor() as cursor:
        cursor.execute(
            f"(SELECT {columns} FROM places_lookupline WHERE {common} AND names IS NOT NULL ORDER BY md5(key) LIMIT %s) UNION ALL"  # noqa: S608
            f" (SELECT {columns} FROM places_lookupline WHERE {common} AND names IS NULL ORDER BY md5(key) LIMIT %s)",
            [number // 3, number - number // 3],
        )
        rows: Sequence[Any] = cursor.fetchall()
    return rows


def _typed(line: str, postcode: str, label: str, named: bool, chance: random.Random) -> str:
    parts = [
        part.title() if chance.random() < 0.5 else part.lower()
        for part in line.removesuffix(f", {postcode}").split(", ")
    ]
    way = chance.random()
    if label and not named and way < 0.15:
        return f"{label} {postcode}" if len(parts) < 4 else f"{parts[0]} {label} {postcode}"
    if way < 0.4:
        words = " ".join(parts).split()
        return " ".join(_SHORT.get(word.upper(), word) for word in words)
    if way < 0.5:
        return f"{' '.join(parts[1:])} {parts[0]}"  # the number, flat or name last
    if way < 0.75 and len(parts) > 3:
        return ", ".join([*parts[:-2], parts[-1]])  # without the locality
    return ", ".join(parts)


def _slip(text: str, chance: random.Random) -> str:
    """One letter of one longer word left out, doubled, changed or swapped with the next."""
    words = text.split(" ")
    long = [at for at, word in enumerate(words) if sum(map(str.isalpha, word)) >= 5]
    if not long:
        return text
    chosen = chance.choice(long)
    word = words[chosen]
    at = chance.randrange(1, len(word.strip(",")) - 1)
    other = chance.choice("aeiourstln")
    kinds = (word[:at] + word[at + 1 :], word[:at] + word[at] + word[at:], word[:at] + other + word[at + 1 :])
    words[chosen] = chance.choice((*kinds, word[:at] + word[at + 1] + word[at] + word[at + 2 :]))
    return " ".join(words)


def _right(query: Query) -> bool:
    found: list[Found] = lookup.find(query.text, limit=FIRST)
    return query.uprn in {one.uprn for one in found}


def _timed(ask: Callable[[str], Any], text: str) -> float:
    began = time.perf_counter()
    ask(text)
    return (time.perf_counter() - began) * 1000


def _ms(took: list[float]) -> dict[str, float]:
    took = sorted(took)
    return {
        name: round(took[min(len(took) - 1, int(len(took) * share))], 2)
        for name, share in (("p50", 0.5), ("p95", 0.95), ("max", 1.0))
    }
