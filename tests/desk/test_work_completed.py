"""Completed work in the work list: of whom and of when it is, in what order, and pages with rows that have gone (CT-21)."""

from datetime import datetime, timedelta
from itertools import product

import pytest
from django.test import Client
from django.utils import timezone
from tests.desk.conftest import OpenCase
from tests.desk.pages import Page
from tests.desk.test_work import WORK, item, listed, references

from moothall.core.accounts.models import User
from moothall.domain.cases import seeking
from moothall.domain.cases.models import Case, WorkItem, WorkLine
from moothall.web.desk.work_columns import COLUMNS
from moothall.web.desk.work_pages import Order, page

pytestmark = pytest.mark.django_db


def test_completed_work_is_of_the_last_two_weeks_unless_one_says(
    at_desk: Client, make_case: OpenCase, officer: User, at: datetime
) -> None:
    case, old = make_case(at=at), make_case(at=at)
    for one in (case, old):
        given = {"do": "outcome", "chosen": "1", "outcome": "blue_badge.application/initial_checks/desktop_screening"}
        at_desk.post(f"{WORK}many/", {**given, "item": item(one).pk})
    finished = WorkItem.objects.filter(case=old, finished_at__isnull=False)
    finished.update(finished_at=timezone.now() - timedelta(days=20))

    assert listed(at_desk, state="completed") == [case.reference]
    assert "Completed in the last two weeks" in Page.of(at_desk.get(WORK, {"tab": "all", "state": "completed"})).text()
    both = listed(at_desk, state="completed", updated_from=(timezone.now() - timedelta(days=40)).date().isoformat())
    assert set(both) == {case.reference, old.reference}
    further = at_desk.get(WORK, {"tab": "all", "state": "completed", "updated_from": "2020-01-01"})
    assert "last two weeks" not in Page.of(further).text()
    nothing = at_desk.get(WORK, {"tab": "all", "state": "completed", "updated_to": "2020-01-01"})
    assert "Nothing was completed here" in Page.of(nothing).text()


def _completed(case: Case, by: User, *, entered: datetime, finished: datetime) -> WorkItem:
    done = item(case)
    done.entered_at, done.finished_at, done.finished_by, done.outcome = entered, finished, by, "desktop_screening"
    done.save()
    return done


def test_in_every_order_of_open_and_of_completed_work_the_next_page_follows_on(
    at_desk: Client, many_cases: list[Case], officer: User, at: datetime
) -> None:
    done = WorkItem.objects.filter(case__in=many_cases[:56])
    done.update(finished_at=timezone.now(), finished_by=officer, outcome="desktop_screening")
    for state, sort in product(("", "completed"), (column.key for column in COLUMNS if column.sorts)):
        first = at_desk.get(WORK, {"tab": "all", "state": state, "sort": sort})
        onward = Page.of(first).all("a", rel="next")[0]["href"]
        second = references(at_desk.get(onward))
        assert len(second) == 25, (state, sort)
        assert set(second).isdisjoint(references(first)), (state, sort)


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
@pytest.mark.parametrize("state", ["", "completed"])
def test_the_first_and_the_last_day_there_are_are_refused_in_a_sentence(
    at_desk: Client, make_case: OpenCase, at: datetime, day: str, state: str
) -> None:
    make_case(at=at)
    for name in ("updated_from", "updated_to"):
        answer = at_desk.get(WORK, {"tab": "all", "state": state, name: day})
        assert answer.status_code == 422
        assert "The year must be" in answer.content.decode()


def test_completed_work_is_sorted_by_how_long_it_was_in_its_stage(
    at_desk: Client, make_case: OpenCase, officer: User, at: datetime
) -> None:
    now = timezone.now()
    longer, shorter = make_case(at=at), make_case(at=at)
    _completed(longer, officer, entered=now - timedelta(days=3), finished=now - timedelta(days=1))
    _completed(shorter, officer, entered=now - timedelta(days=10), finished=now - timedelta(days=9))
    assert listed(at_desk, state="completed", sort="-age") == [longer.reference, shorter.reference]
    assert listed(at_desk, state="completed", sort="age") == [shorter.reference, longer.reference]


def test_a_page_whose_rows_have_gone_says_so_and_leads_to_the_first(
    at_desk: Client, make_case: OpenCase, officer: User, at: datetime
) -> None:
    first, last = make_case(at=at), make_case(at=at + timedelta(minutes=1))
    onward = page(WorkLine.objects.all(), Order.named("-age"), size=1).after
    _completed(last, officer, entered=at, finished=at + timedelta(hours=1))
    shown = Page.of(at_desk.get(WORK, {"tab": "all", "sort": "-age", "after": onward}))
    assert "Nothing is left on this page" in shown.text()
    assert "Nothing waits here" not in shown.text()
    assert "Go to the first page" in shown.text()
    first_page = f"{WORK}?tab=all&sort=-age"
    assert first_page in {one["href"] for one in shown.all("a") if "href" in one}
    assert references(at_desk.get(first_page)) == [first.reference]


def test_my_completed_work_is_what_i_completed_whoever_had_it(
    at_desk: Client, make_case: OpenCase, officer: User, manager: User, at: datetime
) -> None:
    mine, other = make_case(at=at), make_case(at=at)
    for one, by in ((mine, officer), (other, manager)):
        done = item(one)
        done.finished_at, done.finished_by, done.outcome = timezone.now(), by, "desktop_screening"
        done.assigned_to = None if by == officer else officer
        done.save()

    assert listed(at_desk, tab="mine", state="completed") == [mine.reference]
    assert listed(at_desk, tab="all", state="completed", assigned_to=str(manager.pk)) == [other.reference]
    assert listed(at_desk, tab="unassigned", state="completed") == [mine.reference]
    shown = Page.of(at_desk.get(WORK, {"tab": "mine", "state": "completed"}))
    assert "Completed by" in shown.text()
    assert officer.full_name in shown.text()
    assert at_desk.get(WORK, {"tab": "all", "state": "completed", "assigned_to": "nobody"}).status_code == 422


@pytest.mark.parametrize(("walk", "many"), [(5, 100), (5, 1), (100, 100)])
def test_completed_work_is_found_alike_by_walking_and_by_all_that_fits(
    many_cases: list[Case], officer: User, monkeypatch: pytest.MonkeyPatch, walk: int, many: int
) -> None:
    for name, value in {"FEW": 0, "WALK": walk, "FARTHEST": walk, "MANY": many}.items():
        monkeypatch.setattr(seeking, name, value)
    items = list(WorkItem.objects.filter(case__in=many_cases[:20]).order_by("pk"))
    for number, one in enumerate(items):  # two of every moment; every fourth fits
        one.finished_at = one.entered_at + timedelta(hours=number // 2)
        one.finished_by, one.outcome = officer, "wanted" if number % 4 == 0 else "other"
        one.save()
    rows = WorkItem.objects.filter(finished_at__isnull=False, outcome="wanted")
    for name, falling in (("-finished", True), ("finished", False)):
        fitting = sorted(rows, key=lambda one: (one.finished_at, one.pk), reverse=falling)
        found, after, places = [], "", []
        while True:
            shown = page(rows, Order.named(name), size=3, after=after)
            found += shown.items
            places.append(shown)
            if not (after := shown.after):
                break
        assert found == [one.pk for one in fitting]
        assert page(rows, Order.named(name), size=3, before=places[-1].before).items == places[-2].items


def test_what_a_colleague_did_who_has_left_is_found_and_what_they_still_hold(
    at_desk: Client, make_case: OpenCase, officer: User, second_officer: User, at: datetime
) -> None:
    done, held = make_case(at=at), make_case(at=at, by=second_officer)
    _completed(done, second_officer, entered=at, finished=timezone.now())
    second_officer.is_active = False
    second_officer.save()
    who = str(second_officer.pk)
    assert listed(at_desk, state="completed", assigned_to=who) == [done.reference]
    assert listed(at_desk, assigned_to=who) == [held.reference]
    assert "Oscar Officer (no longer here)" in Page.of(at_desk.get(WORK, {"tab": "all"})).text("select")
