"""Case references people can read out, write down and mistype without reaching another case.

A reference is a service's prefix, seven characters and a check character: `BB-4KX2-9TFC`. None of the characters
after the prefix looks or sounds like another digit or letter (no 0 O, 1 I L, 2 Z, 5 S, 6 G, 8 B, U V), none is a vowel (so no
words), and a prefix has no I, L or O.

Every character, prefix included, has a value below 23 and every place its own weight; the weighted sum is a multiple
of 23. As 23 is prime and the weights differ, one wrong character and two swapped characters always show. Letters
that only a prefix has share values with the digits, which no prefix has; a swap between them breaks the format.
"""

import re
from typing import NamedTuple

from moothall.kit.invalid import Invalid

ALPHABET = "23456789CDFHJKMNPQRTWXY"
"""What the seven characters and the check character are made of."""

HIGHEST_NUMBER = len(ALPHABET) ** 7 - 1

_PREFIX_ONLY = "ABEGSUVZ"
_VALUES = {letter: value for value, letter in enumerate(ALPHABET)} | {
    letter: value for value, letter in enumerate(_PREFIX_ONLY)
}
_PREFIX = re.compile(rf"[{_PREFIX_ONLY}{ALPHABET[8:]}]{{2,4}}")
_REFERENCE = re.compile(rf"({_PREFIX.pattern})([{ALPHABET}]{{8}})")
_SPREAD = 1_234_567_891  # coprime with 23: neighbouring numbers get references that look nothing alike


class InvalidReference(Invalid):
    """The text is not a case reference, or a service's prefix or number cannot make one."""


class Reference(NamedTuple):
    """A reference taken apart: the service's prefix and the number it was made from."""

    prefix: str
    number: int


def make(prefix: str, number: int) -> str:
    """Return the reference of a service's nth case, such as `BB-4KX2-9TFC`. Raises InvalidReference.

    `prefix` is two to four capital letters without I, L and O; `number` is from 0 to HIGHEST_NUMBER.
    """
    if not _PREFIX.fullmatch(prefix):
        raise InvalidReference(f"“{prefix}” cannot be a prefix: use two to four capital letters other than I, L and O.")
    if not 0 <= number <= HIGHEST_NUMBER:
        raise InvalidReference(f"{number} cannot be a case number: use 0 to {HIGHEST_NUMBER}.")
    rest = number * _SPREAD % (HIGHEST_NUMBER + 1)
    body = ""
    for _ in range(7):
        rest, value = divmod(rest, len(ALPHABET))
        body = ALPHABET[value] + body
    check = -_weighted_sum(prefix + body + ALPHABET[0]) % len(ALPHABET)
    return _join(prefix, body + ALPHABET[check])


def normalise(text: str, *, prefix: str | None = None) -> str:
    """Return the reference as stored, whatever its case, spaces and hyphens. Raises InvalidReference.

    With `prefix`, a reference of another service is refused too.
    """
    return _join(*_split(text, prefix))


def parse(text: str, *, prefix: str | None = None) -> Reference:
    """Return a reference's prefix and number. Raises InvalidReference as `normalise` does."""
    found, body = _split(text, prefix)
    spread = 0
    for letter in body[:7]:
        spread = spread * len(ALPHABET) + _VALUES[letter]
    return Reference(found, spread * pow(_SPREAD, -1, HIGHEST_NUMBER + 1) % (HIGHEST_NUMBER + 1))


def is_valid(text: str, *, prefix: str | None = None) -> bool:
    """Say whether `normalise` would accept the text."""
    try:
        normalise(text, prefix=prefix)
    except InvalidReference:
        return False
    return True


def display(value: str) -> str:
    """Return the reference as printed on letters: `BB-4KX2-9TFC`. Raises InvalidReference."""
    return normalise(value)


def _split(text: str, prefix: str | None) -> tuple[str, str]:
    letters = re.sub(r"[\s‐‑–-]", "", text).upper()
    match = _REFERENCE.fullmatch(letters)
    if match is None:
        example = make(prefix or "BB", 1)
        raise InvalidReference(
            f"“{text.strip()}” is not a case reference. A reference looks like {example}; after its first letters it "
            f"never has the letters A, B, E, G, I, L, O, S, U, V or Z, nor 0 or 1."
        )
    if _weighted_sum(letters):
        raise InvalidReference(
            f"“{text.strip()}” has a wrong or swapped character. Check it against the letter or e-mail it came from."
        )
    found, body = match.groups()
    if prefix is not None and found != prefix:
        raise InvalidReference(f"“{text.strip()}” belongs to another service: its references start with {prefix}-.")
    return found, body


def _weighted_sum(letters: str) -> int:
    return sum(weight * _VALUES[letter] for weight, letter in enumerate(reversed(letters), start=1)) % len(ALPHABET)


def _join(prefix: str, body: str) -> str:
    return f"{prefix}-{body[:4]}-{body[4:]}"
