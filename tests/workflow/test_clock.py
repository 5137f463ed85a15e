"""The clock of a stage, case by case."""

import json
from datetime import UTC, date, datetime, time, timedelta

import pytest
from pydantic import TypeAdapter, ValidationError

from moothall.domain.workflow.clock import (
    ClockInputs,
    Extension,
    ExtensionRefused,
    Pause,
    Policy,
    Reckoning,
    Span,
    grant_extension,
    reckon,
)
from moothall.domain.workflow.parts import Target, Unit
from moothall.kit.calendars import LONDON, Calendar

END = time(23, 59, 59, 999999)
OFFICE = Calendar(opens=time(9), closes=time(17))
WAITING = "waiting for the applicant"


def at(day: int, hour: int = 0, minute: int = 0, *, month: int = 3, year: int = 2026) -> datetime:
    """A London time; by default in March 2026, whose 2nd is a Monday."""
    return datetime(year, month, day, hour, minute, tzinfo=LONDON)


def end_of(day: date) -> datetime:
    return datetime.combine(day, END, LONDON)


def inputs(amount: int = 3, unit: Unit = "working_days", *, start: datetime | None = None, working: bool = False,
           calendar: Calendar | None = None, pauses: tuple[Pause, ...] = (),
           extensions: tuple[Extension, ...] = (), limit: Span | None = None) -> ClockInputs:  # fmt: skip
    target = Target(amount=amount, unit=unit, calendar="working" if working else "every_day")
    return ClockInputs(
        start=start or at(2, 10),
        target=target,
        calendar=calendar or Calendar(),
        pauses=pauses,
        extensions=extensions,
        extension_limit=limit,
    )


def pause(begin: datetime, end: datetime | None, policy: Policy = "continue", category: str = WAITING) -> Pause:
    return Pause(begin=begin, end=end, category=category, policy=policy)


def due(clock: ClockInputs, now: datetime | None = None) -> datetime:
    return reckon(clock, now or clock.start).due


def extension(amount: int, unit: Unit = "working_days", day: int = 3) -> Extension:
    return Extension(amount=amount, unit=unit, reason="The photograph is unclear", granted_at=at(day, 9))


def test_working_days_are_counted_from_the_day_after_the_start_to_the_end_of_the_last() -> None:
    assert due(inputs(3)) == end_of(date(2026, 3, 5))
    assert due(inputs(5)) == end_of(date(2026, 3, 9))


def test_days_count_weekends_too() -> None:
    assert due(inputs(5, "days")) == end_of(date(2026, 3, 7))


def test_a_working_calendar_makes_no_difference_to_days() -> None:
    weekend = inputs(1, "days", start=at(7, 0), working=True)

    assert reckon(weekend, at(8, 12)) == reckon(inputs(1, "days", start=at(7, 0)), at(8, 12))


def test_a_start_on_a_closed_day_counts_the_next_working_day_as_the_first() -> None:
    assert due(inputs(1, start=at(7, 10))) == end_of(date(2026, 3, 9))


def test_a_working_day_with_opening_hours_ends_when_the_council_closes() -> None:
    assert due(inputs(3, calendar=OFFICE)) == at(5, 17)


def test_hours_run_day_and_night_unless_the_target_says_working() -> None:
    assert due(inputs(30, "hours")) == at(3, 16)
    assert due(inputs(10, "hours", working=True, calendar=OFFICE)) == at(3, 12)
    assert due(inputs(90, "minutes")) == at(2, 11, 30)


def test_working_hours_run_the_whole_working_day_where_no_opening_hours_are_set() -> None:
    assert due(inputs(24, "hours", start=at(6, 12), working=True)) == at(9, 12)


def test_a_day_of_hours_is_exact_over_the_weekends_on_which_the_clocks_change() -> None:
    assert due(inputs(24, "hours", start=at(28, 12))) == at(29, 13)
    assert due(inputs(24, "hours", start=at(24, 12, month=10))) == at(25, 11, month=10)


def test_days_end_at_midnight_local_time_after_the_clocks_change() -> None:
    assert due(inputs(2, "days", start=at(28, 12))).astimezone(UTC) == datetime(2026, 3, 30, 22, 59, 59, 999999, UTC)


def test_the_second_of_january_is_counted_in_england_and_not_in_scotland() -> None:
    start = at(31, 10, month=12, year=2025)

    assert due(inputs(1, start=start, calendar=Calendar("england"))) == end_of(date(2026, 1, 2))
    assert due(inputs(1, start=start, calendar=Calendar("scotland"))) == end_of(date(2026, 1, 5))


def test_a_day_the_council_closes_is_not_counted() -> None:
    assert due(inputs(3, calendar=Calendar(closed=frozenset({date(2026, 3, 4)})))) == end_of(date(2026, 3, 6))


def test_a_pause_over_the_close_of_two_working_days_moves_the_date_by_two() -> None:
    assert due(inputs(pauses=(pause(at(3, 9), at(5, 9)),))) == end_of(date(2026, 3, 9))


def test_a_pause_within_a_day_moves_hours_and_not_days() -> None:
    within = (pause(at(3, 9), at(3, 15)),)

    assert due(inputs(pauses=within)) == due(inputs())
    assert due(inputs(30, "hours", pauses=within)) == at(3, 22)


def test_overlapping_pauses_count_once() -> None:
    overlapping = (pause(at(3, 9), at(4, 9)), pause(at(3, 12), at(5, 9)), pause(at(3, 13), at(3, 14)))

    assert due(inputs(pauses=overlapping)) == due(inputs(pauses=(pause(at(3, 9), at(5, 9)),)))


@pytest.mark.parametrize("resumed", [at(7, 15), at(8, 23), at(9, 0), at(9, 8, 59), at(9, 12)])
def test_resuming_on_a_closed_day_is_resuming_at_the_next_opening(resumed: datetime) -> None:
    for calendar in (Calendar(), OFFICE):
        clock = inputs(5, calendar=calendar, pauses=(pause(at(6, 10), resumed),))
        opening = inputs(5, calendar=calendar, pauses=(pause(at(6, 10), at(9, 9)),))
        assert due(clock) == due(opening)
        assert due(clock).date() == date(2026, 3, 10)


def test_a_pause_wholly_in_closed_time_moves_nothing() -> None:
    weekend, night = pause(at(7, 10), at(8, 15)), pause(at(3, 18), at(4, 8))

    assert due(inputs(5, pauses=(weekend,))) == due(inputs(5))
    assert due(inputs(5, calendar=OFFICE, pauses=(weekend, night))) == due(inputs(5, calendar=OFFICE))
    working = inputs(20, "hours", working=True, calendar=OFFICE, pauses=(weekend, night))
    assert due(working) == due(working.model_copy(update={"pauses": ()}))


def test_a_pause_from_the_close_to_the_next_opening_moves_nothing() -> None:
    night = (pause(at(3, 17), at(4, 9)),)

    assert due(inputs(3, calendar=OFFICE, pauses=night)) == due(inputs(3, calendar=OFFICE))


def test_an_open_pause_shows_the_date_as_if_the_clock_resumed_now() -> None:
    clock = inputs(pauses=(pause(at(3, 9), None),))

    shown = reckon(clock, at(6, 12))
    assert shown.is_paused
    assert not shown.is_late
    assert shown.due == end_of(date(2026, 3, 10))
    assert shown.due == due(inputs(pauses=(pause(at(3, 9), at(6, 12)),)))
    assert shown.explanation[-1] == "Due on Tuesday 10 March 2026 at 23:59, if the clock resumes now."


def test_a_paused_clock_never_turns_late() -> None:
    clock = inputs(1, pauses=(pause(at(3, 23), None),))

    assert not any(reckon(clock, at(day, 12)).is_late for day in range(4, 31))


def test_a_pause_after_the_due_time_excuses_nothing() -> None:
    shown = reckon(inputs(1, pauses=(pause(at(4, 9), None),)), at(6, 12))

    assert shown.due == end_of(date(2026, 3, 3))
    assert shown.band == "late"


def test_a_pause_that_has_not_begun_and_has_no_end_does_nothing_yet() -> None:
    assert due(inputs(pauses=(pause(at(4, 9), None),)), at(3, 9)) == due(inputs())


def test_a_pause_before_the_start_does_nothing() -> None:
    assert due(inputs(pauses=(pause(at(1, 9, month=2), at(20, 9, month=2)),))) == due(inputs())


def test_starting_again_gives_the_whole_target_from_the_resume() -> None:
    again = inputs(pauses=(pause(at(5, 9), at(16, 11), "start_again"),))

    assert due(again) == end_of(date(2026, 3, 19))
    assert reckon(again, at(16, 11)).elapsed == 0
    assert "The target started again on Monday 16 March 2026 at 11:00." in reckon(again, at(16, 11)).explanation


def test_the_last_resume_that_starts_again_counts_and_later_pauses_still_do() -> None:
    clock = inputs(pauses=(pause(at(3, 9), at(4, 9), "start_again"), pause(at(9, 9), at(10, 9), "start_again"),
                           pause(at(11, 9), at(12, 9))))  # fmt: skip

    assert due(clock) == end_of(date(2026, 3, 16))


def test_a_pause_over_the_end_of_one_that_starts_again_puts_the_new_start_off() -> None:
    clock = inputs(pauses=(pause(at(3, 9), at(4, 9), "start_again"), pause(at(3, 12), at(6, 9))))

    assert due(clock) == end_of(date(2026, 3, 11))


def test_pauses_that_touch_are_one_pause() -> None:
    clock = inputs(pauses=(pause(at(3, 9), at(4, 9), "start_again"), pause(at(4, 9), at(6, 9))))

    assert due(clock) == end_of(date(2026, 3, 11))


def test_extensions_add_to_the_target_and_outlive_starting_again() -> None:
    assert due(inputs(extensions=(extension(2),))) == end_of(date(2026, 3, 9))
    again = (pause(at(3, 9), at(9, 9), "start_again"),)
    assert due(inputs(pauses=again, extensions=(extension(2),))) == end_of(date(2026, 3, 16))


def test_working_days_extend_a_target_in_days_after_its_last_day() -> None:
    assert due(inputs(5, "days", extensions=(extension(2),))) == end_of(date(2026, 3, 10))


def test_working_days_extend_a_target_in_hours_by_whole_openings() -> None:
    assert due(inputs(4, "hours", working=True, calendar=OFFICE, extensions=(extension(2),))) == at(4, 14)
    assert due(inputs(30, "hours", extensions=(extension(1), extension(60, "minutes")))) == at(4, 17)


@pytest.mark.parametrize(
    ("now", "band"),
    [(at(2, 10), "blue"), (at(3, 5, 59), "blue"), (at(3, 6), "amber"), (at(3, 15, 59), "amber"), (at(3, 16), "red"),
     (at(4, 2), "red"), (at(4, 2, 1), "late")],
)  # fmt: skip
def test_the_band_is_blue_then_amber_from_half_then_red_from_three_quarters_then_late(now: datetime, band: str) -> None:
    assert reckon(inputs(40, "hours"), now).band == band


def test_elapsed_and_remaining_leave_out_pauses_and_closed_time() -> None:
    clock = inputs(16, "hours", start=at(6, 13), working=True, calendar=OFFICE, pauses=(pause(at(6, 15), at(9, 11)),))

    shown = reckon(clock, at(9, 13))
    assert (shown.elapsed, shown.remaining) == (0.25, timedelta(hours=12))


def test_days_left_are_counted_days_after_today() -> None:
    def left(clock: ClockInputs, now: datetime) -> int | None:
        return reckon(clock, now).remaining_days

    assert left(inputs(5), at(2, 12)) == 5
    assert left(inputs(5), at(7, 12)) == 1
    assert left(inputs(5), at(9, 12)) == 0
    assert left(inputs(5), at(11, 12)) == -2
    assert left(inputs(5, "hours"), at(2, 12)) is None
    assert reckon(inputs(5), at(11, 12)).remaining < timedelta(0)


def test_the_explanation_tells_how_the_date_was_reached() -> None:
    clock = inputs(
        5,
        start=at(21, 10, 15, month=12),
        calendar=Calendar("scotland", frozenset({date(2026, 12, 29)})),
        pauses=(
            pause(at(22, 9, month=12), at(23, 12, month=12)),
            pause(at(22, 12, month=12), at(24, 9, month=12), category="waiting for a payment"),
        ),
        extensions=(extension(2),),
    )

    assert reckon(clock, at(30, 12, month=12)).explanation == (
        "Started on Monday 21 December 2026 at 10:15.",
        "The target is 5 working days, counted from the day after the start.",
        "Paused from Tuesday 22 December 2026 at 09:00 until Thursday 24 December 2026 at 09:00 (waiting for the "
        "applicant; waiting for a payment): 2 working days not counted. Pauses that overlap are counted once.",
        "Friday 25 December 2026 was not counted (bank holiday: Christmas Day).",
        "Monday 28 December 2026 was not counted (bank holiday: Boxing Day (observed)).",
        "Tuesday 29 December 2026 was not counted (the council is closed).",
        "Friday 1 January 2027 was not counted (bank holiday: New Year's Day).",
        "Monday 4 January 2027 was not counted (bank holiday: New Year Holiday (observed)).",
        "Extended by 2 working days on Tuesday 3 March 2026 at 09:00: The photograph is unclear.",
        "Due on Friday 8 January 2027 at 23:59.",
    )


def test_the_explanation_of_hours_tells_how_long_the_clock_stood_still() -> None:
    shown = reckon(inputs(4, "hours", pauses=(pause(at(2, 11), at(2, 12, 30)),)), at(2, 13))

    assert shown.explanation[2] == (
        "Paused from Monday 2 March 2026 at 11:00 until Monday 2 March 2026 at 12:30 (waiting for the applicant): "
        "1 hour and 30 minutes not counted."
    )


def test_an_extension_is_granted_up_to_the_limit_and_no_further() -> None:
    clock = inputs(limit=Span(amount=5, unit="working_days"))
    clock = grant_extension(clock, span=Span(amount=3, unit="working_days"), reason="Holiday", at=at(3, 9))
    clock = grant_extension(clock, span=Span(amount=2, unit="working_days"), reason="Illness", at=at(4, 9))

    assert due(clock) == end_of(date(2026, 3, 12))
    with pytest.raises(ExtensionRefused, match=r"may come to 5 working days at most\. Already granted: 3 .*, 2 "):
        grant_extension(clock, span=Span(amount=1, unit="working_days"), reason="More", at=at(5, 9))


def test_a_limit_in_hours_counts_minutes_too() -> None:
    clock = inputs(4, "hours", limit=Span(amount=1, unit="hours"))

    assert grant_extension(clock, span=Span(amount=60, unit="minutes"), reason="Call back", at=at(2, 11)).extensions
    with pytest.raises(ExtensionRefused, match="at most"):
        grant_extension(clock, span=Span(amount=61, unit="minutes"), reason="Call back", at=at(2, 11))


@pytest.mark.parametrize(
    ("clock", "span", "reason", "sentence"),
    [
        (inputs(), Span(amount=1, unit="working_days"), " ", "Say why the time is extended"),
        (inputs(), Span(amount=1, unit="hours"), "x", "A target in working days cannot be extended by 1 hour"),
        (inputs(4, "hours", limit=Span(amount=4, unit="hours")), Span(amount=1, unit="working_days"), "x",
         "Extensions here are given in hours, 4 hours at most"),
    ],
)  # fmt: skip
def test_an_extension_that_makes_no_sense_is_refused(
    clock: ClockInputs, span: Span, reason: str, sentence: str
) -> None:
    with pytest.raises(ExtensionRefused, match=sentence):
        grant_extension(clock, span=span, reason=reason, at=at(3, 9))


def test_what_is_stored_survives_json() -> None:
    clock = inputs(
        calendar=Calendar("wales", frozenset({date(2026, 3, 4)}), time(9), time(17)),
        pauses=(pause(at(3, 9), None, "start_again"),),
        extensions=(extension(2),),
        limit=Span(amount=4, unit="working_days"),
    )

    again = ClockInputs.model_validate_json(clock.model_dump_json())
    assert again == clock
    shown = reckon(again, at(5, 9))
    assert shown == reckon(clock, at(5, 9))
    kept = TypeAdapter(Reckoning).dump_json(shown, exclude={"explain"})
    loaded = TypeAdapter(Reckoning).validate_python({**json.loads(kept), "explain": shown.explain})
    assert loaded == shown
    assert loaded.explanation == shown.explanation


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        reckon(inputs(), datetime(2026, 3, 3, 9))  # noqa: DTZ001
    with pytest.raises(ValidationError):
        Pause(begin=datetime(2026, 3, 3, 9), category=WAITING)  # noqa: DTZ001


def test_a_pause_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(ValidationError, match="A pause cannot end before it begins"):
        pause(at(4, 9), at(3, 9))


def test_extensions_in_another_unit_than_the_target_s_are_refused() -> None:
    with pytest.raises(ValidationError, match="A target in working days cannot be extended by 2 hours"):
        inputs(extensions=(extension(2, "hours"),))


def test_the_hour_that_comes_twice_in_october_is_told_apart() -> None:
    first, second = (datetime(2026, 10, 25, 1, 30, tzinfo=LONDON, fold=fold) for fold in (0, 1))

    clock = inputs(4, "hours", start=at(25, 0, month=10), pauses=(pause(first, second),))
    assert due(clock) == at(25, 4, month=10)


@pytest.mark.parametrize("unit", ["working_days", "days", "hours"])
def test_what_is_years_late_is_shown_without_walking_through_its_days(
    unit: Unit, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = inputs(4, unit, pauses=(pause(at(4, 9), at(6, 9)),))
    now = at(2, 12) + timedelta(days=3 * 365)
    reckon(clock, now)  # what a calendar keeps by year is there from now on
    looked: list[date] = []
    ask = Calendar.is_working_day
    monkeypatch.setattr(Calendar, "is_working_day", lambda self, day: looked.append(day) or ask(self, day))
    shown = reckon(clock, now)
    assert shown.is_late
    assert len(looked) < 50
    assert shown.explanation[0].startswith("Started on")
