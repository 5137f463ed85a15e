"""UK postcodes.

Rules: the two patterns the national Blue Badge service publishes. Badge orders take the short one. Applications take
the longer one, which also knows GIR 0AA; its area letter for the `W1A` form and its digit in the outward part are
read as the Royal Mail formats they stand for, since the published text has slips there.
"""

import re

from moothall.kit.invalid import Invalid

_BADGE = re.compile(r"[A-Z]{1,2}[0-9][0-9A-Z]? ?[0-9][A-Z]{2}")
_APPLICATION = re.compile(
    r"GIR ?0AA|(?:[A-Z][0-9]{1,2}|[A-Z][A-HJ-Y][0-9]{1,2}|[A-Z][A-HJ-Y]?[0-9][A-Z]) ?[0-9][A-Z]{2}"
)


class InvalidPostcode(Invalid):
    """The text is not a postcode."""


def normalise(text: str) -> str:
    """Return the postcode as stored: upper-case with one space, such as `SW1A 1AA`. Raises InvalidPostcode.

    A postcode which either published pattern accepts is accepted. Spaces, hyphens and full stops are ignored.
    """
    letters = re.sub(r"[\s.-]", "", text).upper()
    if not (_BADGE.fullmatch(letters) or _APPLICATION.fullmatch(letters)):
        raise InvalidPostcode("Enter a full UK postcode, like SW1A 1AA.")
    return f"{letters[:-3]} {letters[-3:]}"


def is_valid(text: str) -> bool:
    """Say whether `normalise` would accept the text."""
    try:
        normalise(text)
    except InvalidPostcode:
        return False
    return True


def is_valid_for_badge(text: str) -> bool:
    """Say whether the national service takes the postcode in a badge order (GIR 0AA, for one, it does not)."""
    return is_valid(text) and _BADGE.fullmatch(normalise(text)) is not None


def display(value: str) -> str:
    """Return the postcode as people write it: `SW1A 1AA`. Raises InvalidPostcode."""
    return normalise(value)


def shown(text: str) -> str:
    """What another system gave as a postcode as people write it; as it came where it is none."""
    return normalise(text) if is_valid(text) else text


def compact(value: str) -> str:
    """Return the postcode without its space, as the national service stores it: `SW1A1AA`. Raises InvalidPostcode."""
    return normalise(value).replace(" ", "")
