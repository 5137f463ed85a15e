"""What somebody typed to find an address, taken apart: postcode, numbers, words, and the word still being typed."""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from itertools import pairwise

from moothall.kit import address_words

MOST_WORDS = 12
_POSTCODE = re.compile(r"(?<![A-Z0-9])([A-Z]{1,2}[0-9][A-Z0-9]?) *([0-9][A-Z]{2})(?![A-Z0-9])")
_OUTWARD = re.compile(r"(?<![A-Z0-9])([A-Z]{1,2}[0-9][A-Z0-9]?)(?: +([0-9][A-Z]?))?$")
_UPRN = re.compile(r"[0-9]{7,12}")
_RANGE = re.compile(r"(?<=[0-9a-z])\s*[-–/]\s*(?=[0-9])")
_NOT_ASKED = frozenset(["the", "of", "at", "and", "in", "on", "england", "wales", "uk"]) | address_words.KINDS


@dataclass(frozen=True, slots=True)
class Asked:
    """A query. `words` are as typed; `last` is the one that may go on, already or not."""

    text: str
    uprn: int | None = None
    postcode: str = ""  # whole, as stored
    postcode_begins: str = ""  # what the postcode starts with
    numbers: tuple[str, ...] = ()  # 12, 12a
    letters: tuple[str, ...] = ()  # which a flat may have for a name
    words: tuple[str, ...] = ()
    last: str = ""
    instead: tuple[tuple[str, tuple[str, ...]], ...] = ()  # words put right: what may stand for each

    @property
    def every_word(self) -> tuple[str, ...]:
        """The words, with the last one."""
        return (*self.words, self.last) if self.last else self.words

    def corrected(self, instead: dict[str, tuple[str, ...]]) -> "Asked":
        """The same, where a word may also be any of those; a word with none is left out."""
        words = tuple(word for word in self.words if instead.get(word) != ())
        last = "" if instead.get(self.last) == () else self.last
        kept = tuple((word, others) for word, others in instead.items() if others)
        return replace(self, words=words, last=last, instead=kept)

    def without_postcode(self) -> "Asked":
        """The same, where what seemed to be a postcode was none: a wrong one says nothing, the first half of one may be a word."""
        half = self.postcode_begins.lower()
        return replace(self, postcode="", postcode_begins="", last=self.last if " " in half else half or self.last)

    def tsquery(self, words: Iterable[str] | None = None, *, shortest: int = 2) -> str:
        """What PostgreSQL looks for: all words, the last by its beginning if that is not too short."""
        instead = dict(self.instead)
        wanted = []
        for word in self.every_word if words is None else words:
            others = {address_words.same(other) for other in (word, *instead.get(word, ()))}
            if word == self.last and word not in instead:
                if len(word) < shortest:
                    continue
                others.add(f"{word}:*")
            wanted.append(f"({' | '.join(sorted(others))})")
        return " & ".join(wanted)


def asked(text: str) -> Asked:
    """Take apart what was typed, in any order of words."""
    text = text[:200].upper()
    if _UPRN.fullmatch(text.strip()):
        return Asked(text, uprn=int(text))
    postcode = _POSTCODE.search(text)
    rest = text.replace(postcode[0], " ", 1) if postcode else text
    begins = None if postcode else _OUTWARD.search(rest.rstrip())
    if begins and (begins[2] or not _is_flat(rest[: begins.start()])):
        rest = rest.rstrip()[: begins.start()] + " "
    else:
        begins = None
    every = [
        word.lstrip("0") or "0" if word.isdigit() else word
        for word in address_words.words(_RANGE.sub(" ", rest.lower()))
    ]
    found = every[:MOST_WORDS]
    numbers = tuple(word for word in every if address_words.is_number(word))
    others = [word for word in found if not address_words.is_number(word)]
    ended = not rest or not rest[-1].isalnum() or not others or found[-1] != others[-1]
    last = "" if ended else others[-1]
    words = others if ended else others[:-1]
    meant = [word for word in words if len(word) > 1 and address_words.same(word) not in _NOT_ASKED]
    return Asked(
        text,
        postcode=f"{postcode[1]} {postcode[2]}" if postcode else "",
        postcode_begins=f"{begins[1]} {begins[2]}" if begins and begins[2] else begins[1] if begins else "",
        numbers=_joined(every, numbers),
        letters=tuple(word for word in others if len(word) == 1),
        words=tuple(dict.fromkeys(meant)),
        last="" if address_words.same(last) in _NOT_ASKED else last,
    )


def _is_flat(before: str) -> bool:
    """Whether what comes next is a flat, by the word before it: UNIT B12 is no postcode."""
    words = address_words.words(before)
    return bool(words) and address_words.same(words[-1]) in address_words.KINDS


def _joined(found: list[str], numbers: tuple[str, ...]) -> tuple[str, ...]:
    """The numbers; one with a letter that stands apart is one with a suffix: 12 a is 12a."""
    joined = {one: f"{one}{two}" for one, two in pairwise(found) if one.isdigit() and len(two) == 1 and two.isalpha()}
    return tuple(dict.fromkeys(joined.get(number, number) for number in numbers))


@dataclass(frozen=True, slots=True)
class Numbers:
    """The numbers of a query as rows keep them."""

    whole: list[int]
    labels: list[str]  # 12, 12A
    flats: list[str]

    @classmethod
    def of(cls, query: Asked) -> "Numbers":
        """What may be the number of a house, and of a flat."""
        labels = [number.upper() for number in query.numbers]
        digits = [re.match(r"[0-9]+", label)[0] for label in labels]  # type: ignore[index]
        suffixes = [label[len(its) :] for label, its in zip(labels, digits, strict=True)]
        letters = [letter.upper() for letter in query.letters]
        flats = dict.fromkeys((*labels, *letters, *(suffix for suffix in suffixes if suffix)))
        return cls(list(map(int, dict.fromkeys(digits))), labels, list(flats))


def score(query: Asked, *, line: str, label: str, flat: str) -> float:
    """How well an address answers: more for each word and number it has, a little less for each one nobody said."""
    found = address_words.indexed(address_words.words(line))
    instead = dict(query.instead)
    points = 0.0
    for word in query.every_word:
        if address_words.same(word) in found:
            points += 2
        elif word == query.last and any(one.startswith(word) for one in found):
            points += 1.5
        elif any(address_words.same(other) in found for other in instead.get(word, ())):
            points += 1.2
        else:
            points -= 1
    points += _score_numbers(query, label, flat, found)
    return points - 0.06 * len(found)


def _score_numbers(query: Asked, label: str, flat: str, found: Collection[str]) -> float:
    labels = [number.upper() for number in query.numbers]
    letters = [letter.upper() for letter in query.letters]
    points = 0.0
    if label and label in labels:
        points += 3
    elif flat and f"{label}{flat}" in labels:  # 12b for flat B at 12
        return 4.0
    elif any(address_words.same(number) in found for number in query.numbers):
        points += 0.5
    if flat:
        points += 2 if flat in labels or flat in letters else -0.5
        if len(labels) > 1 and [flat, label] == labels[:2]:
            points += 0.3
    return points
