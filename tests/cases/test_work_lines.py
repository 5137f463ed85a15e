"""The lines of the work list: whatever changes what they copy, and however, they say it."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.cases.at_once import meanwhile
from tests.desk.council import offer_blue_badges, open_case

from moothall.core.accounts.actions import system_user
from moothall.core.accounts.models import SecurityGroup, User
from moothall.core.council import settings as council
from moothall.domain.cases import actions, assigning, clock, progress, renaming, tagging, turning
from moothall.domain.cases.models import Case, Note, Pause, WorkItem, WorkLine
from moothall.domain.catalogue.models import Service
from moothall.domain.people.models import Customer

pytestmark = pytest.mark.django_db


@pytest.fixture
def service(db: None, noon: datetime) -> Service:
    return offer_blue_badges(at=noon)


@pytest.fixture
def case(service: Service, noon: datetime) -> Case:
    return open_case(service, at=noon)


@pytest.fixture(autouse=True)
def every_line_is_as_its_view_says(db: None) -> Iterable[None]:
    yield
    with connection.cursor() as cursor:
        cursor.execute("SELECT item_id FROM cases_workline_now ORDER BY 1")
        there = cursor.fetchall()
        cursor.execute("SELECT * FROM cases_workline_now ORDER BY item_id")
        names = [column.name for column in cursor.description or ()]
        now = cursor.fetchall()
        cursor.execute(f"SELECT {', '.join(names)} FROM cases_workline ORDER BY item_id")
        assert cursor.fetchall() == now
    assert len(there) == len(now)


def line(case: Case) -> WorkLine:
    return WorkLine.objects.get(case=case)


def item(case: Case) -> WorkItem:
    return WorkItem.objects.get(case=case, finished_at=None)


def test_a_stage_entered_has_a_line_and_one_left_has_none(case: Case, officer: User, noon: datetime) -> None:
    first = line(case)
    assert (first.reference, first.customer_name, first.stage_name) == (case.reference, "Alma Madeup", "Initial Checks")

    progress.choose(item(case), "desktop_screening", by=officer, at=noon + timedelta(hours=1))

    assert not WorkLine.objects.filter(pk=first.pk).exists()
    assert line(case).stage_name == "Desktop Screening"
    assert line(case).updated_at == noon + timedelta(hours=1)
    item(case).delete()
    assert not WorkLine.objects.filter(case=case).exists()


def test_whatever_is_written_on_the_timeline_is_when_the_case_was_last_updated(
    case: Case, officer: User, noon: datetime
) -> None:
    later = noon + timedelta(days=2)
    actions.add_note(case, text="They rang.", by=officer, at=later)
    assert line(case).updated_at == Case.objects.get(pk=case.pk).updated_at == later
    assert line(case).moved
    actions.add_note(case, text="They had rung before.", by=officer, at=noon + timedelta(hours=1))
    assert line(case).updated_at == later


@pytest.mark.django_db(transaction=True)
def test_a_note_does_not_wait_for_whoever_is_changing_the_case(case: Case, officer: User, noon: datetime) -> None:
    later, waits = noon + timedelta(hours=1), noon + timedelta(hours=2)

    def written() -> None:
        actions.add_note(case, text="They rang.", by=officer, at=waits)

    def still_there() -> None:
        assert Note.objects.filter(case=case).exists()

    meanwhile(lambda: assigning.take(item(case), by=officer, at=later), during=written, then=still_there)
    assert Case.objects.get(pk=case.pk).updated_at == later


def test_tags_and_who_has_it_are_followed(case: Case, officer: User, noon: datetime) -> None:
    tagging.tag_case(case, set=["terminal_illness"], by=system_user(), at=noon)
    assigning.take(item(case), by=officer, at=noon)
    assert line(case).terminal
    assert {"terminal_illness", f"whose:{officer.pk}"} <= set(line(case).kinds)
    assert line(case).assigned_name == officer.full_name

    tagging.tag_case(case, remove=["terminal_illness"], by=system_user(), at=noon)
    assigning.release(item(case), by=officer, at=noon)
    assert not line(case).terminal
    assert "whose:nobody" in line(case).kinds


def test_names_and_the_type_of_a_case_are_followed_although_changed_in_bulk(
    case: Case, officer: User, noon: datetime
) -> None:
    team = SecurityGroup.objects.get(key="blue_badge_officers")
    Case.objects.update(type="renewal", source="paper", owner=officer, team=team)
    assigning.take(item(case), by=officer, at=noon)
    Customer.objects.filter(pk=case.customer_id).update(name="Erased")
    User.objects.filter(pk=officer.pk).update(full_name="A former user")
    SecurityGroup.objects.filter(pk=team.pk).update(name="Parking")
    Service.objects.update(name="Parking badges")
    renaming.follow(at=noon)

    now = line(case)
    assert (now.customer_name, now.assigned_name, now.owner_name) == ("Erased", "A former user", "A former user")
    assert (now.team_name, now.service_name, now.type, now.source) == ("Parking", "Parking badges", "renewal", "paper")
    assert "type:renewal" in now.kinds


def test_a_change_undone_is_undone_in_the_line(case: Case, officer: User, noon: datetime) -> None:
    with transaction.atomic():
        assigning.take(item(case), by=officer, at=noon)
        Customer.objects.update(name="Somebody else")
        transaction.set_rollback(True)
    assert line(case).assigned_to_id is None
    assert line(case).customer_name == "Alma Madeup"


def test_a_case_deleted_leaves_no_line(case: Case) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM cases_workitem WHERE case_id = %s", [case.pk])
    assert not WorkLine.objects.exists()


def test_all_lines_are_made_anew_for_whoever_loaded_rows_around_the_triggers(case: Case) -> None:
    WorkLine.objects.all().delete()
    with connection.cursor() as cursor:
        cursor.execute("SELECT cases_workline_rebuild()")
        assert cursor.fetchone() == (1,)
    assert line(case).reference == case.reference


def agrees(case: Case, moments: Iterable[datetime]) -> None:
    """The moments noted with the open item give at each time the colour that the clock reckons."""
    row = clock.with_clock(WorkItem.objects.filter(case=case, finished_at=None))[0]
    for now in moments:
        reckoned = clock.reckon(row, now)
        assert reckoned is not None
        assert row.amber_from is not None
        assert row.red_from is not None
        assert row.late_after is not None
        shown = (
            "late"
            if now > row.late_after
            else "red"
            if now >= row.red_from
            else "amber"
            if now >= row.amber_from
            else "blue"
        )
        assert shown == reckoned.band, now


@given(
    st.lists(st.tuples(st.sampled_from(["pause", "start_again", "resume", "extend"]), st.integers(1, 90)), max_size=6)
)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_done_to_a_clock_its_moments_agree_with_what_it_reckons(
    case: Case, manager: User, noon: datetime, done: list[tuple[str, int]]
) -> None:
    with transaction.atomic():
        at = noon
        for what, hours in done:
            at += timedelta(hours=hours)
            open_pause = Pause.objects.filter(item__case=case, ended_at=None).first()
            if what == "resume" and open_pause:
                clock.resume(open_pause, by=manager, at=at)
            elif what == "extend":
                try:
                    clock.extend(item(case), amount=1, reason="More time.", by=manager, at=at)
                except clock.ClockRefused:
                    continue
            elif what in {"pause", "start_again"} and not open_pause:
                policy = "start_again" if what == "start_again" else "continue"
                clock.pause(item(case), category="waiting", reason="Waiting.", policy=policy, by=manager, at=at)
        assert item(case).turns_by == clock.turns_by()
        agrees(case, [at + timedelta(hours=step) for step in range(0, 24 * 20, 5)])
        transaction.set_rollback(True)


def test_what_was_changed_around_the_clock_is_worked_out_by_the_job(case: Case, manager: User, noon: datetime) -> None:
    clock.pause(item(case), category="waiting", reason="Waiting.", by=manager, at=noon)
    Pause.objects.update(ended_at=noon + timedelta(days=3))
    WorkItem.objects.update(entered_at=noon - timedelta(days=1))
    assert item(case).turns_by == ""

    at = noon + timedelta(days=4)
    assert turning.catch_up(at=at) == 1
    assert turning.catch_up(at=at) == 0
    agrees(case, [at + timedelta(hours=step) for step in range(0, 24 * 14, 6)])


def test_another_nations_bank_holidays_move_every_noted_moment(case: Case, administrator: User, noon: datetime) -> None:
    before = line(case).turns_by
    council.write(council.Council(nation="scotland"), by=administrator, at=noon, only=["nation"])
    try:
        assert turning.catch_up(at=noon) == 1
        assert line(case).turns_by == clock.turns_by() != before
        agrees(case, [noon + timedelta(hours=step) for step in range(0, 24 * 14, 6)])
    finally:
        council.forget()


@pytest.mark.django_db(transaction=True)
def test_a_customer_renamed_while_their_work_is_finished_leaves_no_line_behind(
    case: Case, officer: User, noon: datetime
) -> None:
    left, customers = item(case), Customer.objects.filter(pk=case.customer_id)
    meanwhile(
        lambda: progress.choose(left, "desktop_screening", by=officer, at=noon),
        during=lambda: customers.update(name="Renamed Madeup"),
    )
    assert not WorkLine.objects.filter(pk=left.pk).exists()


@pytest.mark.django_db(transaction=True)
def test_a_tag_set_while_a_clock_is_noted_stays_in_the_line(case: Case) -> None:
    work, cases = WorkItem.objects.filter(case=case), Case.objects.filter(pk=case.pk)
    meanwhile(lambda: cases.update(tags=["terminal_illness"]), during=lambda: work.update(turns_by="another"))
    assert (line(case).terminal, line(case).turns_by) == (True, "another")


def test_a_stage_left_and_its_requests_need_no_clock_read_again(case: Case, officer: User, noon: datetime) -> None:
    known: Any = item(case)
    assert known.turns_by == clock.turns_by()
    progress.choose(known, "desktop_screening", by=officer, at=noon)
    assert turning.catch_up(at=noon) == 0
