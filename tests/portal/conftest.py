"""A council whose portal is open, and Alma, who has an account there."""

import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.core import mail as outbox
from django.test import Client
from django.utils import timezone
from tests.desk.conftest import at_desk, passwords_cost_little, sign_in_as  # noqa: F401
from tests.desk.council import offer_blue_badges, open_case

from moothall.core.accounts.actions import system_user
from moothall.core.accounts.models import User
from moothall.core.council import settings as council_settings
from moothall.core.council.settings import Council
from moothall.domain.cases.models import Case
from moothall.domain.citizens import tickets
from moothall.domain.citizens.models import Account, Ticket
from moothall.domain.citizens.rules import Portal

PASSWORD = "plum tortoise window"
EMAIL = "alma@example.org"
OPEN = Portal(open=True, url="https://my.council.example.org")
Register = Callable[..., Client]


@pytest.fixture(autouse=True)
def own_files(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def portal(example_council: Council, noon: datetime) -> Portal:
    """The council opened its portal."""
    council_settings.write(OPEN, by=system_user(), at=noon)
    return OPEN


@pytest.fixture
def register(portal: Portal) -> Register:
    """`register("alma@example.org")`: a browser of somebody who has registered, confirmed and is signed in."""

    def registered(email: str = EMAIL, password: str = PASSWORD) -> Client:
        client = Client()
        assert client.post("/account/register/", {"email": email, "password": password}).status_code == 302
        answer = client.post(link_in(sent()[-1]), {"password": password})
        assert (answer.status_code, answer["Location"]) == (302, "/cases/")
        return client

    return registered


@pytest.fixture
def alma(register: Register) -> Client:
    """Alma's browser, signed in."""
    return register()


@pytest.fixture
def account(alma: Client) -> Account:
    return Account.objects.get(email=EMAIL)


@pytest.fixture
def case(blue_badge_offered: None, portal: Portal, officer: User, noon: datetime) -> Case:
    """Alma Madeup's case, born in 1958, which an officer has taken."""
    return open_case(offer_blue_badges(at=noon), at=noon, by=officer)


def sent() -> list[Any]:
    """Send every link that waits; all e-mails so far."""
    for ticket in Ticket.objects.filter(sent_at=None).order_by("pk"):
        tickets.deliver(ticket.pk, at=timezone.now())
    return list(outbox.outbox)


def link_in(email: Any) -> str:
    """The path of the link in an e-mail."""
    found = re.search(r"https://my\.council\.example\.org(/[^\s)]+)", email.body)
    assert found, email.body
    return found[1]
