"""Taking up jobs of silent workers, trying again, and how the queue is doing."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from procrastinate import App, PsycopgConnector
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.jobs import Job
from pytest_django import Settings
from tests.jobs.conftest import Server

from moothall.core.jobs import health, running
from moothall.core.jobs.retrying import Backoff

SILENT_WORKER = "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '1 hour') RETURNING id"
BEGUN_JOB = (
    "INSERT INTO procrastinate_jobs (queue_name, task_name, status, worker_id, attempts)"
    " VALUES ('q', 'tests.mark', 'doing', %s, %s) RETURNING id"
)


def test_many_who_notice_a_silent_worker_put_its_job_back_once(server: Server) -> None:
    ((worker,),) = server.rows(SILENT_WORKER)
    ((job,),) = server.rows(BEGUN_JOB, worker, 0)

    async def notice() -> None:
        async with App(connector=PsycopgConnector(conninfo=server.url, min_size=4, max_size=4)).open_async() as app:
            await asyncio.gather(*(running.take_up(app) for _ in range(8)))

    asyncio.run(notice())

    assert server.rows("SELECT status, attempts FROM procrastinate_jobs WHERE id = %s", job) == [("todo", 1)]
    server.rows("DELETE FROM procrastinate_jobs")


def test_a_job_that_kills_every_worker_is_given_up(server: Server) -> None:
    ((worker,),) = server.rows(SILENT_WORKER)
    ((job,),) = server.rows(BEGUN_JOB, worker, running.MOST_ATTEMPTS)

    async def notice() -> None:
        async with App(connector=PsycopgConnector(conninfo=server.url, min_size=1, max_size=1)).open_async() as app:
            await running.take_up(app)

    asyncio.run(notice())

    assert server.rows("SELECT status FROM procrastinate_jobs WHERE id = %s", job) == [("failed",)]
    server.rows("DELETE FROM procrastinate_jobs")


def test_a_failed_job_waits_longer_each_time_and_is_given_up_at_last() -> None:
    strategy = Backoff(most=5, first_seconds=10, longest_seconds=60)
    waits = []
    for attempts in range(5):
        job = Job(id=1, queue="q", lock=None, queueing_lock=None, task_name="t", attempts=attempts)
        decision = strategy.get_retry_decision(exception=OSError(), job=job)
        waits.append(decision and (decision.retry_at - datetime.now(UTC)).total_seconds())

    for wait, least in zip(waits[:4], [10, 20, 40, 60], strict=True):
        assert wait is not None
        assert least - 2 <= wait <= least * 1.5
    assert waits[4] is None


@pytest.mark.django_db
def test_health_counts_jobs_by_status_and_how_long_the_oldest_due_job_waited(settings: Settings) -> None:
    jobs = "INSERT INTO procrastinate_jobs (queue_name, task_name, status, scheduled_at) VALUES ('q', 't', 'todo', %s)"
    now = datetime.now(UTC)
    with connection.cursor() as cursor:
        cursor.execute(jobs, [None])
        cursor.execute(jobs, [now + timedelta(days=1)])
        cursor.execute("UPDATE procrastinate_events SET at = now() - interval '10 minutes'")

    state = health.read()

    assert state.by_status == {"todo": ProcrastinateJob.objects.count()} == {"todo": 2}
    assert 595 < state.oldest_due_seconds < 605
    assert state.stalled
    settings.QUEUE_STALLED_AFTER_SECONDS = 3600
    assert not state.stalled


@pytest.mark.django_db
def test_an_empty_queue_is_healthy_with_or_without_workers() -> None:
    assert health.read() == health.QueueHealth(by_status={}, oldest_due_seconds=0.0, workers=0)
    assert not health.read().stalled
