"""A lease is renewed in a thread of its own, which leaves nothing behind however it ends."""

import threading
import time
from typing import Any

import pytest
from django.db import connection
from pytest_django import Settings

from moothall.core import leases


@pytest.mark.django_db(transaction=True)
@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_renewal_that_fails_in_a_way_nobody_thought_of_leaves_no_connection_open(settings: Settings) -> None:
    settings.WORKER_DEAD_AFTER_SECONDS = 0.1
    used: list[Any] = []
    failed = threading.Event()

    def renew() -> bool:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        used.append(connection.connection)
        failed.set()
        raise LookupError("odd")

    with leases.kept(renew):
        assert failed.wait(5)
        time.sleep(0.05)

    assert [one.closed for one in used] == [True]
