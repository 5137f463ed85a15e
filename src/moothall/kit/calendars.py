"""Working days of a council: weekdays which are neither bank holidays of its nation nor closed by the council.

Bank holidays, with their substitute days and one-off days, come from the `holidays` library.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import accumulate
from typing import Literal
from zoneinfo import ZoneInfo

import holidays

Nation = Literal["england", "wales", "scotland", "northern_ireland"]

LONDON = ZoneInfo("Europe/London")

_SUBDIVISIONS: Mapping[Nation, str] = {
    "england": "ENG",
    "wales": "WLS",
    "scotland": "SCT",
    "northern_ireland": "NIR",
}
_DAY = timedelta(days=1)
_FIRST = 1970  # working days are counted from here, both ways
_NO_CHANGE = date(2024, 1, 2)  # any weekday: clocks change on Sundays, so all working days are equally long


@dataclass(frozen=True)
class Calendar:
    """When a council works.

    `closed` are days the council itself closes. `opens` and `closes` are local times that hold on every working day,
    given both or neither; without them a working day is the whole day from midnight to midnight.
    Raises ValueError for an unknown nation or hours which are not a span.
    """

    nation: Nation = "england"
    closed: frozenset[date] = frozenset()
    opens: time | None = None
    closes: time | None = None
    _hash: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.nation not in _SUBDIVISIONS:
            raise ValueError(f"“{self.nation}” is not a nation: use one of {', '.join(_SUBDIVISIONS)}.")
        if (self.opens is None) != (self.closes is None):
            raise ValueError("Give both an opening and a closing time, or neither.")
        if self.opens is not None and self.closes is not None and self.opens >= self.closes:
            raise ValueError(
                f"The opening time {self.opens:%H:%M} must be before the closing time {self.closes:%H:%M}."
            )
        object.__setattr__(self, "_hash", hash((self.nation, self.closed, self.opens, self.closes)))

    def __hash__(self) -> int:
        return self._hash  # worked out once: what is kept of a calendar is asked for many times for every clock

    def is_working_day(self, day: date) -> bool:
        """Say whether the council works on the day."""
        return day.weekday() < 5 and day not in bank_holidays(self.nation, day.year) and day not in self.closed

    def reason_closed(self, day: date) -> str | None:
        """Say why the council does not work on the day, or nothing when it does."""
        if name := bank_holidays(self.nation, day.year).get(day):
            return f"bank holiday: {name}"
        if day.weekday() >= 5:
            return "weekend"
        return "the council is closed" if day in self.closed else None

    def add_working_days(self, day: date, number: int) -> date:
        """Return the nth working day after the day, or before it when `number` is negative.

        The day itself is never counted. With 0 it is the day itself, or the next working day when it is not one.
        """
        if number == 0:
            return day if self.is_working_day(day) else self.add_working_days(day, 1)
        step = _DAY if number > 0 else -_DAY
        for _ in range(abs(number)):
            day += step
            while not self.is_working_day(day):
                day += step
        return day

    def working_days_between(self, first: date, last: date) -> int:
        """Count the working days after `first` up to and with `last`; negative when `last` comes first."""
        return _working_days(self, last) - _working_days(self, first)

    def open_time_between(self, begin: datetime, end: datetime) -> timedelta:
        """The open time from `begin` to `end`, aware and in this order, without a walk through the days between."""
        return _open_time(self, end.astimezone(UTC)) - _open_time(self, begin.astimezone(UTC))

    def open_span(self, day: date) -> tuple[datetime, datetime]:
        """Return when a working day begins and ends, as aware London times; the end is no longer part of it."""
        if self.opens is None or self.closes is None:
            return whole_day(day)
        return datetime.combine(day, self.opens, LONDON), datetime.combine(day, self.closes, LONDON)


@lru_cache(maxsize=8192)
def _hours(calendar: Calendar, day: date) -> tuple[datetime, datetime]:
    """When a working day begins and ends, in UTC."""
    first, last = calendar.open_span(day)
    return first.astimezone(UTC), last.astimezone(UTC)


@lru_cache(maxsize=65536)
def _open_time(calendar: Calendar, moment: datetime) -> timedelta:
    """The open time from the beginning of 1970 to a moment in UTC; clocks ask of the same moments again and again."""
    day = moment.astimezone(LONDON).date()
    opens, closes = _hours(calendar, _NO_CHANGE)
    passed = _working_days(calendar, day) * (closes - opens)
    if not calendar.is_working_day(day):
        return passed
    opens, closes = _hours(calendar, day)
    return passed - max(closes - max(opens, moment), timedelta())


@lru_cache(maxsize=8192)
def _working_days(calendar: Calendar, day: date) -> int:
    """The working days from the beginning of 1970 up to and with a day."""
    return _before(calendar, day.year) + _counts(calendar, day.year)[day.timetuple().tm_yday - 1]


@lru_cache(maxsize=1024)
def _before(calendar: Calendar, year: int) -> int:
    """The working days before a year, after 1969; of earlier years their number as a negative one."""
    if year < _FIRST:
        return -sum(_counts(calendar, one)[-1] for one in range(year, _FIRST))
    return sum(_counts(calendar, one)[-1] for one in range(_FIRST, year))


@lru_cache(maxsize=1024)
def _counts(calendar: Calendar, year: int) -> tuple[int, ...]:
    """For each day of a year, the working days of the year up to and with it."""
    first = date(year, 1, 1)
    days = (first + timedelta(days=number) for number in range(366))
    return tuple(accumulate(calendar.is_working_day(day) for day in days if day.year == year))


def whole_day(day: date) -> tuple[datetime, datetime]:
    """Return the midnights, as aware London times, between which the day lies (23 or 25 hours when clocks change)."""
    return midnight(day), midnight(day + _DAY)


def midnight(day: date) -> datetime:
    """Return when a day begins, as an aware London time."""
    return datetime.combine(day, time(), LONDON)


@lru_cache(maxsize=1024)
def bank_holidays(nation: Nation, year: int) -> Mapping[date, str]:
    """Return the bank holidays of a nation in a year, with their names."""
    found = holidays.country_holidays("GB", subdiv=_SUBDIVISIONS[nation], years=year, language="en_GB")
    return dict(found.items())
