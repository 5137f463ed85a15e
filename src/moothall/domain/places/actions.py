"""What is done with addresses."""

from functools import cache

from django.db import models

from moothall.core import planned, rows
from moothall.domain.places.models import Address
from moothall.kit import postcode as postcodes
from moothall.kit import uprn as uprns
from moothall.kit.invalid import Invalid


class TooLong(Invalid):
    """A text does not fit where it is kept."""


def check_lengths(model: type[models.Model], **values: str) -> None:
    """Refuse text longer than its field. Raises TooLong with a sentence naming the first one."""
    for name, value in values.items():
        longest = _longest(model, name)
        if longest is not None and len(value) > longest:
            what = name.replace("_", " ")
            raise TooLong(f"The {what} can have {longest} characters at most; this one has {len(value)}.")


@cache
def _longest(model: type[models.Model], name: str) -> int | None:
    longest: int | None = getattr(model._meta.get_field(name), "max_length", None)
    return longest


_RECORDED = """
    SELECT id FROM places_address
    WHERE postcode = %(postcode)s AND line1 = %(line1)s AND line2 = %(line2)s AND town = %(town)s AND uprn = %(uprn)s
    ORDER BY id LIMIT 1
"""


def keep_address(*, line1: str, town: str, postcode: str, line2: str = "", uprn: str = "") -> Address:
    """Return the address as recorded, recording it when it is new. Raises Invalid with a sentence.

    The same lines are one address, whoever lives there.
    """
    lines = {"line1": _tidy(line1), "line2": _tidy(line2), "town": _tidy(town)}
    if not lines["line1"]:
        raise Invalid("Enter the first line of the address.")
    if not lines["town"]:
        raise Invalid("Enter the town or city of the address.")
    check_lengths(Address, **lines)
    whole = {**lines, "postcode": postcodes.normalise(postcode), "uprn": uprns.normalise(uprn) if uprn else ""}
    with planned.cursor() as cursor:
        cursor.execute(_RECORDED, whole)
        recorded = cursor.fetchone()
    return Address(id=recorded[0], **whole) if recorded else rows.insert(Address(**whole))


def _tidy(text: str) -> str:
    return " ".join(text.split())
