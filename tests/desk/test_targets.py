"""What the bar of a target says about the time that is left."""

from datetime import UTC, datetime

import pytest
from tests.desk.council import open_case

from moothall.domain.cases import clock
from moothall.domain.cases.models import WorkItem
from moothall.domain.catalogue.models import Service
from moothall.web.desk.targets import target

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("day", "band", "remaining"),
    [
        (9, "amber", "1 working day left"),
        (10, "red", "due today"),
        (11, "late", "1 working day over"),
        (13, "late", "3 working days over"),
        (14, "late", "3 working days over"),  # a Saturday
    ],
)
def test_a_target_in_working_days_counts_those_left_and_those_over(
    service: Service, noon: datetime, day: int, band: str, remaining: str
) -> None:
    open_case(service, at=noon)  # on Tuesday the 3rd, with five working days for its first stage
    bar = target(clock.with_clock(WorkItem.objects.all()).get(), datetime(2026, 3, day, 12, tzinfo=UTC))
    assert bar is not None
    assert (bar.band, bar.remaining) == (band, remaining)


@pytest.mark.parametrize("day", [7, 8])
def test_what_was_due_on_friday_is_not_due_today_on_the_weekend(service: Service, day: int) -> None:
    open_case(service, at=datetime(2026, 2, 27, 12, tzinfo=UTC))
    bar = target(clock.with_clock(WorkItem.objects.all()).get(), datetime(2026, 3, day, 12, tzinfo=UTC))
    assert bar is not None
    assert (bar.band, bar.remaining) == ("late", "less than a day over")
