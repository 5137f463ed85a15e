"""A worker in a process of its own, with jobs that leave marks. Run as `python -m tests.jobs.worker_process`."""

import os
import time

import django
from django.db import connection, transaction
from procrastinate.contrib.django import app

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.jobs.settings")


class MeantToFail(Exception):
    """What a job of these raises on purpose."""


def leave(name: str, phase: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO marks VALUES (%s, %s, %s)", [name, phase, os.getpid()])


def times_begun(name: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM marks WHERE name = %s AND phase = 'began'", [name])
        return int(cursor.fetchone()[0])


@app.task(name="tests.mark")
def mark(*, name: str, seconds: float = 0) -> None:
    """Mark the begin, take `seconds` the first time and none later, mark the end."""
    first = times_begun(name) == 0
    leave(name, "began")
    if first:
        time.sleep(seconds)
    leave(name, "done")


@app.periodic(cron="* * * * * *")
@app.task(name="tests.tick", queueing_lock="tests.tick")
def tick(timestamp: int) -> None:
    """Every second."""
    leave("tick", str(timestamp))


@app.task(name="tests.defer_and_fail")
def defer_and_fail(*, name: str) -> None:
    """Defer a job in a transaction that is undone."""
    with transaction.atomic():
        mark.defer(name=name)
        raise MeantToFail


if __name__ == "__main__":
    django.setup()
    from moothall.core.jobs import running

    leave("worker", "ready")
    running.run(jobs_at_once=2)
