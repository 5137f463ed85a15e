"""The team's work at the desk: who holds what, shared out, given back, away, handed over; many at once (BEST-4, CT-20)."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob
from tests.desk.conftest import OpenCase, SignInAs
from tests.desk.pages import Page

from moothall.core.accounts import absence
from moothall.core.accounts.models import Absence, User
from moothall.domain.cases import assigning, batches, clock, handing, tasks
from moothall.domain.cases.models import Batch, Case, WorkItem
from moothall.domain.notifications.models import Notification
from moothall.kit.calendars import LONDON
from moothall.web.desk import doing
from moothall.web.desk.models import WorkView

pytestmark = pytest.mark.django_db
TEAM, WORK = "/desk/team/", "/desk/work/"
PLACE = "blue_badge.application/initial_checks"


@pytest.fixture
def at() -> datetime:
    return timezone.now() - timedelta(days=2)


@pytest.fixture
def supervisor(sign_in_as: SignInAs, manager: User) -> Client:
    """The manager's browser, signed in."""
    return sign_in_as(manager)


@pytest.fixture
def waiting(make_case: OpenCase, at: datetime) -> list[Case]:
    """Three cases nobody has."""
    return [make_case(at=at) for _ in range(3)]


def item(case: Case) -> WorkItem:
    return WorkItem.objects.select_related("assigned_to").get(case=case, finished_at=None)


def share(client: Client, *among: User, most: int = 50, **given: Any) -> Any:
    return client.post(
        f"{TEAM}share/", {"place": PLACE, "most": most, "among": [one.pk for one in among], **given}, follow=True
    )


def tomorrow(days: int = 1) -> dict[str, str]:
    first, last = timezone.now().date(), timezone.now().date() + timedelta(days=days)
    names = ("first_day", first), ("last_day", last)
    return {f"{name}_{part}": str(getattr(day, unit)) for name, day in names
            for part, unit in enumerate(("day", "month", "year"))}  # fmt: skip


def test_a_supervisor_sees_what_each_colleague_holds_and_where_it_leads(
    supervisor: Client, make_case: OpenCase, waiting: list[Case], officer: User, second_officer: User, at: datetime
) -> None:
    case = make_case(at=at, by=officer)
    WorkItem.objects.filter(case=case).update(entered_at=at - timedelta(days=90))
    clock.note_turns(WorkItem.objects.filter(case=case).values_list("pk", flat=True), at=at)
    page = Page.of(supervisor.get(TEAM))

    assert "Olive Officer" in page.text("tbody")
    assert "Oscar Officer" in page.text("tbody")
    late = f"{WORK}?tab=all&assigned_to={officer.pk}&target=late"
    assert late in [link["href"] for link in page.all("a")]
    assert case.reference in supervisor.get(late).content.decode()
    assert waiting[0].reference not in supervisor.get(late).content.decode()
    assert page.links()["Blue Badge application: Initial Checks"] == f"{WORK}?tab=unassigned&stage={PLACE}"


def test_only_a_supervisor_sees_the_team(at_desk: Client) -> None:
    assert at_desk.get(TEAM).status_code == 403
    assert "Team" not in Page.of(at_desk.get(WORK)).links()


def test_the_team_costs_the_same_statements_whatever_is_held(
    supervisor: Client, make_case: OpenCase, officer: User, second_officer: User, at: datetime
) -> None:
    make_case(at=at, by=officer)
    supervisor.get(TEAM)
    with CaptureQueriesContext(connection) as few:
        supervisor.get(TEAM)
    for by in (officer, second_officer, None) * 3:
        make_case(at=at, by=by)
    with CaptureQueriesContext(connection) as many:
        supervisor.get(TEAM)
    assert len(few) == len(many)
    assert len(many) <= 18, [one["sql"][:150] for one in many]


def test_work_is_shared_out_and_what_nobody_touched_is_given_back(
    supervisor: Client, waiting: list[Case], officer: User, second_officer: User
) -> None:
    form = Page.of(supervisor.get(f"{TEAM}share/", {"place": PLACE}))
    assert "Olive Officer: holds 0" in form.text("main")
    done = share(supervisor, officer, second_officer, key=uuid4())
    assert "3 of 3 done." in Page.of(done).text("main")
    assert [item(case).assigned_to for case in waiting] == [officer, second_officer, officer]

    batch = Batch.objects.get()
    assigning.release(item(waiting[0]), by=officer, at=timezone.now())
    assigning.take(item(waiting[0]), by=officer, at=timezone.now())
    for _ in range(2):
        back = supervisor.post(f"{WORK}batches/{batch.pk}/give-back/", follow=True)
        assert "2 of 3 done." in Page.of(back).text("main")
    assert [item(case).assigned_to for case in waiting] == [officer, None, None]
    assert "What was given back of this" in Page.of(supervisor.get(f"{WORK}batches/{batch.pk}/")).links()


def test_a_second_click_shares_nothing_out_again(
    supervisor: Client, waiting: list[Case], make_case: OpenCase, officer: User, at: datetime
) -> None:
    key = uuid4()
    share(supervisor, officer, most=2, key=key)
    share(supervisor, officer, most=2, key=key)
    assert WorkItem.objects.filter(assigned_to=officer).count() == 2


def test_what_is_wrong_with_sharing_out_is_said_and_what_was_typed_stays(
    supervisor: Client, waiting: list[Case], officer: User
) -> None:
    answer = supervisor.post(f"{TEAM}share/", {"place": PLACE, "most": "many", "among": [officer.pk]})
    assert answer.status_code == 422
    assert "Enter a whole number" in Page.of(answer).text("main")
    assert 'value="many"' in answer.content.decode()


def test_an_absence_is_recorded_shown_and_ended_and_nobody_away_gets_work(
    at_desk: Client, supervisor: Client, waiting: list[Case], officer: User, second_officer: User
) -> None:
    given = {"reason": "leave", "cover": second_officer.pk, **tomorrow()}
    for _ in range(2):
        assert at_desk.post("/desk/absences/", given).status_code == 302
    row = Absence.objects.get()
    assert (row.user, row.cover, row.by) == (officer, second_officer, officer)
    assert "covered by Oscar Officer" in Page.of(supervisor.get(TEAM)).text("tbody")

    share(supervisor, officer, second_officer)
    assert {item(case).assigned_to for case in waiting} == {second_officer}
    refused = Page.of(share(supervisor, officer))
    assert "Nothing waits" in refused.text("main") or "away today" in refused.text("main")
    assert at_desk.post(f"/desk/absences/{row.pk}/end/").status_code == 302
    assert not Absence.objects.exists()


def test_an_absence_is_refused_beside_its_field_and_others_absences_are_a_supervisors(
    at_desk: Client, supervisor: Client, service: object, second_officer: User
) -> None:
    days = tomorrow(-1)
    answer = at_desk.post("/desk/absences/", {"reason": "leave", **days})
    assert answer.status_code == 422
    assert "The last day is before the first." in Page.of(answer).text("main")
    year = str(timezone.now().year - 1)
    long_ago = at_desk.post(
        "/desk/absences/", {"reason": "leave", **tomorrow(), "first_day_2": year, "last_day_2": year}
    )
    assert "The last day is in the past." in Page.of(long_ago).text("main")

    at_desk.post("/desk/absences/", {"reason": "leave", "who": second_officer.pk, **tomorrow()})
    assert not Absence.objects.filter(user=second_officer).exists()
    supervisor.post("/desk/absences/", {"reason": "not_said", "who": second_officer.pk, **tomorrow()})
    theirs = Absence.objects.get(user=second_officer)
    assert at_desk.post(f"/desk/absences/{theirs.pk}/end/").status_code == 404


def test_a_supervisor_says_which_skills_somebody_has(supervisor: Client, officer: User, service: object) -> None:
    page = Page.of(supervisor.get(f"{TEAM}{officer.pk}/"))
    assert "Appeals (Blue Badge)" in page.text("main")
    assert supervisor.post(f"{TEAM}{officer.pk}/", {"skills": ["appeals"]}).status_code == 302
    assert User.objects.get(pk=officer.pk).skills == ["appeals"]
    assert supervisor.post(f"{TEAM}{officer.pk}/", {"skills": ["flying"]}).status_code == 422


def test_somebody_outside_the_team_is_nobody_to_a_supervisor(supervisor: Client, stranger: User, viewer: User) -> None:
    for user in (stranger, viewer):
        assert supervisor.get(f"{TEAM}{user.pk}/").status_code == 404
        assert supervisor.post(f"{TEAM}{user.pk}/leave/").status_code == 404


def test_who_leaves_hands_over_work_and_shared_views_and_only_user_managers_end_accounts(
    supervisor: Client, make_case: OpenCase, officer: User, second_officer: User, at: datetime
) -> None:
    cases = [make_case(at=at, by=officer) for _ in range(2)]
    team = officer.groups.get()
    for user in (officer, second_officer):
        WorkView.objects.create(user=user, name="Late ones", query="tab=all", team=team, made_at=at)
    page = Page.of(supervisor.get(f"{TEAM}{officer.pk}/leave/"))
    assert "2 open work items" in page.text("main")
    assert "end the account" not in page.text("main")

    done = supervisor.post(f"{TEAM}{officer.pk}/leave/", {"to": [second_officer.pk], "deactivate": "on"}, follow=True)
    assert "2 of 2 done." in Page.of(done).text("main")
    assert {item(case).assigned_to for case in cases} == {second_officer}
    names = WorkView.objects.filter(user=second_officer).order_by("pk").values_list("name", flat=True)
    assert sorted(names) == ["Late ones", "Late ones (2)"]
    assert User.objects.get(pk=officer.pk).is_active


def test_shared_views_of_who_leaves_go_to_a_receiver_who_is_here_and_is_told(
    sign_in_as: SignInAs, manager: User, officer: User, second_officer: User, assessor: User, service: object
) -> None:
    now = timezone.now()
    today = now.astimezone(LONDON).date()
    for number in (1, 2):
        WorkView.objects.create(user=officer, name=f"List {number}", query="", team=officer.groups.get(), made_at=now)
    away = {"first_day": today - timedelta(days=1), "last_day": today + timedelta(days=1), "reason": "leave"}
    absence.record(assessor, cover=second_officer, by=manager, at=now, **away)

    handing.hand_over(
        officer, to=[assessor, second_officer], deactivate=False, reason="", key=uuid4(), by=manager, at=now
    )

    assert {view.user for view in WorkView.objects.all()} == {second_officer}
    told = Notification.objects.get()
    assert (told.user, told.text) == (
        second_officer,
        "The views that Olive Officer shared with a team are yours now: “List 1”, “List 2”.",
    )
    opened = sign_in_as(second_officer).post(f"/desk/notifications/{told.pk}/")
    assert opened["Location"] == reverse("desk:work_views")


def test_an_administrator_who_supervises_ends_the_account_too(
    sign_in_as: SignInAs, administrator: User, manager: User, make_case: OpenCase, officer: User, at: datetime
) -> None:
    administrator.groups.add(manager.groups.get())
    make_case(at=at, by=officer)
    client = sign_in_as(administrator)
    assert client.post(f"{TEAM}{officer.pk}/leave/", {"deactivate": "on"}).status_code == 422
    done = client.post(f"{TEAM}{officer.pk}/leave/", {"deactivate": "on", "reason": "Retires."}, follow=True)
    assert "Olive Officer can no longer sign in." in Page.of(done).text("main")
    assert not User.objects.get(pk=officer.pk).is_active


def test_all_that_the_list_holds_is_done_by_a_job_with_a_page_that_tells_how_far_it_is(
    at_desk: Client, waiting: list[Case], second_officer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doing, "WHILE_ONE_WAITS", 2)
    back = f"tab=unassigned&stage={PLACE}&source=online"
    asked = at_desk.get(f"{WORK}many/", {"every": "1", "do": "assign", "back": back}, follow=True)
    assert "3 work items" in Page.of(asked).text("h1")
    forms = [form["action"] for form in Page.of(asked).all("form", method="post")]
    address = next(action for action in forms if action.startswith(f"{WORK}many/"))
    given = {"do": "assign", "every": "1", "chosen": "1", "to": second_officer.pk}
    begun = at_desk.post(address, given, follow=True)
    assert "0 of 3 done." in Page.of(begun).text("main")
    assert "This goes on by itself" in Page.of(begun).text("main")
    assert {item(case).assigned_to for case in waiting} == {None}

    job = ProcrastinateJob.objects.get(task_name="cases.work_through")
    tasks.work_through(**job.args)
    done = Page.of(at_desk.get(begun.redirect_chain[-1][0]))
    assert "3 of 3 done." in done.text("main")
    assert done.links()["Back to the list"] == f"{WORK}?tab=unassigned&stage=blue_badge.application%2Finitial_checks&source=online"  # fmt: skip
    assert {item(case).assigned_to for case in waiting} == {second_officer}
    assert "Assigned" in Page.of(at_desk.get(f"{WORK}batches/")).text("tbody")


def test_a_batch_is_stopped_and_says_of_each_case_that_it_was(
    at_desk: Client, waiting: list[Case], second_officer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doing, "WHILE_ONE_WAITS", 2)
    given = {"do": "assign", "every": "1", "chosen": "1", "to": second_officer.pk}
    begun = at_desk.post(f"{WORK}many/?every=1&do=assign&tab=unassigned", given, follow=True)
    stop = next(
        form["action"] for form in Page.of(begun).all("form", method="post") if form["action"].endswith("/stop/")
    )
    for _ in range(2):
        stopped = Page.of(at_desk.post(stop, follow=True))
        assert "Stopped by Olive Officer before it was done." in stopped.text("tbody")

    page = Page.of(at_desk.get(begun.redirect_chain[-1][0]))
    assert "0 of 3 done." in page.text("main")
    assert "This goes on by itself" not in page.text("main")
    batches.work_through(Batch.objects.get().pk)
    assert {item(case).assigned_to for case in waiting} == {None}


def test_a_batch_is_seen_by_whoever_began_it_alone(
    at_desk: Client, supervisor: Client, waiting: list[Case], officer: User
) -> None:
    share(supervisor, officer)
    batch = Batch.objects.get()
    assert at_desk.get(f"{WORK}batches/{batch.pk}/").status_code == 404
    assert supervisor.get(f"{WORK}batches/{batch.pk}/").status_code == 200


def test_whoever_covers_finds_the_work_in_their_own_list_as_far_as_they_may_see_it(
    at_desk: Client,
    sign_in_as: SignInAs,
    make_case: OpenCase,
    officer: User,
    second_officer: User,
    assessor: User,
    at: datetime,
) -> None:
    case = make_case(at=at, by=second_officer)
    today = timezone.now().date()
    row = absence.record(second_officer, first_day=today, last_day=today, reason=Absence.WhyAway.LEAVE, cover=officer,
                         by=second_officer, at=timezone.now())  # fmt: skip
    mine = Page.of(at_desk.get(WORK, {"tab": "mine"}))
    assert case.reference in mine.links()
    assert "You cover for Oscar Officer until" in mine.text("main")
    assert "Oscar Officer (away until" in mine.text("tbody")

    Absence.objects.filter(pk=row.pk).update(cover=assessor)
    assert case.reference not in Page.of(sign_in_as(assessor).get(WORK, {"tab": "mine"})).links()
    assert case.reference not in Page.of(at_desk.get(WORK, {"tab": "mine"})).links()
