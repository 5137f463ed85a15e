"""Addresses as others wrote them, matched to properties of the gazetteer, each with a confidence and why.

A confidence is not a chance: it says how much of what was written the address has, and whether another one has as much. Numbers decide:
an address whose number is another one is never better than doubtful.
"""

import re
from dataclasses import dataclass

from moothall.domain.places import lookup
from moothall.domain.places.lookup import Found
from moothall.domain.places.lookup_query import Asked, asked
from moothall.kit import address_words

MOST = 100  # matched at once
SURE = 0.8
"""From here on a match may be taken without looking; `tests/places/test_matching.py` measures how often that is right."""
_CONFLICT, _ALIKE, _CLOSE, _UNKNOWN = 0.3, 0.5, 0.04, 0.045
_FROM_HERE_ON_PLACES = 2  # parts at the end of a line that name places


@dataclass(frozen=True, slots=True)
class Match:
    """What a written address is, as far as can be said."""

    found: Found | None
    confidence: float
    why: str


def match(text: str) -> Match:
    """The property a written address means. Its postcode may stand anywhere in it, or be missing."""
    query = asked(" ".join(text.split()) + " ")
    candidates = {one.uprn: one for one in _candidates(query)}
    if not candidates:
        return Match(None, 0.0, "Nothing like it was found.")
    ranked = sorted(
        ((_confidence(query, one), one) for one in candidates.values()),
        key=lambda pair: (-pair[0][0], pair[1].sort_key),
    )
    (confidence, why), best = ranked[0]
    if len(ranked) > 1 and confidence - ranked[1][0][0] < _CLOSE and confidence > _ALIKE:
        return Match(best, _ALIKE, f"Another address is as like it: {ranked[1][1].line}.")
    return Match(best, round(confidence, 2), why)


def _candidates(query: Asked) -> list[Found]:
    """Those with its postcode; and, as a postcode may be wrong, those with its words."""
    at_postcode = lookup.at_postcode(query.postcode) if query.postcode else []
    text = re.sub(re.escape(query.postcode).replace("\\ ", " *"), " ", query.text) if query.postcode else query.text
    return [*at_postcode, *lookup.find(text, limit=20)]


def _confidence(query: Asked, one: Found) -> tuple[float, str]:
    parts = one.line.removesuffix(one.postcode).rstrip(", ").split(", ")
    near = {
        address_words.same(word) for word in address_words.words(" ".join(parts[:-_FROM_HERE_ON_PLACES] or parts[:1]))
    }
    said = {address_words.same(word) for word in (*query.every_word, *query.letters)}
    wanted = {word for word in near if not address_words.is_number(word)} - address_words.KINDS
    have = {word for word in wanted if word in said or any(_slip(word, other) for other in said)}
    words = len(have) / len(wanted) if wanted else 1.0
    here, there = (
        {number.upper() for number in query.numbers},
        {text for text in (one.label, one.flat) if text[:1].isdigit()},
    )
    numbers = 1.0 if here == there else 0.6 if here >= there or there >= here else 0.0
    more = said - {address_words.same(word) for word in address_words.words(one.line)}
    whole = 0.45 * numbers + 0.4 * words + 0.15 * (query.postcode == one.postcode) - _UNKNOWN * min(len(more), 2)
    if numbers == 0.0 or (one.label and here and one.label not in here):
        return min(whole, _CONFLICT), "The number is another one."
    if numbers < 1.0:
        return whole, "One of the two says a number that the other does not."
    if words < 1.0:
        return whole, f"It does not say {', '.join(sorted(wanted - have))}."
    return whole, "Number and words agree." if query.postcode != one.postcode else "Number, words and postcode agree."


def _slip(one: str, other: str) -> bool:
    return len(one) > 3 and abs(len(one) - len(other)) < 2 and address_words.apart(one, other) <= 1
