"""The page of what the product does by itself: whether jobs are done, and which names the work list still follows."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from tests.conftest import MakeUser
from tests.desk.conftest import OpenCase, SignInAs
from tests.desk.pages import Page

from moothall.core.accounts.models import User
from moothall.core.accounts.permissions import Permission
from moothall.domain.cases import renaming
from moothall.domain.cases.models import WorkLine
from moothall.domain.catalogue.models import Service

pytestmark = pytest.mark.django_db
JOBS = "/desk/jobs/"


@pytest.fixture
def technician(make_user: MakeUser, sign_in_as: SignInAs) -> Client:
    """Somebody who looks after connections, and sees no case."""
    return sign_in_as(
        make_user("Tess Technician", "technicians", permissions=["application.sign_in", "administration.connectors"])
    )


def test_it_tells_how_far_the_work_list_is_with_a_new_name(
    technician: Client, make_case: OpenCase, noon: datetime
) -> None:
    for _ in range(3):
        make_case()
    assert "says every name as it is now" in Page.of(technician.get(JOBS)).text("main")

    Service.objects.update(name="Parking badges")
    assert "Parking badges Service 0 of 3" in Page.of(technician.get(JOBS)).text("tbody")
    line = WorkLine.objects.earliest("pk")
    WorkLine.objects.filter(pk=line.pk).update(service_name="Parking badges")
    assert "1 of 3" in Page.of(technician.get(JOBS)).text("tbody")
    renaming.follow(at=noon)
    assert "3 of 3 Looked at once more" in Page.of(technician.get(JOBS)).text("tbody")
    renaming.follow(at=noon + timedelta(minutes=1))
    renaming.follow(at=noon + timedelta(minutes=3))
    assert "says every name as it is now" in Page.of(technician.get(JOBS)).text("main")


def test_of_a_colleague_the_lines_they_hold_and_those_of_their_cases_count_once(
    technician: Client, make_case: OpenCase, officer: User
) -> None:
    make_case(by=officer)
    make_case()
    User.objects.filter(pk=officer.pk).update(full_name="Olive Newname")
    assert "Olive Newname Colleague 0 of 1" in Page.of(technician.get(JOBS)).text("tbody")


def test_it_says_that_jobs_wait_for_a_worker(technician: Client, settings: Any) -> None:
    assert "too long" not in Page.of(technician.get(JOBS)).text("main")
    settings.QUEUE_STALLED_AFTER_SECONDS = -1
    assert "Jobs have waited too long." in Page.of(technician.get(JOBS)).text("main")


def test_it_is_for_those_who_look_after_connections(at_desk: Client, officer: User) -> None:
    assert not officer.may(Permission.MANAGE_CONNECTORS)
    assert at_desk.get(JOBS).status_code == 403
    assert "Jobs" not in Page.of(at_desk.get("/desk/notifications/")).links()
