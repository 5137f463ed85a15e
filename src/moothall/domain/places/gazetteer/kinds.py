"""Kinds of fields in a supply: what an ordinary value looks like, which column holds it, and what is wrong with another."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from moothall.kit.invalid import Invalid

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True)
class Kind:
    """`pattern` accepts ordinary values as they stand in a line; `read` takes any other, or says what is wrong with it."""

    pattern: str
    column: str  # PostgreSQL's type
    read: Callable[[str], str]  # raises Invalid with the end of a sentence: "is …"
    is_text: bool = False


def whole(digits: int) -> Kind:
    """A whole number of so many digits at most."""
    column = "smallint" if digits <= 4 else "integer" if digits <= 9 else "bigint"

    def read(value: str) -> str:
        if not re.fullmatch(r"[0-9]+", value):
            raise Invalid("is not a whole number")
        if len(value.lstrip("0")) > digits:
            raise Invalid(f"has more than {digits} digits")
        return value.lstrip("0") or "0"

    return Kind(rf"\d{{1,{digits}}}+", column, read)


def decimal(digits: int, places: int) -> Kind:
    """A number with so many digits before the point and places after it, at most."""

    def read(value: str) -> str:
        found = re.fullmatch(r"([0-9]+)(?:\.([0-9]*))?", value)
        if found is None:
            raise Invalid("is not a number")
        if len(found[1].lstrip("0")) > digits or len((found[2] or "").rstrip("0")) > places:
            raise Invalid(f"has more than {digits} digits before the point or {places} after it")
        return value

    return Kind(rf"\d{{1,{digits}}}+(?:\.\d{{1,{places}}}+)?", f"numeric({digits + places},{places})", read)


def degrees() -> Kind:
    """Latitude or longitude."""

    def read(value: str) -> str:
        if not re.fullmatch(r"-?[0-9]{1,3}(?:\.[0-9]{1,15})?", value):
            raise Invalid("is not a number of degrees")
        return value

    return Kind(r"-?\d{1,3}+(?:\.\d{1,15}+)?", "double precision", read)


def text(longest: int) -> Kind:
    """Text of so many characters at most."""

    def read(value: str) -> str:
        if _CONTROL.search(value):
            raise Invalid("holds a control character")
        if len(value) > longest:
            raise Invalid(f"has {len(value)} characters, more than {longest}")
        return value

    plain = rf'"[^"\x00-\x1f\x7f-\xff]{{0,{longest}}}+"|[^",\x00-\x1f\x7f-\xff]{{0,{longest}}}+'
    return Kind(f"(?:{plain})", f"varchar({longest})", read, is_text=True)


def day() -> Kind:
    """A date as CCYY-MM-DD."""

    def read(value: str) -> str:
        try:
            if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
                raise ValueError
            date.fromisoformat(value)
        except ValueError:
            raise Invalid("is not a day written as CCYY-MM-DD") from None
        return value

    months = (
        r"(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\d|30)|02-(?:0[1-9]|1\d|2[0-8]))"
    )
    return Kind(rf"[1-9]\d{{3}}-{months}", "date", read)
