"""Kinds of value a condition can meet: numbers, texts, days, yes or no, lists, and things with parts."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

Name = Literal["any", "nothing", "yes_no", "whole", "decimal", "number", "text", "day", "list", "parts"]

_SAID = {
    "any": "anything",
    "nothing": "nothing (null)",
    "yes_no": "yes or no",
    "text": "text",
    "day": "a day",
    "list": "a list",
    "parts": "a thing with parts",
}


@dataclass(frozen=True)
class Kind:
    """What a value may be. `words`, when given, are the only texts it can be, and `of` says what they are.

    A list has the kind of its items as `item`. A thing with parts has either `parts` by name, or `words` as the names
    of its parts and the kind of all of them as `item`. A `number` may be whole or not; which, nobody knows beforehand.
    """

    name: Name
    item: "Kind | None" = None
    words: frozenset[str] | None = None
    of: str = ""
    parts: tuple[tuple[str, "Kind"], ...] = ()

    @property
    def family(self) -> str:
        """Kinds of one family can be compared with one another."""
        return {"whole": "number", "decimal": "number", "day": "text"}.get(self.name, self.name)

    @property
    def is_open(self) -> bool:
        """Whether nothing can be said against it."""
        return self.name in ("any", "nothing")

    def __str__(self) -> str:
        return _SAID.get(self.name, "a number")


ANY, NOTHING, YES_NO = Kind("any"), Kind("nothing"), Kind("yes_no")
WHOLE, DECIMAL, NUMBER = Kind("whole"), Kind("decimal"), Kind("number")
TEXT, DAY = Kind("text"), Kind("day")


def word(known: Iterable[str] | None, of: str) -> Kind:
    """A text that is one of those known; None means any text."""
    return TEXT if known is None else Kind("text", words=frozenset(known), of=of)


def list_of(item: Kind) -> Kind:
    """A list whose items are of one kind."""
    return Kind("list", item=item)


def with_parts(parts: Mapping[str, Kind]) -> Kind:
    """A thing whose parts are all known."""
    return Kind("parts", parts=tuple(sorted(parts.items())))


def by_word(known: Iterable[str], of: str, item: Kind) -> Kind:
    """A thing with a part for every word known, all of one kind."""
    return Kind("parts", item=item, words=frozenset(known), of=of)


def common(one: Kind, other: Kind) -> Kind | None:
    """The kind of a value that is of one kind or the other; None when they have nothing in common."""
    if one.is_open:
        return other
    if other.is_open or one == other:
        return one
    if one.family != other.family:
        return None
    if one.family == "number":
        return NUMBER
    if one.words is not None and other.words is not None and one.name == "text":
        return Kind("text", words=one.words | other.words, of=one.of)
    return ANY if one.family in ("list", "parts") else TEXT
