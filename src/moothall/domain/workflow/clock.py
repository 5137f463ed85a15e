"""The clock of a stage: one pure function from what was stored to when the stage is due.

Nothing here is ever stored but the inputs. Every due date, colour and explanation is reckoned from them again.

The rules, exactly (times are London's, so a day has 23 or 25 hours when the clocks change):

1. Pauses. All pauses that have begun, or whose end is known, are merged into blocks: pauses that overlap or touch are one
   block, so nothing is discounted twice and their order never matters. What lies before the start is cut off. A pause
   without an end lasts until `now`: while it is open, the due date is what it would be if the clock resumed now.
2. Start again. A block with a pause of the policy `start_again` gives the whole target anew, from the end of the
   block. The last such block counts; what came before it no longer does. Otherwise the clock continues.
3. Days. A target in days or working days is due at the end of the nth counted day after the day of the start. Every day
   (`days`) or every working day (`working_days`) counts, unless the clock is paused at the close of the day:
   begin < close <= end. So a day in which the clock resumes counts; resuming on a closed day is the same as resuming
   at the next opening; a pause between a close and the next opening moves nothing. A day closes at midnight, a
   working day at the closing time when the calendar has hours. The due time is that closing time, or the last
   microsecond before midnight.
4. Minutes and hours are running time: all the time that is not paused, or with `calendar: working` only the part of it
   in the open time of working days. Due is the first moment at which that much has run.
5. Extensions add their amount; minutes or hours to a target in minutes or hours, days to one in days. An
   extension in working days on any other target is counted after everything else, by rule 3 on a target in days and as
   that many whole openings of running time on one in minutes or hours. Extensions outlive starting again.
6. Elapsed is running time since the (last) start as a share of the running time from it to the due time; for
   `working_days` and `calendar: working` only open time is running time. Blue from 0, amber from a half, red from three
   quarters of it, late once `now` is past the due time. While the clock is paused its colour stands still as well: it
   is what it was when the pause began, or blue when the pause gives the whole target anew.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cached_property, lru_cache, partial
from typing import Annotated, Literal, NamedTuple

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from moothall.domain.workflow import explanation, running_time, wording
from moothall.domain.workflow.parts import LENGTHS, Target, Unit
from moothall.domain.workflow.turns import Band, Turns
from moothall.kit.calendars import LONDON, Calendar

Policy = Literal["continue", "start_again"]

_DAY = timedelta(days=1)
_INSTANT = timedelta(microseconds=1)
Moment = Annotated[AwareDatetime, AfterValidator(lambda moment: moment.astimezone(UTC))]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Span(_Frozen):
    """An amount of time, such as 5 working days."""

    amount: Annotated[int, Field(gt=0, le=10_000)]
    unit: Unit

    def __str__(self) -> str:
        return wording.count(self.amount, self.unit.replace("_", " ").removesuffix("s"))


class Pause(_Frozen):
    """A time in which the clock stands still. Without an end it is still open."""

    begin: Moment
    end: Moment | None = None
    category: str
    reason: str = ""
    policy: Policy = "continue"

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> "Pause":
        if self.end is not None and self.end < self.begin:
            raise ValueError("A pause cannot end before it begins.")
        return self


class Extension(Span):
    """More time, granted by somebody for a reason."""

    reason: str
    granted_at: Moment


class ClockInputs(_Frozen):
    """All that is stored about the clock of a stage. `extension_limit` is the most its extensions may come to together."""

    start: Moment
    target: Target
    calendar: Calendar = Calendar()
    pauses: tuple[Pause, ...] = ()
    extensions: tuple[Extension, ...] = ()
    extension_limit: Span | None = None

    @model_validator(mode="after")
    def _extensions_suit_the_target(self) -> "ClockInputs":
        for span in (*self.extensions, *((self.extension_limit,) if self.extension_limit else ())):
            if not _suits(span.unit, self.target.unit):
                raise ValueError(f"A target in {wording.words(self.target.unit)} cannot be extended by {span}.")
        return self


@dataclass(frozen=True, kw_only=True)
class Reckoning:
    """What the clock shows at a moment. `elapsed` is a share of the target, over 1 when late; `remaining` is running time,
    negative when late; `remaining_days` are the counted days after today, for targets in days only, and `working_days`
    whether only working days are counted."""

    due: datetime
    elapsed: float
    remaining: timedelta
    remaining_days: int | None
    working_days: bool
    band: Band
    is_late: bool
    is_paused: bool
    explain: Callable[[], Iterator[str]] = field(compare=False, repr=False)

    @cached_property
    def explanation(self) -> tuple[str, ...]:
        """How the due time was reached, in sentences; worked out when asked for, since lists do not show it."""
        return tuple(self.explain())


class ExtensionRefused(Exception):
    """An extension cannot be granted. Its message may be shown to whoever asked."""


class Block(NamedTuple):
    """Merged pauses, from `begin` to before `end`, in UTC."""

    begin: datetime
    end: datetime
    starts_again: bool
    pauses: tuple[Pause, ...]


def reckon(inputs: ClockInputs, now: datetime) -> Reckoning:
    """Work out what the clock shows at `now`, by the rules at the head of this module. Raises ValueError for a naive `now`."""
    if now.tzinfo is None:
        raise ValueError("Give the time now with its time zone.")
    now = now.astimezone(UTC)
    blocks = _merge(inputs, now) if inputs.pauses else []
    begin, due, total = _course(inputs, blocks) if blocks else _plain_course(inputs)
    working = inputs.target.in_open_time
    elapsed = running_time.running(inputs.calendar, begin, now, working=working, blocks=blocks)
    is_late = now > due
    return Reckoning(
        due=due.astimezone(LONDON),
        elapsed=elapsed / total,
        remaining=total - elapsed,
        remaining_days=_days_left(inputs, now, due, blocks) if inputs.target.unit not in LENGTHS else None,
        working_days=inputs.target.unit == "working_days",
        band=_frozen_band(inputs, now, blocks) or _band(elapsed, total, is_late=is_late),
        is_late=is_late,
        is_paused=_open_pause(inputs, now) is not None,
        explain=partial(explanation.explain, inputs, now, blocks=blocks, due=due),
    )


def turns(inputs: ClockInputs, now: datetime) -> Turns:
    """When the colour turns, as things are at `now`: the same colours as `reckon` gives from now on, until something changes.

    An index of `reckon`, for finding many clocks by what they show; nothing shown to anybody is read from it.
    """
    now = now.astimezone(UTC)
    if _endless_pause(inputs, now):
        band = reckon(inputs, now).band
        return Turns.standing_still(band)
    blocks = _merge(inputs, now)
    begin, due, total = _course(inputs, blocks)
    working = inputs.target.in_open_time
    amber, red = (
        running_time.when_ran(inputs.calendar, begin, -(-total * quarters // 4), working=working, blocks=blocks)
        for quarters in (2, 3)
    )
    return Turns(amber, red, due)


class _Course(NamedTuple):
    """From when a clock runs, in the end, until when, and how much time that is."""

    begin: datetime
    due: datetime
    total: timedelta


def _course(inputs: ClockInputs, blocks: Sequence[Block]) -> _Course:
    restarts = [block.end for block in blocks if block.starts_again]
    begin = restarts[-1] if restarts else inputs.start
    by_days = inputs.target.unit not in LENGTHS
    finish = _last_close(inputs, begin, blocks) if by_days else _runs_out(inputs, begin, blocks)
    total = running_time.running(inputs.calendar, begin, finish, working=inputs.target.in_open_time, blocks=blocks)
    return _Course(begin, _due(finish) if by_days else finish, total)


@lru_cache(maxsize=16384)
def _plain_course(inputs: ClockInputs) -> _Course:
    """Of a clock that nothing stops, as most are: it does not change with the time, and lists ask for it again and again."""
    return _course(inputs, ())


def grant_extension(inputs: ClockInputs, *, span: Span, reason: str, at: datetime) -> ClockInputs:
    """Return the inputs with one extension more. Raises ExtensionRefused without a reason, for another unit, or over the limit."""
    limit = inputs.extension_limit
    if not reason.strip():
        raise ExtensionRefused("Say why the time is extended.")
    if not _suits(span.unit, inputs.target.unit):
        raise ExtensionRefused(f"A target in {wording.words(inputs.target.unit)} cannot be extended by {span}.")
    if limit is not None:
        spans = (*inputs.extensions, span)
        if any(_size(one)[0] != _size(limit)[0] for one in spans):
            raise ExtensionRefused(f"Extensions here are given in {wording.words(limit.unit)}, {limit} at most.")
        if sum(_size(one)[1] for one in spans) > _size(limit)[1]:
            granted = ", ".join(str(one) for one in inputs.extensions) or "none"
            raise ExtensionRefused(f"Extensions here may come to {limit} at most. Already granted: {granted}.")
    extension = Extension(amount=span.amount, unit=span.unit, reason=reason.strip(), granted_at=at)
    return inputs.model_copy(update={"extensions": (*inputs.extensions, extension)})


def _merge(inputs: ClockInputs, now: datetime) -> list[Block]:
    """Rule 1."""
    blocks: list[Block] = []
    for pause in sorted(inputs.pauses, key=lambda pause: (pause.begin, pause.end or now, pause.model_dump_json())):
        begin = max(pause.begin, inputs.start)
        end = pause.end or now
        if end < begin or (end == begin and pause.policy == "continue"):
            continue
        starts_again = pause.policy == "start_again"
        if blocks and begin <= blocks[-1].end:
            last = blocks.pop()
            blocks.append(
                Block(last.begin, max(last.end, end), last.starts_again or starts_again, (*last.pauses, pause))
            )
        else:
            blocks.append(Block(begin, end, starts_again, (pause,)))
    return blocks


def _last_close(inputs: ClockInputs, begin: datetime, blocks: Sequence[Block]) -> datetime:
    """Rule 3: the close of the last counted day."""
    own = [inputs.target.amount, *(one.amount for one in inputs.extensions if one.unit == inputs.target.unit)]
    more = [one.amount for one in inputs.extensions if one.unit != inputs.target.unit]
    day, close = begin.astimezone(LONDON).date(), begin
    if not blocks and not more:
        return running_time.plain_close(inputs.calendar, day, sum(own), working=inputs.target.unit == "working_days")
    for number, working in ((sum(own), inputs.target.unit == "working_days"), (sum(more), True)):
        if number:
            day = running_time.counted_day(inputs.calendar, day, number, working=working, blocks=blocks)
            close = running_time.close(inputs.calendar, day, working=working)
    return close


def _due(close: datetime) -> datetime:
    """A day that ends at midnight is due just before it, so that the date shown is the day's own."""
    return close - _INSTANT if close.astimezone(LONDON).time() == datetime.min.time() else close


def _runs_out(inputs: ClockInputs, begin: datetime, blocks: Sequence[Block]) -> datetime:
    """Rules 4 and 5: the first moment at which the target, then the openings of extensions in working days, have run."""
    minutes = _size(inputs.target)[1] + sum(_size(one)[1] for one in inputs.extensions if one.unit in LENGTHS)
    openings = sum(one.amount for one in inputs.extensions if one.unit not in LENGTHS)
    day_length = (
        datetime.combine(date.min, inputs.calendar.closes) - datetime.combine(date.min, inputs.calendar.opens)
        if inputs.calendar.opens and inputs.calendar.closes
        else _DAY
    )
    moment = begin
    for length, working in (
        (timedelta(minutes=minutes), inputs.target.in_open_time),
        (openings * day_length, True),
    ):
        for first, last in running_time.spans(inputs.calendar, moment, working=working, blocks=blocks):
            if not length:
                break
            used = min(length, last - first)
            length -= used
            moment = first + used
    return moment


def _days_left(inputs: ClockInputs, now: datetime, due: datetime, blocks: Sequence[Block]) -> int:
    today, last = now.astimezone(LONDON).date(), due.astimezone(LONDON).date()
    first, final, sign = (today, last, 1) if today <= last else (last, today, -1)
    working = inputs.target.in_open_time
    number = running_time.days_between(inputs.calendar, first, final, working=working)
    number -= running_time.days_stopped(inputs.calendar, first, final, working=working, blocks=blocks)
    return sign * number


def _band(elapsed: timedelta, total: timedelta, *, is_late: bool) -> Band:
    if is_late:
        return "late"
    if elapsed * 4 >= total * 3:
        return "red"
    return "amber" if elapsed * 2 >= total else "blue"


def _frozen_band(inputs: ClockInputs, now: datetime, blocks: Sequence[Block]) -> Band | None:
    """The colour of a clock that was stopped and has no end of that yet; None when it runs, or starts again in any case."""
    if (stopped := _endless_pause(inputs, now)) is None:
        return None
    block = next((block for block in blocks if stopped in block.pauses), None)
    if block is None or block.starts_again:  # it stops this very moment; or all begins anew
        return None
    before = inputs.model_copy(update={"pauses": tuple(one for one in inputs.pauses if one not in block.pauses)})
    return reckon(before, block.begin).band


def _endless_pause(inputs: ClockInputs, now: datetime) -> Pause | None:
    return next((one for one in inputs.pauses if one.end is None and one.begin <= now), None)


def _open_pause(inputs: ClockInputs, now: datetime) -> Pause | None:
    open_now = [one for one in inputs.pauses if one.begin <= now and (one.end is None or now < one.end)]
    return min(open_now, key=lambda one: one.begin, default=None)


def _suits(unit: Unit, target: Unit) -> bool:
    return unit in {target, "working_days"} or (unit in LENGTHS and target in LENGTHS)


def _size(span: Span | Target) -> tuple[str, int]:
    """Make amounts comparable: minutes and hours both in minutes."""
    if span.unit in LENGTHS:
        return "minutes", span.amount * int(LENGTHS[span.unit] / LENGTHS["minutes"])
    return span.unit, span.amount
