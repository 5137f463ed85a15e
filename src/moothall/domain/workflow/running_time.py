"""How time runs while a clock may be stopped: closes, open spans, and how much ran between two moments. All pure."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Protocol

from moothall.kit.calendars import LONDON, Calendar, whole_day

_DAY = timedelta(days=1)


class Stopped(Protocol):
    """A time in which the clock stands still, from `begin` to before `end`, in UTC. Several do not overlap."""

    @property
    def begin(self) -> datetime: ...

    @property
    def end(self) -> datetime: ...


@lru_cache(maxsize=8192)
def plain_close(calendar: Calendar, day: date, number: int, *, working: bool) -> datetime:
    """The close of the nth counted day after a day, when nothing stops the clock: most clocks, so it is kept."""
    return close(calendar, counted_day(calendar, day, number, working=working, blocks=()), working=working)


def counted_day(calendar: Calendar, day: date, number: int, *, working: bool, blocks: Sequence[Stopped]) -> date:
    """The nth day after a day, at least the first, that counts for a target in days: a working day if need be, at whose close
    the clock runs. The time it stands still is passed over at once, however long that is. `blocks` are in order."""
    for block in blocks:
        stops = last_closed(calendar, block.begin, working=working)
        before = max(0, days_between(calendar, day, stops, working=working))
        if number <= before:
            break
        number -= before
        day = max(day, last_closed(calendar, block.end, working=working))
    return calendar.add_working_days(day, number) if working else day + number * _DAY


def days_between(calendar: Calendar, first: date, last: date, *, working: bool) -> int:
    """How many days, or working days, come after `first` up to and with `last`; negative when `last` comes first."""
    return calendar.working_days_between(first, last) if working else (last - first).days


def days_stopped(calendar: Calendar, first: date, last: date, *, working: bool, blocks: Sequence[Stopped]) -> int:
    """How many of them do not count, for the clock stood still when they closed."""
    number = 0
    for block in blocks:
        begin = max(first, last_closed(calendar, block.begin, working=working))
        end = min(last, last_closed(calendar, block.end, working=working))
        number += max(0, days_between(calendar, begin, end, working=working))
    return number


def last_closed(calendar: Calendar, moment: datetime, *, working: bool) -> date:
    """The last day, working or not, that had closed at `moment`."""
    day = moment.astimezone(LONDON).date()
    return day if close(calendar, day, working=working) <= moment else day - _DAY


def close(calendar: Calendar, day: date, *, working: bool) -> datetime:
    """When a day, or a working day, closes, in UTC."""
    return (calendar.open_span(day) if working else whole_day(day))[1].astimezone(UTC)


def running(
    calendar: Calendar, begin: datetime, end: datetime, *, working: bool, blocks: Sequence[Stopped]
) -> timedelta:
    """How much time ran from `begin` to `end`: all there was, less what lay in pauses, which do not overlap."""
    if end <= begin:
        return timedelta()
    passed = calendar.open_time_between if working else lambda first, last: last - first
    total = passed(begin, end)
    for block in blocks:
        first, last = max(block.begin, begin), min(block.end, end)
        if first < last:
            total -= passed(first, last)
    return total


def when_ran(
    calendar: Calendar, begin: datetime, length: timedelta, *, working: bool, blocks: Sequence[Stopped]
) -> datetime:
    """The first moment at which so much time had run."""
    if not working and not blocks:
        return begin.astimezone(UTC) + length
    for first, last in spans(calendar, begin, working=working, blocks=blocks):
        if length <= last - first:
            return first + length
        length -= last - first
    raise AssertionError("Time goes on for ever.")


def spans(
    calendar: Calendar, begin: datetime, *, working: bool, blocks: Sequence[Stopped]
) -> Iterator[tuple[datetime, datetime]]:
    """Give the spans in which the clock runs, from `begin` on for ever, in UTC and in order."""
    day = begin.astimezone(LONDON).date()
    while True:
        if not working or calendar.is_working_day(day):
            first, last = hours(calendar, day, working=working)
            first = max(first, begin)
            for block in blocks:
                if block.begin < last and block.end > first:
                    if first < block.begin:
                        yield first, block.begin
                    first = block.end
            if first < last:
                yield first, last
        day += _DAY


@lru_cache(maxsize=8192)
def hours(calendar: Calendar, day: date, *, working: bool) -> tuple[datetime, datetime]:
    """When a day, or a working day, opens and closes, in UTC."""
    first, last = calendar.open_span(day) if working else whole_day(day)
    return first.astimezone(UTC), last.astimezone(UTC)
