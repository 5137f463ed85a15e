"""Whole numbers as browsers send them: in addresses, and in fields nobody types in."""

LONGEST = 18  # digits, which the number of any row has room for


def whole(given: str) -> int | None:
    """The number, 0 or more; None when it is none, or too large for the number of a row."""
    return int(given) if given.isascii() and given.isdigit() and len(given) <= LONGEST else None


def version(given: str) -> int:
    """The version a form was shown with; one that nothing ever has, where it does not say, so that it is out of date."""
    seen = whole(given)
    return -1 if seen is None else seen
