"""Running jobs: a worker that goes on when PostgreSQL goes away, and takes up the jobs of workers that died.

Workers run on as many machines as wanted. A job belongs to the worker that fetched it, which says every few seconds that
it lives. When it falls silent its jobs are put back in the queue, by whichever worker notices first, once. A job may
therefore begin twice, and each is written so that the second time does no harm.

Jobs are deferred through Django's connection, also inside a job, so that they are part of the transaction around them;
only fetching and finishing goes over the worker's own connections. These wait for news of jobs (LISTEN), so they lead to
PostgreSQL itself also where everything else goes through PgBouncer.
"""

import asyncio
import random
import signal
import time
from collections.abc import Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import structlog
from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import close_old_connections
from procrastinate import App, PsycopgConnector
from procrastinate.app import WorkerOptions
from procrastinate.contrib.django import app
from procrastinate.contrib.django.utils import connector_params
from procrastinate.exceptions import ConnectorException
from procrastinate.worker import Worker
from psycopg_pool import PoolTimeout

from moothall.core.jobs.giving_way import GivingWay
from moothall.core.jobs.retrying import insist

log = structlog.get_logger("moothall.jobs")
LONGEST_WAIT_SECONDS = 15.0
POOL_SECONDS = 10.0
MOST_ATTEMPTS = 20  # a job whose worker dies each time is given up then
_TAKE_UP = """
    WITH silent AS MATERIALIZED (
        SELECT job.* FROM procrastinate_jobs job
        LEFT JOIN procrastinate_workers worker ON worker.id = job.worker_id
        WHERE job.status = 'doing'
            AND (worker.id IS NULL OR worker.last_heartbeat < now() - make_interval(secs => %(silent)s))
        FOR UPDATE OF job SKIP LOCKED
    ), job AS MATERIALIZED (
        SELECT silent.*, waiting.id AS in_its_place,
            row_number() OVER (PARTITION BY coalesce(silent.queueing_lock, silent.id::text) ORDER BY silent.id) AS turn
        FROM silent
        LEFT JOIN procrastinate_jobs waiting
            ON waiting.status = 'todo' AND waiting.queueing_lock = silent.queueing_lock
    ), sooner AS (
        UPDATE procrastinate_jobs SET scheduled_at = now()
        WHERE scheduled_at > now() AND id IN (SELECT in_its_place FROM job)
    )
    SELECT job.id,
        CASE
            WHEN job.attempts >= %(most)s THEN procrastinate_finish_job_v1(job.id, 'failed', false)
            WHEN job.in_its_place IS NOT NULL OR job.turn > 1
                THEN procrastinate_finish_job_v1(job.id, 'aborted', true)
            ELSE procrastinate_retry_job_v2(job.id, now(), job.priority, job.queue_name, job.lock)
        END
    FROM job
"""


def run(*, queues: Sequence[str] = (), jobs_at_once: int, until_empty: bool = False) -> None:
    """Run jobs until SIGTERM or SIGINT, or with `until_empty` until none is due; jobs begun are finished first.

    `queues`: only jobs of these, or all. Never returns because PostgreSQL is away: it waits and tries again.
    """
    with ThreadPoolExecutor(max_workers=jobs_at_once + 1, thread_name_prefix="job") as threads:
        asyncio.run(Runner(queues, jobs_at_once, until_empty).run(threads))


class Runner:
    """One worker process: a worker, begun again as often as its connection to PostgreSQL is lost."""

    def __init__(self, queues: Sequence[str], jobs_at_once: int, until_empty: bool) -> None:
        self.queues = list(queues)
        self.jobs_at_once = jobs_at_once
        self.until_empty = until_empty
        self.told_to_stop = asyncio.Event()

    async def run(self, threads: ThreadPoolExecutor) -> None:
        loop = asyncio.get_running_loop()
        loop.set_default_executor(threads)
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.told_to_stop.set)
        failures = 0
        while not self.told_to_stop.is_set():
            began = time.monotonic()
            try:
                await self._until_told(self._work())
                if self.until_empty:
                    return
            except (psycopg.Error, ConnectorException, PoolTimeout) as error:
                log.warning("worker lost the database", problem_type=type(error).__name__)
            if self.told_to_stop.is_set():
                return
            failures = 0 if time.monotonic() - began > 60 else failures + 1
            await self._until_told(asyncio.sleep(_wait(failures)))

    async def _work(self) -> None:
        """Run one worker until it stops by itself, fails or is cancelled."""
        await sync_to_async(close_old_connections)()  # periodic jobs are deferred over this thread's connection
        connector = PsycopgConnector(
            kwargs=connector_params(settings.WORKER_DATABASE), min_size=1, max_size=4, timeout=POOL_SECONDS
        )
        queue = app.with_connector(connector)  # the tasks keep deferring through Django's connection
        queue.job_manager = GivingWay(connector)
        insist(queue.tasks.values())
        async with queue.open_async():
            await take_up(queue)
            options: WorkerOptions = {**queue.worker_defaults, **self._options()}
            worker = Worker(app=queue, **options)
            caring = asyncio.create_task(_care(queue, worker))
            try:
                await worker.run()  # type: ignore[no-untyped-call]
            finally:
                caring.cancel()
                await asyncio.wait({caring})

    def _options(self) -> WorkerOptions:
        options: WorkerOptions = {
            "concurrency": self.jobs_at_once,
            "wait": not self.until_empty,
            "delete_jobs": "successful",
            "install_signal_handlers": False,
            "update_heartbeat_interval": settings.WORKER_HEARTBEAT_SECONDS,
            "stalled_worker_timeout": settings.WORKER_DEAD_AFTER_SECONDS,
        }
        if self.queues:
            options["queues"] = self.queues
        return options

    async def _until_told(self, work: Coroutine[Any, Any, None]) -> None:
        """Do `work`; told to stop, end it in good order. Raises what it raised."""
        doing = asyncio.create_task(work)
        told = asyncio.create_task(self.told_to_stop.wait())
        await asyncio.wait({doing, told}, return_when=asyncio.FIRST_COMPLETED)
        told.cancel()
        if not doing.done():
            doing.cancel()
        await asyncio.wait({doing})
        if not doing.cancelled():
            doing.result()


async def take_up(queue: App) -> None:
    """Put jobs of workers that fell silent back in the queue. Many may do so at once: each job is put back once.

    One of which the like waits already (with the same queueing lock) is dropped, and that one done at once.
    """
    rows = await queue.connector.execute_query_all_async(
        _TAKE_UP, most=MOST_ATTEMPTS, silent=settings.WORKER_DEAD_AFTER_SECONDS
    )
    if rows:
        log.warning("jobs of silent workers taken up", job=[row["id"] for row in rows])


async def _care(queue: App, worker: Worker) -> None:
    """Say that this worker lives, also while it finishes its last jobs, and look for silent ones."""
    while True:
        await asyncio.sleep(settings.WORKER_HEARTBEAT_SECONDS)
        try:
            if worker.worker_id is not None:
                await queue.job_manager.update_heartbeat(worker.worker_id)
            await take_up(queue)
        except (psycopg.Error, ConnectorException, PoolTimeout):
            log.warning("the database does not answer")  # to begin again is the worker's own business


def _wait(failures: int) -> float:
    """Seconds to wait after so many failures in a row, spread so that many workers do not come back at once."""
    return float(min(LONGEST_WAIT_SECONDS, 0.25 * 2**failures)) * random.uniform(0.5, 1.0)  # noqa: S311
