"""Marks of work lines: about when their target ends, and about which days and numbers were answered in their runs.

A range of days or numbers is covered by some marks. An index has the lines of each mark in the order they entered their
stage, so that those of a whole range are met in that order however late in the list they lie (`seeking`). A line may have a
mark of a cover and lie outside the range: which lines fit is told by the lines and answers themselves. Triggers write marks
(`cases_marks_of` and `cases_linemark_now` say which).

The target's end has its month and its day: `due=202611`, `due=20261122`. A value that is a day from 1900 to 2099 has, after
the name of its question (`sought.name`), its ten years, year, month and ten days: `1f2e3d4c=202`, `1f2e3d4c=2026`,
`1f2e3d4c=202611`, `1f2e3d4c=2026112`.
Another has how many figures it has, and of less than eight the first of them: `1f2e3d4c=n3`, `1f2e3d4c=n3.2`; nine are nine or
more. Below one it has `=0`, below nought `=-`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from math import inf

DUE = "due"
MONTHS_AHEAD = 24
"""Months after the first one of a range whose marks are named one by one; later ones are asked for together."""

DAYS_BEGIN, DAYS_END = 19_000_000, 21_000_000  # the values that may be days: 1 January 1900 to 31 December 2099
_LONG = 8  # figures of a value that has no finer mark
_DECEMBER = 12
_END = f"{DUE}=3"  # in the alphabet after every day there is a mark of
_FIRST_DAY, _LAST_DAY = date(1900, 1, 1), date(2099, 12, 31)  # that a target can end on


@dataclass(frozen=True)
class Cover:
    """Marks which all that lies in a range has one of; and `later`, of which all marks in a stretch of the alphabet are."""

    marks: tuple[str, ...]
    later: tuple[str, str] | None = None


def due(first: date, last: date | None) -> Cover:
    """Covers targets that end on these days, or from `first` on. Days are London's."""
    first, last = max(first, _FIRST_DAY), last and min(last, _LAST_DAY)
    if first > _LAST_DAY:
        return Cover(())
    marks, day, months = [], first, 0
    while (last is None or day <= last) and months <= MONTHS_AHEAD:
        after = _month_after(day)
        if day.day == 1 and (last is None or after <= last + timedelta(days=1)):
            marks.append(f"{DUE}={day:%Y%m}")
            day = after
        else:
            marks.append(f"{DUE}={day:%Y%m%d}")
            day += timedelta(days=1)
        months += day.day == 1
    if last is not None and day > last:
        return Cover(tuple(marks))
    return Cover(tuple(marks), later=(f"{DUE}={day:%Y%m}", _END))


def values(name: str, least: float | None, most: float | None) -> Cover:
    """Covers the values of a question, by its name, from `least` to `most`, each with what is not bounded on that side."""
    low, high = (-inf if least is None else least), (inf if most is None else most)
    return Cover(tuple(f"{name}={one}" for one in _values(low, high)))


def _values(low: float, high: float) -> Iterator[str]:
    if low < 0:
        yield "-"
    if low < 1 and high >= 0:
        yield "0"
    for figures in range(1, _LONG):
        yield from _parts(
            low, high, f"n{figures}", [(f"n{figures}.{first}", first * 10 ** (figures - 1)) for first in range(1, 11)]
        )
    if low < 10**_LONG and high >= 10 ** (_LONG - 1):
        yield f"n{_LONG}"
    if high >= 10**_LONG:
        yield f"n{_LONG + 1}"
    for decade in range(DAYS_BEGIN, DAYS_END, 100_000):
        yield from _decade(low, high, decade)


def _decade(low: float, high: float, begin: int) -> Iterator[str]:
    """The ten years, or its years, months and ten days that anything of the range is in."""
    years = range(begin, begin + 100_000, 10_000)
    if _within(low, high, begin, begin + 100_000):
        yield str(begin // 100_000)
    elif low < begin + 100_000 and begin <= high:
        for year in years:
            yield from _year(low, high, year)


def _year(low: float, high: float, begin: int) -> Iterator[str]:
    if _within(low, high, begin, begin + 1_300):
        yield str(begin // 10_000)
    elif low < begin + 1_300 and begin <= high:
        for month in range(begin + 100, begin + 1_300, 100):
            yield from _parts(
                low, high, str(month // 100), [(str((month + ten) // 10), month + ten) for ten in range(0, 50, 10)]
            )


def _parts(low: float, high: float, whole: str, parts: list[tuple[str, int]]) -> Iterator[str]:
    """The whole, or those parts that anything of the range is in. Each is told by where it begins; the last is the end."""
    if _within(low, high, parts[0][1], parts[-1][1]):
        yield whole
    else:
        yield from (name for (name, begin), (_, end) in pairwise(parts) if low < end and begin <= high)


def _within(low: float, high: float, begin: int, end: int) -> bool:
    """Whether all whole numbers from `begin`, before `end`, are in the range."""
    return low <= begin and end - 1 <= high


def _month_after(day: date) -> date:
    return date(day.year + day.month // _DECEMBER, day.month % _DECEMBER + 1, 1)
