"""Systems told of changes over real HTTP: signed, in order, again after a fault, and nowhere they must not be."""

import json
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob
from tests.conftest import MakeUser
from tests.desk.conftest import SignInAs, sign_in_as  # noqa: F401
from tests.desk.pages import Page

from moothall.connectors.change_feed import sending, tasks
from moothall.core.accounts.actions import system_user
from moothall.core.accounts.models import User
from moothall.core.accounts.permissions import Permission
from moothall.core.council import settings as council
from moothall.domain.people import actions
from moothall.domain.people.actions import PersonDetails
from moothall.domain.people.golden import changes, following
from moothall.domain.people.golden.following import ChangeFeed
from moothall.domain.people.models import Call, Follower
from moothall.kit.invalid import Invalid
from moothall.sandbox import testing

pytestmark = pytest.mark.django_db
FOLLOWERS = "/desk/connectors/followers/"


@pytest.fixture(scope="module")
def running() -> Iterator[testing.Running]:
    with testing.start("--no-presets") as one:
        yield one


@pytest.fixture
def receiver(running: testing.Running, noon: datetime) -> testing.Running:
    """Stands on this machine, which whoever runs this has allowed."""
    running.control("POST", "/reset", {"presets": False})
    feed = ChangeFeed(internal_hosts=["127.0.0.1"], timeout_seconds=0.5, at_once=2)
    council.write(feed, by=system_user(), at=noon)
    return running


def add(receiver: testing.Running, *, by: User, at: datetime) -> tuple[Follower, str]:
    return following.add("Revenues", f"{receiver.base_url}/receiver/changes", by=by, at=at)


def person(name: str, *, by: User) -> int:
    made = actions.create_person(PersonDetails(last_name=name), by=by, at=timezone.now())
    changes.place()
    return made.pk


def came(receiver: testing.Running) -> list[Any]:
    return list(receiver.control("GET", "/receiver"))


def test_changes_are_told_in_order_signed_without_values_and_each_batch_once(
    receiver: testing.Running, officer: User, noon: datetime
) -> None:
    person("Before", by=officer)
    follower, secret = add(receiver, by=officer, at=noon)
    people = [person(name, by=officer) for name in ("One", "Two", "Three")]

    tasks.deliver_all(timestamp=0)
    tasks.deliver_all(timestamp=60)  # the first job waits still: it is not queued twice
    assert ProcrastinateJob.objects.get().args == {"follower_id": follower.pk}
    tasks.deliver(follower_id=follower.pk)

    told = came(receiver)
    bodies = [json.loads(one["body"]) for one in told]
    assert [[row["customer"] for row in body["changes"]] for body in bodies] == [people[:2], people[2:]]
    assert bodies[0]["last"] == bodies[1]["after"]
    assert not re.search("One|Two|Three", told[0]["body"])
    headers = told[0]["headers"]
    signed = sending.signature(secret, timestamp=headers["moothall-timestamp"], body=told[0]["body"].encode())
    assert headers["moothall-signature"] == f"v1={signed}"
    follower.refresh_from_db()
    assert follower.position == changes.last()
    assert secret.encode() not in bytes(follower.secret)
    tasks.deliver(follower_id=follower.pk)
    assert len(came(receiver)) == 2

    other = following.exchange(follower, by=officer, at=timezone.now())
    follower.refresh_from_db()
    assert sending.test(follower).status == 204
    call = came(receiver)[-1]
    both = [
        sending.signature(one, timestamp=call["headers"]["moothall-timestamp"], body=call["body"].encode())
        for one in (other, secret)
    ]
    assert call["headers"]["moothall-signature"] == ", ".join(f"v1={one}" for one in both)
    assert json.loads(call["body"])["test"] is True


def test_what_was_not_taken_is_told_again_later_and_after_a_day_of_failing_nothing_is(
    receiver: testing.Running,
    officer: User,
    noon: datetime,
    make_user: MakeUser,
    sign_in_as: SignInAs,  # noqa: F811
) -> None:
    follower, _ = add(receiver, by=officer, at=noon)
    person("One", by=officer)
    for fault, says in (
        ("500", "It answered 500."),
        ("timeout", "It did not answer in time."),
        ("drop-after", "broke"),
    ):
        receiver.set_fault(fault, pattern="POST /receiver", count=1)
        Follower.objects.update(next_at=noon)
        sending.deliver(follower.pk)
        assert says in Call.objects.latest("pk").problem
    follower.refresh_from_db()
    assert (follower.position, follower.failures) == (0, 3)
    assert timezone.now() + timedelta(minutes=1) < follower.next_at
    sending.deliver(follower.pk)  # not before its time
    assert Call.objects.count() == 3

    receiver.set_fault("503", pattern="POST /receiver", count=1)
    Follower.objects.update(next_at=noon, failing_since=timezone.now() - timedelta(hours=25))
    sending.deliver(follower.pk)
    assert Follower.objects.get().by_itself
    permissions = [Permission.SIGN_IN, Permission.VIEW_QUEUE, Permission.MANAGE_CONNECTORS]
    keeper = sign_in_as(make_user("Connie Connector", "connectors", permissions=permissions))
    assert "Revenues It answered 503." in Page.of(keeper.get("/desk/failures/")).text("main")
    keeper.post(f"{FOLLOWERS}{follower.pk}/resume/")
    sending.deliver(follower.pk)

    told = came(receiver)
    assert len({one["body"] for one in told}) == 1
    assert len(told) == 2  # the connection was broken off after the first was taken: at least once
    assert Follower.objects.get().position == changes.last()


def test_an_address_in_a_private_network_is_not_called(officer: User, noon: datetime) -> None:
    for address in (
        "http://example.org/",
        "ftp://example.org",
        "https://",
        "https://user:pass@example.org/",
        "http://127.0.0.1/",
    ):
        with pytest.raises(Invalid):
            following.add("Wrong", address, by=officer, at=noon)
    for host in ("127.0.0.1", "10.1.2.3", "169.254.169.254", "[::1]", "[::ffff:10.0.0.1]"):
        follower, _ = following.add(f"At {host}", f"https://{host}/changes", by=officer, at=noon)
        assert "private network" in sending.test(follower).problem


def test_a_system_is_added_tested_paused_and_removed_at_the_desk(
    receiver: testing.Running,
    make_user: MakeUser,
    sign_in_as: SignInAs,  # noqa: F811
) -> None:
    permissions = [Permission.SIGN_IN, Permission.MANAGE_CONNECTORS]
    keeper: Client = sign_in_as(make_user("Connie Connector", "connectors", permissions=permissions))
    assert "No system is told yet" in Page.of(keeper.get(FOLLOWERS)).text("main")
    given = {"name": "Revenues", "address": "http://elsewhere.example", "begin": "kept"}
    wrong = keeper.post(FOLLOWERS, given)
    assert "begins with https://" in Page.of(wrong).text("main")

    made = keeper.post(FOLLOWERS, {**given, "address": f"{receiver.base_url}/receiver/x"})
    assert "it is not shown again" in Page.of(made).text("main")
    follower = Follower.objects.get()
    [secret] = following.secrets_of(follower, at=timezone.now())
    assert secret in made.content.decode()
    shown = f"{FOLLOWERS}{follower.pk}/"
    tested = Page.of(keeper.post(f"{shown}test/", follow=True)).text("main")
    assert "It answered 204." in tested
    assert secret not in tested
    assert "Paused" in Page.of(keeper.post(f"{shown}pause/", follow=True)).text("main")
    assert "Told" in Page.of(keeper.post(f"{shown}skip/", follow=True)).text("main")
    assert secret not in keeper.post(f"{shown}secret/").content.decode()
    assert "cannot be brought back" in Page.of(keeper.get(f"{shown}remove/")).text("main")
    assert Follower.objects.exists()
    keeper.post(f"{shown}remove/")
    assert not Follower.objects.exists()
