"""Marks of lines: the database gives those that the product asks for, and follows every change."""

from datetime import UTC, date, datetime, timedelta
from math import inf
from typing import Any

import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.desk.council import offer_blue_badges, open_case

from moothall.domain.cases import marks, sought
from moothall.domain.cases.models import LineMark, Run, RunValue, WorkItem, WorkLine

DAYS = st.dates(date(1890, 1, 1), date(2110, 1, 1))
VALUES = st.one_of(
    DAYS.map(sought.number),
    st.integers(-30, 3_000),
    st.integers(18_900_000, 21_100_000),
    st.integers(0, 10**15 - 1),
    st.floats(-5, 5_000),
)


@pytest.mark.django_db
@given(
    st.lists(VALUES, min_size=40, max_size=60), st.lists(st.tuples(VALUES | st.none(), VALUES | st.none()), min_size=20)
)
@settings(max_examples=25)
def test_a_value_has_exactly_one_mark_of_every_range_it_lies_in(values: list[float], ranges: list[Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT value, cases_marks_of('x', value) FROM unnest(%s::double precision[]) AS value",
            [[float(one) for one in values]],
        )
        given_ = cursor.fetchall()
    for least, most in ranges:
        cover = marks.values("x", least, most)
        assert len(set(cover.marks)) == len(cover.marks) < 70
        for value, told in given_:
            if (-inf if least is None else least) <= value <= (inf if most is None else most):
                assert len(set(told) & set(cover.marks)) == 1, (value, least, most)


@given(st.dates(date(1900, 1, 1), date(2080, 1, 1)), st.none() | st.integers(0, 2_000), st.integers(-5, 5_000))
def test_a_day_has_exactly_one_mark_of_every_stretch_of_days_it_lies_in(
    first: date, many: int | None, after: int
) -> None:
    last = None if many is None else first + timedelta(days=many)
    cover, day = marks.due(first, last), first + timedelta(days=after)
    told = {f"due={day:%Y%m}", f"due={day:%Y%m%d}"}
    among = [one for one in told if one in cover.marks or _is_later(cover, one)]
    assert len(among) == 1 if first <= day and (last is None or day <= last) else len(among) <= 1
    assert len(cover.marks) < 90


def _is_later(cover: marks.Cover, mark: str) -> bool:
    return cover.later is not None and cover.later[0] <= mark < cover.later[1] and len(mark) == len(cover.later[0])


@pytest.mark.django_db
def test_marks_follow_what_is_answered_when_it_is_due_and_where_it_is(noon: datetime) -> None:
    case = open_case(offer_blue_badges(at=noon), at=noon)
    item, run = WorkItem.objects.get(case=case), Run.objects.get(case=case)
    late = datetime(2026, 7, 1, 22, 59, tzinfo=UTC)  # a minute before the second of July in London
    amber = late - timedelta(days=3)
    WorkItem.objects.filter(pk=item.pk).update(amber_from=amber, red_from=amber, late_after=late)
    assert _kept() == {"due=202607", "due=20260701"}
    WorkItem.objects.filter(pk=item.pk).update(late_after=late + timedelta(minutes=1))
    assert _kept() == {"due=202607", "due=20260702"}

    name = sought.name("asked/blue_badge.application/meeting_on")
    run.answers = {"meeting_on": "2026-03-01"}
    run.save()
    assert _kept() == {"due=202607", "due=20260702", f"{name}=202", f"{name}=2026", f"{name}=202603", f"{name}=2026030"}
    run.answers = {"meeting_on": "2026-04-01"}
    run.save()
    assert f"{name}=202604" in _kept()
    assert f"{name}=202603" not in _kept()

    earlier = item.entered_at - timedelta(days=2)
    WorkItem.objects.filter(pk=item.pk).update(entered_at=earlier, late_after=None, amber_from=None, red_from=None)
    assert set(LineMark.objects.values_list("entered_at", flat=True)) == {earlier}
    assert _kept() == {f"{name}=202", f"{name}=2026", f"{name}=202604", f"{name}=2026040"}
    rows = set(LineMark.objects.values_list("mark", "entered_at", "item"))
    with connection.cursor() as cursor:
        cursor.execute("SELECT cases_workline_rebuild()")
        assert set(LineMark.objects.values_list("mark", "entered_at", "item")) == rows
        cursor.execute("SELECT cases_linemarks_rebuild()")
    assert set(LineMark.objects.values_list("mark", "entered_at", "item")) == rows

    run.answers = {}
    run.save()
    assert not RunValue.objects.exists()
    assert _kept() == set()
    run.answers = {"amount": 1250}
    run.save()
    assert {one.partition("=")[2] for one in _kept()} == {"n4", "n4.1"}
    WorkItem.objects.filter(pk=item.pk).update(finished_at=noon, outcome="done", finished_by=run.case.opened_by)
    assert not WorkLine.objects.exists()
    assert _kept() == set()


def _kept() -> set[str]:
    return set(LineMark.objects.values_list("mark", flat=True))
