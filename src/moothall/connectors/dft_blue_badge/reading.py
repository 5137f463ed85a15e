"""Reading JSON in which anything may be missing, or of another kind than was promised."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any


def mapping(value: Any) -> Mapping[str, Any]:
    """An object as it is; an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def part(values: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """The object inside another; an empty one when there is none."""
    return mapping(values.get(key))


def text(value: Any) -> str:
    """Text without space around it; "" for anything else."""
    return value.strip() if isinstance(value, str) else ""


def day(value: Any) -> date | None:
    """The day of a date or date-time; None when there is none that can be read."""
    try:
        return datetime.fromisoformat(str(value)).date() if value else None
    except ValueError:
        return None


def whole(value: Any) -> int | None:
    """A whole number, also one written in digits; None for anything else."""
    return int(value) if isinstance(value, int | float) or (isinstance(value, str) and value.isdecimal()) else None


def holder(party: Mapping[str, Any]) -> Mapping[str, Any]:
    """The person or the organisation a badge is for."""
    return part(party, "organisation" if party.get("typeCode") == "ORG" else "person")
