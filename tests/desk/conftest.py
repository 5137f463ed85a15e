"""Somebody signed in at the desk of a council that offers the Blue Badge."""

from collections.abc import Callable
from copy import copy
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from tests.desk.council import offer_blue_badges, open_case
from tests.documents.scanner import scanner, scanner_running  # noqa: F401

from moothall.core.accounts.actions import system_user
from moothall.core.accounts.models import User
from moothall.domain.cases import clock, tagging
from moothall.domain.cases.models import Case, Run, WorkItem
from moothall.domain.catalogue.models import Service

SignInAs = Callable[[User], Client]
OpenCase = Callable[..., Case]
PASSWORD = "correct horse battery staple"


@pytest.fixture(autouse=True)
def passwords_cost_little(settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def service(blue_badge_offered: None, db: None, noon: datetime) -> Service:
    """The Blue Badge, published."""
    return offer_blue_badges(at=noon)


@pytest.fixture
def make_case(service: Service, noon: datetime) -> OpenCase:
    """`make_case(last_name="Notreal", by=officer)`: a case at Initial Checks, taken by the officer."""

    def make(**given: Any) -> Case:
        return open_case(service, **{"at": noon, **given})

    return make


@pytest.fixture
def sign_in_as(db: None) -> SignInAs:
    """`sign_in_as(officer)`: a browser with their session."""

    def sign_in(user: User) -> Client:
        user.set_password(PASSWORD)
        user.save(update_fields=["password"])
        client = Client()
        response = client.post("/desk/sign-in/", {"email": user.email, "password": PASSWORD})
        assert response.status_code == 302, response.content.decode()
        return client

    return sign_in


@pytest.fixture
def at_desk(sign_in_as: SignInAs, officer: User) -> Client:
    """The officer's browser, signed in."""
    return sign_in_as(officer)


@pytest.fixture
def at(noon: datetime) -> datetime:
    """Cases are opened the day before yesterday, so that what was updated lately is among them."""
    return timezone.now() - timedelta(days=2)


@pytest.fixture
def tagged(make_case: OpenCase, officer: User, at: datetime) -> tuple[Case, Case]:
    """One terminal case, taken by the officer ten days ago; one plain, nobody's."""
    one, other = make_case(at=at, last_name="First", by=officer), make_case(at=at, last_name="Second")
    tagging.tag_case(one, set=["terminal_illness"], by=system_user(), at=at)
    WorkItem.objects.filter(case=one).update(entered_at=timezone.now() - timedelta(days=10))
    clock.note_turns([WorkItem.objects.get(case=one).pk], at=timezone.now())
    Case.objects.filter(pk=other.pk).update(
        type="renewal", source="paper", updated_at=timezone.now() - timedelta(days=30)
    )
    return one, other


@pytest.fixture
def many_cases(make_case: OpenCase, at: datetime) -> list[Case]:
    """A hundred and twelve, of which several have the same time."""
    first = make_case(at=at, last_name="Aaa")
    rows = [
        Case(
            reference=f"BB-TEST-{number:04}",
            service=first.service,
            service_version=first.service_version,
            type="new" if number % 3 else "renewal",
            source="online",
            customer=first.customer,
            opened_at=at + timedelta(minutes=number // 4),
            opened_by=first.opened_by,
            updated_at=at + timedelta(minutes=number // 7),
        )
        for number in range(111)
    ]
    Case.objects.bulk_create(rows)
    start = WorkItem.objects.get(case=first)
    runs = Run.objects.bulk_create([_like(start.run, case=row) for row in rows])
    WorkItem.objects.bulk_create(
        [WorkItem(run=run, case=run.case, stage=start.stage, entered_at=run.case.opened_at) for run in runs]
    )
    return [first, *rows]


def _like(run: Run, *, case: Case) -> Run:
    """A run that is not kept yet, in all as this one but of another case."""
    other = copy(run)
    other.pk, other.case = None, case
    return other
