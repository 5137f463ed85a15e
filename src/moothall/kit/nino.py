"""National Insurance numbers.

Rule: the pattern the national Blue Badge service publishes for applications (February 2019). Two prefix letters, of
which some are never issued, six digits and an optional letter A to D; case and spaces do not matter.
"""

import re

from moothall.kit.invalid import Invalid

_PATTERN = re.compile(r"(?!BG|GB|NK|KN|TN|NT|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z][0-9]{6}[A-D]?")


class InvalidNino(Invalid):
    """The text is not a National Insurance number."""


def normalise(text: str) -> str:
    """Return the number as stored: upper-case, no spaces, such as `AB123456C`. Raises InvalidNino."""
    value = re.sub(r"[\s-]", "", text).upper()
    if not _PATTERN.fullmatch(value):
        raise InvalidNino(
            "Enter a National Insurance number of two letters, six numbers and a letter A, B, C or D, "
            "like AB 12 34 56 C."
        )
    return value


def is_valid(text: str) -> bool:
    """Say whether `normalise` would accept the text."""
    try:
        normalise(text)
    except InvalidNino:
        return False
    return True


def display(value: str) -> str:
    """Return the number in pairs, as it is printed on letters: `AB 12 34 56 C`. Raises InvalidNino."""
    value = normalise(value)
    return " ".join(value[start : start + 2] for start in range(0, len(value), 2))
