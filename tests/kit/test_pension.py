"""State Pension age, at the edges of each step."""

from datetime import date

import pytest

from moothall.kit import pension


@pytest.mark.parametrize(
    ("born", "reached"),
    [
        ("1955-02-03", "2021-02-03"),
        ("1956-02-29", "2022-02-28"),
        ("1960-04-05", "2026-04-05"),
        ("1960-04-06", "2026-05-06"),
        ("1960-05-05", "2026-06-05"),
        ("1960-05-06", "2026-07-06"),
        ("1960-12-31", "2027-09-30"),
        ("1961-01-31", "2027-11-30"),
        ("1961-03-05", "2028-02-05"),
        ("1961-03-06", "2028-03-06"),
    ],
)
def test_state_pension_age_rises_from_66_to_67_by_a_month_for_each_month_of_birth(born: str, reached: str) -> None:
    assert pension.reached_on(date.fromisoformat(born)).isoformat() == reached
