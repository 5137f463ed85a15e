"""Pages of a list, and reading query parameters the way the service does."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from moothall.sandbox.dft.responses import FieldError, bad_field, bad_fields

DEFAULT_SIZE = 50
LARGEST_SIZE = 200

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page:
    """Which page of a list is wanted. `overlap` lists the last row of the page before again (a fault)."""

    number: int
    size: int
    overlap: bool = False

    def of(self, rows: Sequence[T]) -> tuple[Sequence[T], dict[str, int]]:
        """The page's rows and its `pagingInfo`. Past the last page there are no rows."""
        start = (self.number - 1) * self.size
        end = start + self.size
        if self.overlap and 0 < start <= len(rows):
            start -= 1
        shown = rows[start:end]
        info = {
            "total": len(rows),
            "count": len(shown),
            "pageSize": self.size,
            "pageNum": self.number,
            "pages": -(-len(rows) // self.size),
        }
        return shown, info


def read(query: Mapping[str, str], *, overlap: bool = False) -> Page:
    """Read pageNum (from 1) and pageSize (1 to 200, default 50). Raises `Refused` (400)."""
    page = Page(_whole(query, "pageNum", 1), _whole(query, "pageSize", DEFAULT_SIZE), overlap)
    errors = []
    if page.number < 1:
        errors.append(_outside("pageNum", "Min", "greater than or equal to 1"))
    if page.size < 1:
        errors.append(_outside("pageSize", "Min", "greater than or equal to 1"))
    if page.size > LARGEST_SIZE:
        errors.append(_outside("pageSize", "Max", f"less than or equal to {LARGEST_SIZE}"))
    if errors:
        raise bad_fields(errors)
    return page


def _whole(query: Mapping[str, str], name: str, default: int) -> int:
    text = query.get(name, "").strip()
    if not text:
        return default
    digits = text.removeprefix("-")
    if not digits.isascii() or not digits.isdecimal() or len(digits) > 9:
        raise bad_field(name, f"typeMismatch.pagingParams.{name}", f"{text} is not a whole number")
    return int(text)


def _outside(name: str, constraint: str, reason: str) -> FieldError:
    return FieldError(name, f"{constraint}.pagingParams.{name}", f"must be {reason}")
