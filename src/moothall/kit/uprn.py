"""Unique Property Reference Numbers.

Rule: the local gazetteer transfer format (DTF 7.3, record 21): a whole number of up to 12 digits, whose leading zeros
mean nothing. It is kept as text without them, since it is a name and not a quantity.
"""

import re

from moothall.kit.invalid import Invalid


class InvalidUprn(Invalid):
    """The text is not a UPRN."""


def normalise(text: str) -> str:
    """Return the UPRN as stored: digits with no leading zeros. Raises InvalidUprn."""
    digits = re.sub(r"\s", "", text)
    if not re.fullmatch(r"[0-9]{1,12}", digits) or not int(digits):
        raise InvalidUprn("Enter a UPRN of up to 12 numbers, like 10012345678.")
    return digits.lstrip("0")


def is_valid(text: str) -> bool:
    """Say whether `normalise` would accept the text."""
    try:
        normalise(text)
    except InvalidUprn:
        return False
    return True


def display(value: str) -> str:
    """Return the UPRN as stored. Raises InvalidUprn."""
    return normalise(value)
