"""Processes that poll together and are killed for real, while the service has faults."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import datetime

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone

from moothall.connectors.dft_blue_badge import intake
from moothall.domain.cases.models import Case, Submission, WorkItem
from moothall.domain.messages.models import Message
from moothall.domain.people.models import Customer
from moothall.sandbox.testing import Running

ROUNDS, EACH = 6, 20


@pytest.fixture
def start_poller(transactional_db: None) -> Iterator[Callable[[], int]]:
    """`start_poller()` starts one more poller and gives its process id."""
    root = settings.PACKAGE.parent.parent
    path = os.pathsep.join([str(root), str(root / "src")])
    nursery = subprocess.Popen(
        [sys.executable, "-m", "tests.dft_blue_badge.poller", str(connection.settings_dict["NAME"])],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        cwd=root,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "moothall.config.settings", "PYTHONPATH": path},
    )
    with nursery:
        assert nursery.stdin
        assert nursery.stdout
        given, told = nursery.stdin, nursery.stdout
        assert told.readline() == "ready\n"

        def start() -> int:
            given.write("\n")
            given.flush()
            return int(told.readline())

        yield start
        nursery.kill()


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("service")
def test_pollers_killed_at_any_moment_leave_one_case_for_each_application(
    sandbox: Running, now: datetime, start_poller: Callable[[], int]
) -> None:
    dice = random.Random(now.timestamp())
    ids: set[str] = set()
    for fault in ("500", "drop-after", "malformed"):
        sandbox.set_fault(fault, pattern="GET /applications", probability=0.02)
    for turn in range(ROUNDS):
        ids |= set(sandbox.load_applications(EACH, la="ABERD", first=turn * EACH))
        for pid in [start_poller(), start_poller()]:
            time.sleep(dice.uniform(0.05, 0.4))
            os.kill(pid, signal.SIGKILL)
    sandbox.clear_faults()

    intake.poll(at=timezone.now())

    assert set(Case.objects.values_list("submission__external_id", flat=True)) == ids
    counts = [model.objects.count() for model in (Submission, Case, Customer, WorkItem, Message)]
    assert counts == [ROUNDS * EACH] * 5
