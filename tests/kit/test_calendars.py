"""Working days of the four nations."""

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moothall.kit.calendars import LONDON, Calendar, Nation, bank_holidays, whole_day

NATIONS: list[Nation] = ["england", "wales", "scotland", "northern_ireland"]
days = st.dates(date(2020, 1, 1), date(2035, 12, 31))


@pytest.mark.parametrize(
    ("day", "closed_in"),
    [
        (date(2026, 1, 2), {"scotland"}),
        (date(2026, 4, 6), {"england", "wales", "northern_ireland"}),
        (date(2026, 3, 17), {"northern_ireland"}),
        (date(2026, 7, 13), {"northern_ireland"}),
        (date(2026, 8, 3), {"scotland"}),
        (date(2026, 8, 31), {"england", "wales", "northern_ireland"}),
        (date(2026, 11, 30), {"scotland"}),
        (date(2026, 12, 28), set(NATIONS)),
        (date(2022, 1, 4), {"scotland"}),
        (date(2022, 9, 19), set(NATIONS)),
        (date(2023, 5, 8), set(NATIONS)),
        (date(2026, 3, 18), set()),
    ],
)
def test_each_nation_keeps_its_own_bank_holidays(day: date, closed_in: set[Nation]) -> None:
    assert {nation for nation in NATIONS if not Calendar(nation).is_working_day(day)} == closed_in


def test_the_council_can_close_on_a_day_of_its_own() -> None:
    day = date(2026, 12, 29)

    assert Calendar().is_working_day(day)
    assert not Calendar(closed=frozenset({day})).is_working_day(day)


def test_a_calendar_says_why_a_day_is_closed() -> None:
    calendar = Calendar(closed=frozenset({date(2026, 12, 29)}))

    assert calendar.reason_closed(date(2026, 12, 25)) == "bank holiday: Christmas Day"
    assert calendar.reason_closed(date(2026, 12, 29)) == "the council is closed"
    assert calendar.reason_closed(date(2026, 12, 27)) == "weekend"
    assert calendar.reason_closed(date(2026, 12, 30)) is None


def test_five_working_days_from_christmas_eve_pass_over_the_holidays() -> None:
    assert Calendar("england").add_working_days(date(2026, 12, 24), 5) == date(2027, 1, 5)
    assert Calendar("scotland").add_working_days(date(2026, 12, 24), 5) == date(2027, 1, 6)


def test_no_working_days_on_is_the_day_itself_or_the_next_one_open() -> None:
    assert Calendar().add_working_days(date(2026, 3, 3), 0) == date(2026, 3, 3)
    assert Calendar().add_working_days(date(2026, 3, 7), 0) == date(2026, 3, 9)


@settings(max_examples=60, deadline=None)
@given(days, st.integers(1, 60), st.sampled_from(NATIONS), st.frozensets(days, max_size=10))
def test_counting_and_adding_working_days_agree(
    day: date, number: int, nation: Nation, closed: frozenset[date]
) -> None:
    calendar = Calendar(nation, closed)
    last = calendar.add_working_days(day, number)

    assert calendar.is_working_day(last)
    assert calendar.working_days_between(day, last) == number
    assert calendar.working_days_between(last, day) == -number
    assert calendar.add_working_days(last, -number) <= day or not calendar.is_working_day(day)


def test_the_day_the_clocks_change_has_its_own_length() -> None:
    lengths = [
        whole_day(day)[1].astimezone(LONDON).timestamp() - whole_day(day)[0].timestamp()
        for day in (date(2026, 3, 29), date(2026, 10, 25), date(2026, 6, 1))
    ]

    assert lengths == [23 * 3600, 25 * 3600, 24 * 3600]


def test_opening_hours_bound_a_working_day() -> None:
    opens, closes = Calendar(opens=time(9), closes=time(17, 30)).open_span(date(2026, 6, 1))

    assert opens == datetime(2026, 6, 1, 9, tzinfo=LONDON)
    assert closes - opens == timedelta(hours=8, minutes=30)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"nation": "cornwall"}, "is not a nation"),
        ({"opens": time(9)}, "both an opening and a closing time"),
        ({"opens": time(17), "closes": time(9)}, "must be before the closing time"),
    ],
)
def test_a_calendar_that_makes_no_sense_is_refused(arguments: dict[str, object], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        Calendar(**arguments)  # type: ignore[arg-type]


def test_bank_holidays_are_worked_out_once_a_year() -> None:
    assert bank_holidays("wales", 2031) is bank_holidays("wales", 2031)
