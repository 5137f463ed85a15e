"""A PostgreSQL of these tests' own, that they may kill, and real worker processes."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from procrastinate import App, SyncPsycopgConnector
from tests.jobs.processes import process_id

from moothall.config import postgres
from moothall.config.environment import variables

PATIENCE_SECONDS = 45


class Server:
    """The private server, its queue and its marks."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir
        self.url = postgres.url(data_dir, "moothall")
        (data_dir / "tmp").mkdir(exist_ok=True)

    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if name not in variables()}
        return {
            **kept,
            "TMPDIR": str(self.data_dir / "tmp"),
            "DJANGO_SETTINGS_MODULE": "tests.jobs.settings",
            "MOOTHALL_DATA_DIR": str(self.data_dir),
            "MOOTHALL_WORKER_HEARTBEAT_SECONDS": "0.5",
            "MOOTHALL_WORKER_DEAD_AFTER_SECONDS": "2",
        }

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.url, autocommit=True) as connection:
            cursor = connection.execute(query, values)
            return cursor.fetchall() if cursor.description else []

    def marks(self, name: str, phase: str) -> list[int]:
        """The process that left each such mark."""
        return [pid for (pid,) in self.rows("SELECT pid FROM marks WHERE name = %s AND phase = %s", name, phase)]

    def defer(self, task: str, *, queueing_lock: str | None = None, in_seconds: int = 0, **values: Any) -> int:
        with App(connector=SyncPsycopgConnector(conninfo=self.url, min_size=1, max_size=1)).open() as app:
            later = {"seconds": in_seconds} if in_seconds else None
            job = app.configure_task(task, allow_unknown=True, queueing_lock=queueing_lock, schedule_in=later)
            return job.defer(**values)

    def wait_for(self, what: Callable[[], object]) -> None:
        until = time.monotonic() + PATIENCE_SECONDS
        while not what():
            assert time.monotonic() < until, "It did not happen in time."
            time.sleep(0.1)

    def wait_for_mark(self, name: str, phase: str) -> None:
        self.wait_for(lambda: self.marks(name, phase))

    def kill(self) -> None:
        """End the server as a power cut would."""
        pid = process_id(self.data_dir)
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        self.wait_for(lambda: process_id(self.data_dir) is None)

    def start(self) -> None:
        assert postgres.url(self.data_dir, "moothall") == self.url


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    data_dir = Path(tempfile.mkdtemp(prefix="mh-jobs-"))
    try:
        server = Server(data_dir)
        command = [sys.executable, "-m", "moothall", "migrate", "--verbosity", "0"]
        subprocess.run(command, check=True, env=server.environment())
        server.rows("CREATE TABLE marks (name text, phase text, pid integer)")
        yield server
    finally:
        postgres.stop(data_dir)
        shutil.rmtree(data_dir)


@pytest.fixture
def start_worker(server: Server) -> Iterator[Callable[[], subprocess.Popen[bytes]]]:
    """`start_worker()` starts one and waits until it is ready. All are ended after the test."""
    running: list[subprocess.Popen[bytes]] = []

    def start() -> subprocess.Popen[bytes]:
        worker = subprocess.Popen([sys.executable, "-m", "tests.jobs.worker_process"], env=server.environment())
        running.append(worker)
        server.wait_for(lambda: worker.poll() is not None or worker.pid in server.marks("worker", "ready"))
        assert worker.poll() is None, "The worker did not start."
        return worker

    yield start
    for worker in running:
        worker.kill()
        worker.wait()
