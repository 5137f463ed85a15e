"""Names of users, teams and services: whoever changes one waits for no work line, and the lines follow by a job."""

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob
from tests.desk.council import offer_blue_badges, open_case

from moothall.core.accounts.models import User
from moothall.domain.cases import renaming, seeking, stretching, tasks, worklist
from moothall.domain.cases.models import Case, NameChange, WorkItem, WorkLine
from moothall.domain.cases.wanted import Wanted
from moothall.domain.catalogue.models import Service

pytestmark = pytest.mark.django_db
TASK = "cases.follow_names"


@pytest.fixture
def cases(noon: datetime) -> list[Case]:
    """Three open cases."""
    service = offer_blue_badges(at=noon)
    return [open_case(service, at=noon + timedelta(minutes=number)) for number in range(3)]


def names() -> set[str]:
    return set(WorkLine.objects.values_list("service_name", flat=True))


def renamed(name: str = "Parking badges") -> None:
    Service.objects.update(name=name)


def test_a_service_renamed_queues_one_job_and_leaves_its_lines_to_it(cases: list[Case], noon: datetime) -> None:
    before = names()
    renamed("Badges")
    renamed()
    assert names() == before
    assert ProcrastinateJob.objects.filter(task_name=TASK, status="todo").count() == 1

    tasks.follow_names()
    assert names() == {"Parking badges"}
    assert {line.reference for line in WorkLine.objects.all()} == {case.reference for case in cases}


def test_a_name_that_stays_queues_nothing(cases: list[Case]) -> None:
    for service in Service.objects.all():
        service.save()
    assert not NameChange.objects.exists()
    assert not ProcrastinateJob.objects.filter(task_name=TASK).exists()


def test_the_job_comes_by_every_minute_and_never_beside_itself() -> None:
    app.perform_import_paths()
    [job] = [one for one in app.periodic_registry.periodic_tasks.values() if one.task.name == TASK]
    assert (job.cron, job.task.lock, job.task.queueing_lock) == ("* * * * *", TASK, TASK)


def test_what_was_interrupted_goes_on_with_the_lines_that_are_left(
    cases: list[Case], noon: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(renaming, "SOME", 1)
    renamed()
    first = WorkLine.objects.order_by("pk")[0]
    with connection.cursor() as cursor:
        cursor.execute("SELECT cases_workline_again(%s)", [[first.pk]])  # as far as it came

    assert renaming.follow(at=noon) == 2
    assert names() == {"Parking badges"}


def test_a_line_written_meanwhile_with_the_old_name_follows_a_minute_later_and_then_it_is_forgotten(
    cases: list[Case], noon: datetime
) -> None:
    renamed()
    renaming.follow(at=noon)
    WorkLine.objects.filter(case=cases[0]).update(service_name="Blue Badges")  # by whoever had read it before

    assert renaming.follow(at=noon + timedelta(seconds=30)) == 1
    assert renaming.follow(at=noon + timedelta(seconds=80)) == 0
    assert NameChange.objects.exists(), "within a minute of the last line that said another name"
    renaming.follow(at=noon + timedelta(seconds=90))
    assert not NameChange.objects.exists()


def test_a_name_changed_again_while_lines_follow_is_followed_too(cases: list[Case], noon: datetime) -> None:
    renamed()
    renaming.follow(at=noon)
    renamed("Badges for parking")
    assert NameChange.objects.get().followed_at is None
    renaming.follow(at=noon + timedelta(minutes=5))
    assert names() == {"Badges for parking"}
    assert NameChange.objects.exists()


def test_lines_that_still_say_the_old_name_are_in_the_list_sorted_by_service(
    cases: list[Case], officer: User, noon: datetime
) -> None:
    renamed()
    services = {one.key: (one.pk, one.name) for one in Service.objects.all()}
    stages = worklist.stages_seen(officer)
    lines = worklist.waiting(Wanted(), user=officer, stages=stages, now=noon)

    def found() -> int:
        where = stretching.of(Wanted(), "service_name", user=officer, stages=stages, now=noon, services=services)
        return len(seeking.along(lines, "service_name", falling=False, most=10, stretches=where).lines)

    assert found() == 3
    renaming.follow(at=noon)
    assert found() == 3


def test_a_rename_asks_as_little_with_many_lines_as_with_few(cases: list[Case], officer: User, noon: datetime) -> None:
    WorkItem.objects.open().update(assigned_to=officer)
    with CaptureQueriesContext(connection) as captured:
        User.objects.filter(pk=officer.pk).update(full_name="Olive Newname")
    assert len(captured) == 1
    assert set(WorkLine.objects.values_list("assigned_name", flat=True)) == {"Olive Officer"}
    renaming.follow(at=noon)
    assert set(WorkLine.objects.values_list("assigned_name", flat=True)) == {"Olive Newname"}
