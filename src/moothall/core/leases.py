"""Leases: whoever does something alone says again and again that it is still at it; killed, it falls silent.

A process that has said nothing for `length()` is taken for dead, as workers are, and what it held is taken over.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.db import InterfaceError, OperationalError, close_old_connections, connection
from django.utils import timezone

log = structlog.get_logger("moothall.leases")
RENEWALS = 3  # in the length of a lease, so that one or two that fail do no harm


def length() -> timedelta:
    """How long after its last word a process is taken for dead."""
    return timedelta(seconds=settings.WORKER_DEAD_AFTER_SECONDS)


def database_clock() -> datetime:
    """The time on the database server, on which every machine agrees."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        moment: datetime = cursor.fetchone()[0]
    return moment.astimezone(timezone.get_current_timezone())


@contextmanager
def kept(renew: Callable[[], bool]) -> Iterator[None]:
    """Call `renew` several times a lease for as long as what is inside goes on, or until it says that this is enough.

    It runs in a thread with a database connection of its own. While PostgreSQL does not answer it is called again.
    """
    over = threading.Event()
    thread = threading.Thread(target=_renew, args=(renew, over), name="lease", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _renew(renew: Callable[[], bool], over: threading.Event) -> None:
    wanted = True
    try:
        while wanted and not over.wait(length().total_seconds() / RENEWALS):
            try:
                wanted = renew()
            except (OperationalError, InterfaceError) as error:
                log.warning("a lease was not renewed", problem_type=type(error).__name__)
                close_old_connections()
    finally:
        connection.close()
