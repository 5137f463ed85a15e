"""Addresses as badge orders take them: 50, 40 and 40 characters, where applications may have 100 in each line."""

from typing import NamedTuple

STREET, LINE2, TOWN = 50, 40, 40


class BadgeAddress(NamedTuple):
    """The three lines of a badge order. They may be too long still: then no way was found to fit them."""

    street: str
    line2: str
    town: str

    @property
    def fits(self) -> bool:
        """Whether each line is within what an order takes."""
        return len(self.street) <= STREET and len(self.line2) <= LINE2 and len(self.town) <= TOWN


def fit(line1: str, line2: str, town: str) -> BadgeAddress:
    """The same words in the same order over three lines that an order takes; unchanged when they fit, or cannot.

    A town too long gives its beginning to the lines above, at a comma.
    """
    as_given = BadgeAddress(_spaced(line1), _spaced(line2), _spaced(town))
    if as_given.fits:
        return as_given
    moved, kept = _shorten_town(as_given.town)
    street = ", ".join(part for part in (as_given.street, as_given.line2, moved) if part)
    for end in _breaks(street):
        wrapped = BadgeAddress(street[:end].rstrip(" ,"), street[end:].lstrip(" ,"), kept)
        if wrapped.fits and wrapped.street:
            return wrapped
    return as_given


def _shorten_town(town: str) -> tuple[str, str]:
    parts = [part.strip() for part in town.split(",") if part.strip()]
    for start in range(len(parts)):
        kept = ", ".join(parts[start:])
        if len(kept) <= TOWN:
            return ", ".join(parts[:start]), kept
    return "", town


def _breaks(text: str) -> list[int]:
    """Where the first line may end: at a comma if possible, else between words, the latest first."""
    commas = [index for index, char in enumerate(text) if char == "," and index <= STREET]
    spaces = [index for index, char in enumerate(text) if char == " " and index <= STREET]
    whole = [len(text)] if len(text) <= STREET else []
    return whole + commas[::-1] + spaces[::-1]


def _spaced(text: str) -> str:
    return " ".join(text.split())
