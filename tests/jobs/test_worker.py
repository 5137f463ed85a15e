"""Workers and PostgreSQL are killed for real, and no job is lost."""

import signal
import subprocess
import time
from collections.abc import Callable

from tests.jobs.conftest import Server

StartWorker = Callable[[], subprocess.Popen[bytes]]


def test_a_job_of_a_killed_worker_is_done_by_the_next(server: Server, start_worker: StartWorker) -> None:
    first = start_worker()
    job = server.defer("tests.mark", name="killed", seconds=60)
    server.wait_for_mark("killed", "began")

    first.kill()
    second = start_worker()

    server.wait_for_mark("killed", "done")
    assert server.marks("killed", "began") == [first.pid, second.pid]
    assert server.marks("killed", "done") == [second.pid]
    server.wait_for(lambda: not server.rows("SELECT 1 FROM procrastinate_jobs WHERE id = %s", job))


def test_a_job_of_a_killed_worker_gives_way_to_one_with_its_queueing_lock_that_waits(
    server: Server, start_worker: StartWorker
) -> None:
    first = start_worker()
    server.defer("tests.mark", queueing_lock="alone", name="held", seconds=60)
    server.wait_for_mark("held", "began")

    first.kill()
    server.defer("tests.mark", queueing_lock="alone", in_seconds=3600, name="waiting", seconds=0)
    start_worker()

    server.wait_for_mark("waiting", "done")
    assert server.marks("held", "began") == [first.pid]
    server.wait_for(lambda: not server.rows("SELECT 1 FROM procrastinate_jobs WHERE queueing_lock = 'alone'"))


def test_a_worker_goes_on_after_postgresql_was_killed_and_started_again(
    server: Server, start_worker: StartWorker
) -> None:
    worker = start_worker()
    server.defer("tests.mark", name="before", seconds=0)
    server.wait_for_mark("before", "done")
    server.defer("tests.mark", name="during", seconds=4)
    server.wait_for_mark("during", "began")

    server.kill()
    time.sleep(2)  # the worker notices, and finds nobody
    server.start()
    server.defer("tests.mark", name="after", seconds=0)

    server.wait_for_mark("after", "done")
    server.wait_for_mark("during", "done")
    assert worker.poll() is None
    assert server.marks("after", "done") == [worker.pid]
    server.rows("DELETE FROM marks WHERE name = 'tick'")
    server.wait_for(lambda: server.rows("SELECT 1 FROM marks WHERE name = 'tick'"))


def test_a_worker_told_to_stop_finishes_the_job_it_began_and_takes_no_other(
    server: Server, start_worker: StartWorker
) -> None:
    worker = start_worker()
    for name in ("begun one", "begun two"):
        server.defer("tests.mark", name=name, seconds=3)
        server.wait_for_mark(name, "began")

    worker.send_signal(signal.SIGTERM)
    server.defer("tests.mark", name="too late", seconds=0)

    assert worker.wait(30) == 0
    assert server.marks("begun one", "done") == server.marks("begun two", "done") == [worker.pid]
    assert server.marks("too late", "began") == []
    server.rows("DELETE FROM procrastinate_jobs")


def test_two_workers_do_each_job_once(server: Server, start_worker: StartWorker) -> None:
    workers = [start_worker(), start_worker()]
    names = [f"shared {number}" for number in range(20)]
    for name in names:
        server.defer("tests.mark", name=name, seconds=0.1)

    server.wait_for(lambda: all(server.marks(name, "done") for name in names))
    done = [server.marks(name, "done") for name in names]
    assert all(len(pids) == 1 for pids in done)
    assert {pid for (pid,) in done} == {worker.pid for worker in workers}


def test_a_job_deferred_inside_a_job_is_undone_with_its_transaction(server: Server, start_worker: StartWorker) -> None:
    start_worker()
    job = server.defer("tests.defer_and_fail", name="undone")

    server.wait_for(lambda: server.rows("SELECT 1 FROM procrastinate_jobs WHERE id = %s AND status = 'failed'", job))
    assert server.rows("SELECT 1 FROM procrastinate_jobs WHERE args ->> 'name' = 'undone' AND id <> %s", job) == []
    assert server.marks("undone", "began") == []
