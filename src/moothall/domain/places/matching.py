"""Addresses as others wrote them, matched to properties of the gazetteer, each with a confidence and why.

A confidence is not a chance: it says how much of what was written the address has, and whether another one has as much. Some things
decide, however much else agrees: an address of another number, street, flat, name or place is never better than doubtful.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from django.db import connection

from moothall.domain.places import lookup, lookup_lines
from moothall.domain.places.lookup import Found
from moothall.domain.places.lookup_query import Asked, asked
from moothall.kit import address_lines, address_words
from moothall.kit.address_lines import Parts

MOST = 100  # matched at once
LONGEST = 200  # signs of an address that are read
SURE = 0.8
"""From here on number, flat, street, and postcode or place agree; `tests/places/test_matching.py` has the hard cases."""
_CONFLICT, _ALIKE, _CLOSE, _UNKNOWN = 0.3, 0.5, 0.04, 0.045
_FLATS = (
    address_words.KINDS | {address_words.same(word.lower()) for word in address_lines.UNITS} | {"annexe", "basement"}
)
_SMALL = {"the", "of", "at", "and", "in", "on"}
_HYPHEN = re.compile(r"[0-9][A-Z]? *[-–] *[0-9]")


@dataclass(frozen=True, slots=True)
class Match:
    """What a written address is, as far as can be said."""

    found: Found | None
    confidence: float
    why: str


class _Said(NamedTuple):
    """A written address taken apart."""

    query: Asked
    text: str  # without its postcode
    order: list[str]  # its words
    words: frozenset[str]
    cut: bool  # it was too long


class _Likeness(NamedTuple):
    confidence: float
    whole: float  # before a doubt
    why: str


def match(text: str) -> Match:
    """The property a written address means. Its postcode may stand anywhere in it, or be missing."""
    said = _taken_apart(" ".join(text.split()) + " ")
    candidates = {one.uprn: one for one in _candidates(said)}
    if not candidates:
        return Match(None, 0.0, "Nothing like it was found.")
    parts = _parts(list(candidates.values()))
    ranked = sorted(
        ((_likeness(said, one, parts[one.key]), one) for one in candidates.values() if one.key in parts),
        key=lambda pair: (-pair[0].confidence, -pair[0].whole, pair[1].sort_key),
    )
    if not ranked:
        return Match(None, 0.0, "Nothing like it was found.")
    (confidence, _, why), best = ranked[0]
    if len(ranked) > 1 and confidence - ranked[1][0].confidence < _CLOSE and confidence > _ALIKE:
        return Match(best, _ALIKE, f"Another address is as like it: {ranked[1][1].line}.")
    return Match(best, round(confidence, 2), why)


def _taken_apart(text: str) -> _Said:
    query = asked(text)
    rest = query.text
    if query.postcode:
        rest = re.sub(re.escape(query.postcode).replace("\\ ", " *"), " ", rest)
    order = [address_words.same(word.lstrip("0") or word) for word in address_words.words(rest)]
    return _Said(query, rest, order, frozenset(order), cut=len(text) > LONGEST)


def _candidates(said: _Said) -> list[Found]:
    """Those with its postcode; and, as a postcode may be wrong, those with its words."""
    at_postcode = lookup.at_postcode(said.query.postcode) if said.query.postcode else []
    return [*at_postcode, *lookup.find(said.text, limit=20)]


def _parts(candidates: Sequence[Found]) -> dict[str, Parts]:
    with connection.cursor() as cursor:
        keys, uprns = [one.key for one in candidates], [one.uprn for one in candidates]
        return lookup_lines.parts_of(cursor, keys=keys, uprns=uprns)


def _likeness(said: _Said, one: Found, parts: Parts) -> _Likeness:
    query = said.query
    organisation = "" if one.label else parts.organisation
    its_words = _words(" ".join((parts.street, parts.sao_text, parts.pao_text, organisation)))
    wanted = {word for word in its_words if not address_words.is_number(word)} - address_words.KINDS
    missing = {word for word in wanted if not _told(word, said, slips=True)}
    words = 1 - len(missing) / len(wanted) if wanted else 1.0
    here = {number.upper() for number in query.numbers}
    needed = {number for number in (one.label, _flat_number(one), _number_within(parts)) if number}
    more_numbers = here - _numbers(one)
    numbers = 1.0 if needed <= here and not more_numbers else 0.6 if needed <= here or not more_numbers else 0.0
    more = _unknown(query, one)
    agreed = bool(query.postcode) and query.postcode == one.postcode
    whole = 0.45 * numbers + 0.4 * words + 0.15 * agreed - _UNKNOWN * min(len(more), 2)
    if numbers == 0.0 or (one.label and here and one.label not in here):
        return _Likeness(min(whole, _CONFLICT), whole, "The number is another one.")
    if numbers < 1.0:
        return _Likeness(min(whole, _ALIKE), whole, "One of the two says a number that the other does not.")
    if doubt := next(_doubts(said, one, parts, agreed=agreed), ""):
        return _Likeness(min(whole, _ALIKE), whole, doubt)
    if missing:
        return _Likeness(whole, whole, f"It does not say {', '.join(sorted(missing))}.")
    return _Likeness(whole, whole, "Number, words and postcode agree." if agreed else "Number and words agree.")


def _doubts(said: _Said, one: Found, parts: Parts, *, agreed: bool) -> Iterator[str]:
    """Why it may be another address, although no number is another one."""
    slips = agreed and bool(one.label)
    within = _name(parts.sao_text, numbered=bool(parts.sao_start_number))
    name = set() if one.label else _name(parts.pao_text or parts.organisation, numbered=False)
    if missing := [word for word in sorted(_words(parts.street) | within | name) if not _told(word, said, slips=slips)]:
        yield f"It does not say {', '.join(missing)}."
    has = _words(one.line)
    if said.words & _FLATS and not (parts.sao_text or parts.sao_start_number or has & _FLATS):
        yield "It says a flat, and the address has none."
    if (
        letters := {two for before, two in pairwise(["", *said.order]) if _is_letter(two) and not before.isdigit()}
        - has
    ):
        yield f"It says {', '.join(sorted(letters)).upper()}, and the address does not."
    if not _flat_stands_right(said, one):
        yield "The number of the flat may be the other one."
    if not agreed:
        yield from _doubts_of_place(said, one, parts)
    if said.cut:
        yield "It is too long to be read to its end."


def _flat_stands_right(said: _Said, one: Found) -> bool:
    """Whether the flat is what is said to be one; or, where nothing is, the number before that of the house."""
    if not (flat := _flat_number(one)):
        return True
    flats = {number.upper() for kind, number in pairwise(said.order) if kind in _FLATS}
    if flats:
        return flat in flats
    numbers = [number.upper() for number in said.query.numbers]
    return not _HYPHEN.search(said.text) and (not one.label or numbers.index(flat) <= numbers.index(one.label))


def _doubts_of_place(said: _Said, one: Found, parts: Parts) -> Iterator[str]:
    """What the place says, where the postcode does not agree."""
    written, street, unknown = address_lines.write(parts), _words(parts.street), _unknown(said.query, one)
    if said.query.postcode and one.postcode and said.query.postcode.split()[0] != one.postcode.split()[0]:
        yield "The postcode is that of another place."
    places = [_words(place) - street for place in written.places]
    if (said.query.postcode or unknown) and not any(place and place <= said.words for place in places):
        yield "Neither its place nor its postcode is that of the address."
    for part in said.text.split(","):
        if (stands_there := _words(part)) & street and (more := sorted(unknown & stands_there)):
            yield f"It says {', '.join(more)} with the street."


def _unknown(query: Asked, one: Found) -> set[str]:
    """Words that were said and that the address does not have."""
    return {address_words.same(word) for word in (*query.every_word, *query.letters)} - {
        address_words.same(word) for word in address_words.words(one.line)
    }


def _told(word: str, said: _Said, *, slips: bool) -> bool:
    return word in said.words or (slips and any(_slip(word, other) for other in said.words))


def _words(text: str) -> set[str]:
    return {address_words.same(word.lstrip("0") or word) for word in address_words.words(text)} - _SMALL


def _name(text: str, *, numbered: bool) -> set[str]:
    """The words that tell it apart; a kind, such as FLAT, does so only where it is all there is."""
    words = _words(text)
    return words - _FLATS or (set() if numbered else words)


def _flat_number(one: Found) -> str:
    return one.flat.lstrip("0") if one.flat[:1].isdigit() else ""


def _number_within(parts: Parts) -> str:
    suffix = "".join(filter(str.isalnum, parts.sao_start_suffix or "")).upper()
    return f"{parts.sao_start_number}{suffix}" if parts.sao_start_number else ""


def _numbers(one: Found) -> set[str]:
    words = _words(one.line.removesuffix(one.postcode))
    return {word.upper() for word in words if address_words.is_number(word)}


def _is_letter(word: str) -> bool:
    return len(word) == 1 and word.isalpha()


def _slip(one: str, other: str) -> bool:
    return one.isalpha() and len(one) > 3 and abs(len(one) - len(other)) < 2 and address_words.apart(one, other) <= 1
