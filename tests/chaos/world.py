"""The processes of a storm: a PostgreSQL of its own, web servers, workers, and the outside systems; and how they die."""

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg
from tests.jobs.processes import process_id

from moothall.config import postgres
from moothall.config.demo import AUTHORITY
from moothall.config.environment import variables
from moothall.sandbox.testing import Running

PATIENCE_SECONDS = 60.0


class DidNotHappen(AssertionError):
    """Something expected did not come in time."""


def wait_for(what: str, holds: Callable[[], object], *, seconds: float = PATIENCE_SECONDS) -> None:
    """Wait until `holds()`; raises DidNotHappen naming `what`."""
    until = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > until:
            raise DidNotHappen(f"Not within {seconds:.0f} seconds: {what}.")
        time.sleep(0.1)


class World:
    """Where everything is, and how to start and kill it."""

    def __init__(self, folder: Path, sandbox: Running) -> None:
        self.folder, self.sandbox = folder, sandbox
        self.url = postgres.url(folder)
        self.port = _free_port()
        host, port = sandbox.smtp
        temporary = folder / "tmp"  # what is killed cannot clear up, so this goes with the folder
        temporary.mkdir()
        kept = {name: value for name, value in os.environ.items() if name not in variables()}
        self.environment = {
            **kept,
            "TMPDIR": str(temporary),
            "DJANGO_SETTINGS_MODULE": "moothall.config.settings",
            "DATABASE_URL": self.url,
            "MOOTHALL_DATA_DIR": str(folder),
            "MOOTHALL_SECRET_KEY": secrets.token_urlsafe(50),
            "MOOTHALL_EMAIL_HOST": host,
            "MOOTHALL_EMAIL_PORT": str(port),
            "MOOTHALL_EMAIL_TIMEOUT_SECONDS": "2",
            "MOOTHALL_WORKER_HEARTBEAT_SECONDS": "0.5",
            "MOOTHALL_WORKER_DEAD_AFTER_SECONDS": "2",
            "MOOTHALL_LOG_LEVEL": "WARNING",
        }

    @property
    def site(self) -> str:
        """The web server's address."""
        return f"http://127.0.0.1:{self.port}"

    def load(self, tables: Path) -> None:
        """Begin with what a dump holds."""
        command = [postgres.programs() / "psql", "--quiet", "--single-transaction", "--output", os.devnull]
        subprocess.run([*command, "--set", "ON_ERROR_STOP=1", "--file", tables, "--dbname", self.url], check=True)

    def prepare(self) -> tuple[str, str]:
        """Tables, services, connection, an officer and a manager; returns the tokens of these two."""
        client_id, client_secret = self.sandbox.authority(AUTHORITY)
        given = {"base_url": self.sandbox.base_url, "client_id": client_id, "client_secret": client_secret}
        officer, manager = json.loads(self.run("tests.chaos.prepare", given=json.dumps(given)))
        return officer, manager

    def run(self, module: str, *, given: str = "") -> str:
        """Run a module in its own process to its end; what it printed."""
        command = [sys.executable, "-m", module]
        done = subprocess.run(command, env=self.environment, input=given, text=True, capture_output=True)
        assert done.returncode == 0, f"{module} failed:\n{done.stderr[-4000:]}"
        return done.stdout

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """Ask the database."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            return connection.execute(query, values).fetchall()

    def kill_postgres(self) -> None:
        """End PostgreSQL as a power cut would, and start it again."""
        pid = process_id(self.folder)
        assert pid is not None, "PostgreSQL does not run."
        os.kill(pid, signal.SIGKILL)
        wait_for("PostgreSQL is gone", lambda: process_id(self.folder) is None)
        assert postgres.url(self.folder) == self.url

    @contextmanager
    def nursery(self) -> Iterator["Nursery"]:
        """Where workers are started from."""
        log = (self.folder / "workers.log").open("ab")
        command = [sys.executable, "-m", "tests.chaos.nursery"]
        with (
            log,
            subprocess.Popen(
                command, env=self.environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True
            ) as process,
        ):
            nursery = Nursery(process)
            try:
                yield nursery
            finally:
                for pid in list(nursery.alive):
                    nursery.kill(pid)
                process.kill()

    def serve(self) -> subprocess.Popen[bytes]:
        """Start the web server, in a group of processes that can be killed together."""
        command = [sys.executable, "-m", "moothall", "serve", "--port", str(self.port), "--processes", "1"]
        log = (self.folder / "web.log").open("ab")
        with log:
            return subprocess.Popen(command, env=self.environment, stdout=log, stderr=log, start_new_session=True)


class Nursery:
    """Starts workers and kills them."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.alive: set[int] = set()
        assert self._line() == "ready"

    def start(self) -> int:
        """A new worker's process id."""
        assert self.process.stdin is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        pid = int(self._line())
        self.alive.add(pid)
        return pid

    def kill(self, pid: int) -> None:
        """SIGKILL."""
        self.alive.discard(pid)
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)

    def _line(self) -> str:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, "The nursery of workers ended."
        return line.strip()


def kill_group(process: subprocess.Popen[bytes]) -> None:
    """SIGKILL a process and those it started."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port
