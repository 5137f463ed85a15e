"""How a clock's due time was reached, in sentences."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from moothall.domain.workflow import running_time, wording
from moothall.domain.workflow.parts import LENGTHS
from moothall.kit.calendars import LONDON

if TYPE_CHECKING:
    from moothall.domain.workflow.clock import Block, ClockInputs

_DAY = timedelta(days=1)


def explain(inputs: "ClockInputs", now: datetime, *, blocks: Sequence["Block"], due: datetime) -> Iterator[str]:
    """The start, the target, every pause, the days passed over, every extension, and when it is due."""
    begin = inputs.start
    yield f"Started on {wording.moment(inputs.start)}."
    yield f"The target is {inputs.target}{_manner(inputs)}."
    for block in blocks:
        if block.begin > due:
            continue
        yield _pause_sentence(inputs, block, begin=begin, now=now)
        if block.starts_again:
            begin = block.end
            yield f"The target started again on {wording.moment(block.end)}."
    yield from _closed_sentences(inputs, begin, due)
    for extension in sorted(inputs.extensions, key=lambda one: (one.granted_at, one.model_dump_json())):
        yield f"Extended by {extension} on {wording.moment(extension.granted_at)}: {extension.reason.rstrip('.')}."
    resumed = (
        ", if the clock resumes now"
        if any(one.begin <= now and (one.end is None or now < one.end) for one in inputs.pauses)
        else ""
    )
    yield f"Due on {wording.moment(due)}{resumed}."


def _manner(inputs: "ClockInputs") -> str:
    if inputs.target.unit not in LENGTHS:
        return ", counted from the day after the start"
    return ", counted in working time only" if inputs.target.calendar == "working" else ""


def _pause_sentence(inputs: "ClockInputs", block: "Block", *, begin: datetime, now: datetime) -> str:
    causes = "; ".join(dict.fromkeys(": ".join(filter(None, (one.category, one.reason))) for one in block.pauses))
    once = " Pauses that overlap are counted once." if len(block.pauses) > 1 else ""
    is_open = any(one.end is None for one in block.pauses) and block.end == now
    end = "and still paused" if is_open else f"until {wording.moment(block.end)}"
    return f"Paused from {wording.moment(block.begin)} {end} ({causes}): {_discounted(inputs, block, begin)} not counted.{once}"


def _discounted(inputs: "ClockInputs", block: "Block", begin: datetime) -> str:
    working = inputs.target.in_open_time
    if inputs.target.unit in LENGTHS:
        lost = running_time.running(inputs.calendar, block.begin, block.end, working=working, blocks=())
        hours, minutes = divmod(int(lost.total_seconds()) // 60, 60)
        amounts = [wording.count(number, noun) for number, noun in ((hours, "hour"), (minutes, "minute")) if number]
        return " and ".join(amounts) or "no time"
    number = running_time.days_stopped(
        inputs.calendar, begin.astimezone(LONDON).date(), date.max, working=working, blocks=(block,)
    )
    return wording.count(number, wording.words(inputs.target.unit).removesuffix("s")) if number else "no day"


def _closed_sentences(inputs: "ClockInputs", begin: datetime, due: datetime) -> Iterator[str]:
    """Name the days, weekends apart, that a target in working time passed over."""
    if not inputs.target.in_open_time:
        return
    day, last = begin.astimezone(LONDON).date(), due.astimezone(LONDON).date()
    while day < last:
        day += _DAY
        reason = inputs.calendar.reason_closed(day)
        if reason and day.weekday() < 5:
            yield f"{wording.day(day)} was not counted ({reason})."
