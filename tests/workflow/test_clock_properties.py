"""The clock of a stage, in every order of pause, resume, extension and closed days.

The naive clock here knows nothing of blocks or spans: it walks day by day, or quarter of an hour by quarter, and asks at each
step whether anything stops it.
"""

from datetime import UTC, date, datetime, time, timedelta
from typing import get_args

from hypothesis import given, settings
from hypothesis import strategies as st

from moothall.domain.workflow.clock import ClockInputs, Extension, Pause, Policy, Span, reckon, turns
from moothall.domain.workflow.parts import Target, Unit
from moothall.domain.workflow.turns import NEVER
from moothall.kit.calendars import LONDON, Calendar, Nation

QUARTER = timedelta(minutes=15)
DAY = timedelta(days=1)
INSTANT = timedelta(microseconds=1)
# Weeks in which the clocks change, Easter, the May holidays, Christmas and New Year.
WEEKS = [
    date(2026, 3, 24),
    date(2026, 10, 20),
    date(2026, 12, 21),
    date(2025, 12, 27),
    date(2026, 4, 1),
    date(2026, 5, 1),
]


@st.composite
def clocks(draw: st.DrawFn, units: tuple[Unit, ...] = get_args(Unit)) -> tuple[ClockInputs, datetime]:
    monday = datetime.combine(draw(st.sampled_from(WEEKS)), time(), LONDON).astimezone(UTC)
    moments = st.integers(0, 4 * 24 * 12).map(lambda quarters: monday + quarters * QUARTER)
    start = draw(moments)
    unit = draw(st.sampled_from(units))
    hours = draw(st.sampled_from([(None, None), (time(9), time(17)), (time(8, 30), time(12, 15))]))
    days = st.integers(0, 14).map(lambda number: monday.date() + number * DAY)
    calendar = Calendar(draw(st.sampled_from(get_args(Nation))), draw(st.frozensets(days, max_size=3)), *hours)
    amount = draw(st.integers(1, 6)) * (15 if unit == "minutes" else 1)
    extensions = draw(
        st.lists(st.tuples(st.integers(1, 3), st.sampled_from([unit, "working_days"])), max_size=2).map(
            lambda found: tuple(
                _extension(number * (15 if name == "minutes" else 1), name, monday) for number, name in found
            )
        )
    )
    clock = ClockInputs(
        start=start,
        target=Target(amount=amount, unit=unit, calendar=draw(st.sampled_from(["every_day", "working"]))),
        calendar=calendar,
        pauses=tuple(draw(st.lists(_pauses(moments), max_size=5))),
        extensions=extensions,
    )
    return clock, max(draw(moments), start)


def _extension(amount: int, unit: Unit, granted_at: datetime) -> Extension:
    return Extension(amount=amount, unit=unit, reason=f"Reason {amount}", granted_at=granted_at)


@st.composite
def _pauses(draw: st.DrawFn, moments: st.SearchStrategy[datetime]) -> Pause:
    begin = draw(moments)
    end = draw(st.none() | st.integers(0, 4 * 24 * 4).map(lambda quarters: begin + quarters * QUARTER))
    policy: Policy = draw(st.sampled_from(["continue", "continue", "continue", "start_again"]))
    return Pause(begin=begin, end=end, category=draw(st.sampled_from(["applicant", "payment"])), policy=policy)


def _stopped(clock: ClockInputs, moment: datetime, now: datetime) -> bool:
    return any(one.begin <= moment < (one.end or now) for one in clock.pauses)


def _is_open(clock: ClockInputs, moment: datetime, *, working: bool) -> bool:
    local, calendar = moment.astimezone(LONDON), clock.calendar
    if not working:
        return True
    in_hours = calendar.opens is None or calendar.closes is None or calendar.opens <= local.time() < calendar.closes
    return calendar.is_working_day(local.date()) and in_hours


def _naive_begin(clock: ClockInputs, now: datetime) -> datetime:
    begin = clock.start
    for one in clock.pauses:
        moment = one.end or now
        if one.policy == "start_again" and moment >= max(one.begin, clock.start):
            while _stopped(clock, moment, now):
                moment += QUARTER
            begin = max(begin, moment)
    return begin


def _naive_due_by_days(clock: ClockInputs, now: datetime) -> datetime:
    unit = clock.target.unit
    lots = [
        (clock.target.amount + sum(one.amount for one in clock.extensions if one.unit == unit), unit == "working_days"),
        (sum(one.amount for one in clock.extensions if one.unit != unit), True),
    ]
    day, due = _naive_begin(clock, now).astimezone(LONDON).date(), clock.start
    for number, working in lots:
        while number:
            day += DAY
            closes = clock.calendar.closes if working else None
            close = datetime.combine(day, closes, LONDON) if closes else datetime.combine(day + DAY, time(), LONDON)
            counted = not working or clock.calendar.is_working_day(day)
            if counted and not _stopped(clock, close.astimezone(UTC) - INSTANT, now):
                number -= 1
                due = close if closes else close.astimezone(UTC) - INSTANT
    return due


def _naive_due_by_quarters(clock: ClockInputs, now: datetime) -> datetime:
    size = {"minutes": 1, "hours": 60}
    opens, closes = clock.calendar.opens, clock.calendar.closes
    opening = (closes.hour - opens.hour) * 60 + closes.minute - opens.minute if opens and closes else 24 * 60
    minutes = clock.target.amount * size[clock.target.unit]
    minutes += sum(one.amount * size[one.unit] for one in clock.extensions if one.unit in size)
    more = sum(one.amount * opening for one in clock.extensions if one.unit == "working_days")
    moment = _naive_begin(clock, now)
    for left, working in ((minutes // 15, clock.target.calendar == "working"), (more // 15, True)):
        while left:
            left -= _is_open(clock, moment, working=working) and not _stopped(clock, moment, now)
            moment += QUARTER
    return moment


def _naive_running(clock: ClockInputs, begin: datetime, end: datetime, now: datetime) -> timedelta:
    unit = clock.target.unit
    working = unit == "working_days" or (unit in {"minutes", "hours"} and clock.target.calendar == "working")
    total, moment = timedelta(), begin
    while moment < end:
        if _is_open(clock, moment, working=working) and not _stopped(clock, moment, now):
            total += QUARTER
        moment += QUARTER
    return total


def _when_coloured(clock: ClockInputs, now: datetime) -> tuple[ClockInputs, datetime]:
    """A clock stopped without an end keeps the colour it had when it stopped, unless it is to start again."""
    stopped = now
    while _stopped(clock, stopped - QUARTER, now):
        stopped -= QUARTER
    block = [one for one in clock.pauses if stopped <= one.begin <= now]
    endless = any(one.end is None for one in block)
    if not endless or any(one.policy == "start_again" for one in block):
        return clock, now
    return clock.model_copy(update={"pauses": tuple(one for one in clock.pauses if one not in block)}), stopped


def _naive_band(clock: ClockInputs, now: datetime) -> str:
    begin, due = _naive_begin(clock, now), reckon(clock, now).due
    share = _naive_running(clock, begin, now, now) / _naive_running(clock, begin, due, now)
    return "late" if now > due else "red" if share >= 0.75 else "amber" if share >= 0.5 else "blue"


@settings(max_examples=200, deadline=None)
@given(clocks(("days", "working_days")))
def test_days_are_due_when_a_clock_that_walks_day_by_day_says(case: tuple[ClockInputs, datetime]) -> None:
    clock, now = case

    assert reckon(clock, now).due == _naive_due_by_days(clock, now)


@settings(max_examples=150, deadline=None)
@given(clocks(("minutes", "hours")))
def test_hours_are_due_when_a_clock_that_walks_by_quarters_says(case: tuple[ClockInputs, datetime]) -> None:
    clock, now = case

    due = reckon(clock, now).due.astimezone(UTC)  # in the hour that comes twice, no London time equals another zone's
    assert due == _naive_due_by_quarters(clock, now).astimezone(UTC)


@settings(max_examples=100, deadline=None)
@given(clocks())
def test_elapsed_and_remaining_are_what_a_clock_that_walks_by_quarters_says(case: tuple[ClockInputs, datetime]) -> None:
    clock, now = case
    shown = reckon(clock, now)
    begin = _naive_begin(clock, now)
    elapsed = _naive_running(clock, begin, now, now)
    total = _naive_running(clock, begin, shown.due, now)

    assert abs(shown.elapsed - elapsed / total) < 1e-9
    assert shown.remaining == total - elapsed
    assert shown.is_paused == _stopped(clock, now, now + QUARTER)
    assert shown.is_late == (now > shown.due)
    assert shown.band == _naive_band(*_when_coloured(clock, now))


@settings(max_examples=100, deadline=None)
@given(clocks(), st.randoms(use_true_random=False))
def test_the_order_in_which_things_were_stored_never_matters(
    case: tuple[ClockInputs, datetime], random: object
) -> None:
    clock, now = case
    pauses, extensions = list(clock.pauses), list(clock.extensions)
    random.shuffle(pauses)  # type: ignore[attr-defined]
    random.shuffle(extensions)  # type: ignore[attr-defined]

    other = clock.model_copy(update={"pauses": tuple(pauses), "extensions": tuple(extensions)})
    assert reckon(other, now) == reckon(clock, now)
    assert reckon(other, now).explanation == reckon(clock, now).explanation


@settings(max_examples=100, deadline=None)
@given(clocks(), st.integers(0, 4), st.integers(0, 200))
def test_a_pause_cut_in_two_overlapping_ones_is_the_same_pause(
    case: tuple[ClockInputs, datetime], which: int, cut: int
) -> None:
    clock, now = case
    if which < len(clock.pauses):
        one = clock.pauses[which]
        end = one.end or max(now, one.begin)
        middle = min(one.begin + cut * QUARTER, end)
        parts = (
            one.model_copy(update={"end": middle}),
            one.model_copy(update={"begin": max(one.begin, middle - QUARTER)}),
        )
        other = clock.model_copy(update={"pauses": (*clock.pauses[:which], *clock.pauses[which + 1 :], *parts)})
        if one.begin <= now or one.end:
            assert reckon(other, now).due == reckon(clock, now).due


@settings(max_examples=150, deadline=None)
@given(clocks(), st.integers(0, 4), st.integers(1, 300))
def test_a_longer_pause_never_brings_the_date_forward(
    case: tuple[ClockInputs, datetime], which: int, quarters: int
) -> None:
    clock, now = case
    ended = [one for one in clock.pauses if one.end]
    if which < len(ended):
        one = ended[which]
        assert one.end is not None
        longer = one.model_copy(update={"end": one.end + quarters * QUARTER})
        other = clock.model_copy(update={"pauses": tuple(longer if it is one else it for it in clock.pauses)})
        assert reckon(other, now).due >= reckon(clock, now).due


@settings(max_examples=150, deadline=None)
@given(clocks(), st.data())
def test_one_pause_more_never_brings_the_date_forward(case: tuple[ClockInputs, datetime], data: st.DataObject) -> None:
    clock, now = case
    moments = st.integers(-200, 800).map(lambda quarters: clock.start + quarters * QUARTER)
    other = clock.model_copy(update={"pauses": (*clock.pauses, data.draw(_pauses(moments)))})

    assert reckon(other, now).due >= reckon(clock, now).due


@settings(max_examples=100, deadline=None)
@given(clocks(), st.integers(1, 300))
def test_while_paused_the_date_never_comes_closer_as_time_goes_by(
    case: tuple[ClockInputs, datetime], quarters: int
) -> None:
    clock, now = case

    assert reckon(clock, now + quarters * QUARTER).due >= reckon(clock, now).due


@settings(max_examples=150, deadline=None)
@given(clocks(), st.integers(1, 5))
def test_an_extension_adds_exactly_what_a_longer_target_would(case: tuple[ClockInputs, datetime], amount: int) -> None:
    clock, now = case
    target = clock.target
    extended = (*clock.extensions, _extension(amount, target.unit, clock.start))
    longer = target.model_copy(update={"amount": target.amount + amount})

    due = reckon(clock.model_copy(update={"extensions": extended}), now).due
    assert due == reckon(clock.model_copy(update={"target": longer}), now).due
    if all(one.unit == target.unit for one in clock.extensions):
        assert due > reckon(clock, now).due
    assert due >= reckon(clock, now).due


@settings(max_examples=100, deadline=None)
@given(clocks(("working_days",)))
def test_the_due_day_is_a_working_day_on_whose_close_the_clock_runs(case: tuple[ClockInputs, datetime]) -> None:
    clock, now = case
    due = reckon(clock, now).due

    assert clock.calendar.is_working_day(due.date())
    assert not _stopped(clock, due.astimezone(UTC) - INSTANT, now)


@settings(max_examples=60, deadline=None)
@given(clocks())
def test_what_is_stored_says_the_same_after_json(case: tuple[ClockInputs, datetime]) -> None:
    clock, now = case

    assert reckon(ClockInputs.model_validate_json(clock.model_dump_json()), now) == reckon(clock, now)
    assert str(Span(amount=1, unit=clock.target.unit)) == f"1 {clock.target.unit.replace('_', ' ').removesuffix('s')}"


@given(clocks(), st.integers(0, 40 * 24 * 60))
@settings(max_examples=300)
def test_the_moments_at_which_a_colour_turns_agree_with_the_colour_at_every_later_moment(
    clock: tuple[ClockInputs, datetime], later: int
) -> None:
    inputs, now = clock
    found, then = turns(inputs, now), now + timedelta(minutes=later)
    if any(pause.end is None and pause.begin > now for pause in inputs.pauses):
        return  # a pause that has not begun is not known yet
    for moment in (now, then, *(one for one in (found.amber, found.red, found.late) if now <= one < NEVER)):
        assert found.band(moment) == reckon(inputs, moment).band
        if moment - INSTANT >= now:
            assert found.band(moment - INSTANT) == reckon(inputs, moment - INSTANT).band
