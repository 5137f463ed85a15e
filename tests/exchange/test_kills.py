"""Senders killed for real, at random points, many times: every order is made once and recorded once."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import psycopg
import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone
from tests.exchange.conftest import MakeCase, QueueOrder, SendAt
from tests.exchange.press import Order, Press

from moothall.domain.cases.models import Note
from moothall.domain.exchange.models import Connector, Item

SetLimits = Callable[..., Connector]
ITEMS = 24
KILLS = 30
LONGEST = 40.0  # seconds


StartSender = Callable[[Press], int]


@pytest.fixture(scope="module")
def start_sender(django_db_setup: None) -> Iterator[StartSender]:
    """`start_sender(press)` starts one more sender and gives its process id."""
    command = [sys.executable, "-m", "tests.exchange.sender", str(connection.settings_dict["NAME"])]
    root = settings.PACKAGE.parent.parent
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "moothall.config.settings",
        "PYTHONPATH": os.pathsep.join([str(root), str(root / "src")]),
    }
    nursery = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, cwd=root, text=True
    )
    with nursery:
        assert nursery.stdin
        assert nursery.stdout
        given, told = nursery.stdin, nursery.stdout

        def start(press: Press) -> int:
            given.write(f"{press.url}\n")
            given.flush()
            return int(told.readline())

        assert told.readline() == "ready\n"
        yield start
        nursery.kill()


def kill(pid: int) -> None:
    """kill -9, unless it has ended already."""
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


@pytest.mark.django_db(transaction=True)
def test_whatever_instant_a_sender_is_killed_no_order_is_lost_and_none_is_made_twice(
    make_case: MakeCase, press: Press, queue_order: QueueOrder, set_limits: SetLimits, start_sender: StartSender
) -> None:
    set_limits(lease_seconds=1, retry_seconds=1, at_once=4, max_attempts=1000, breaker_after=1000, delay_seconds=0)
    press.pause = 0.01
    press.faults = ["503", "503", "silent before", "silent before", "silent after", "silent after", *[""] * 30]
    random.shuffle(press.faults)
    now = timezone.now()
    items = [queue_order(make_case(f"Person {number}"), at=now) for number in range(ITEMS)]
    senders = [start_sender(press), start_sender(press)]
    kills = 0

    ends = time.monotonic() + LONGEST
    while Item.objects.exclude(status="done").exists():
        assert time.monotonic() < ends, Item.objects.exclude(status="done").values("status", "attempts", "problem")
        time.sleep(random.uniform(0.01, 0.1))
        if kills < KILLS:
            kill(senders.pop(0))
            kills += 1
            senders.append(start_sender(press))
    for sender in senders:
        kill(sender)

    assert kills >= 10
    assert sorted(press.references()) == sorted(item.idempotency_key for item in items)
    for item in items:
        assert Note.objects.filter(case=item.case).count() == 1
        assert item.case.timeline.filter(detail__action="done").count() == 1


@pytest.mark.django_db(transaction=True)
def test_killed_between_the_answer_and_its_record_an_order_is_found_by_asking(
    make_case: MakeCase, press: Press, queue_order: QueueOrder, set_limits: SetLimits, start_sender: StartSender
) -> None:
    set_limits(lease_seconds=1, retry_seconds=1, delay_seconds=0)
    press.pause = 0.3
    item = queue_order(make_case(), at=timezone.now() - timedelta(seconds=1))

    first = start_sender(press)
    _until(lambda: bool(press.calls))
    kill(first)  # the press goes on making the badge; nobody is there to hear of it
    _until(lambda: bool(press.orders))
    second = start_sender(press)
    _until(lambda: Item.objects.filter(pk=item.pk, status="done").exists())
    kill(second)

    assert (press.references(), press.asked) == ([item.idempotency_key], [item.idempotency_key])
    assert [attempt.asking for attempt in item.tries.all()] == [False, True]


@pytest.mark.django_db(transaction=True)
def test_a_database_connection_lost_during_a_call_does_not_lose_the_answer(
    make_case: MakeCase, press: Press, order: Order, queue_order: QueueOrder, send_at: SendAt, due: datetime
) -> None:
    def lose_the_connection() -> None:
        where = connection.get_connection_params()
        keep = ("dbname", "host", "port", "user", "password")
        with psycopg.connect(**{name: where[name] for name in keep if name in where}) as other:
            other.execute("SELECT pg_terminate_backend(%s, 1000)", [connection.connection.info.backend_pid])

    item = queue_order(make_case())
    order.after_send = lose_the_connection

    send_at(due)

    item.refresh_from_db()
    assert (item.status, press.references(), press.asked) == ("done", [item.idempotency_key], [])
    assert Note.objects.filter(case=item.case).count() == 1


def _until(holds: Callable[[], bool]) -> None:
    ends = time.monotonic() + LONGEST
    while not holds():
        assert time.monotonic() < ends, "It never came to pass."
        time.sleep(0.02)
