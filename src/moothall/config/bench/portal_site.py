"""A council's portal of its own for a measurement: its PostgreSQL, web processes and worker, and how they are killed."""

import os
import random
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import psycopg

from moothall import services
from moothall.config import postgres
from moothall.config.environment import PREFIX
from moothall.config.running import listens

SERVICE = "missed_bin"
SET: Sequence[Sequence[str]] = (
    ("council.name", "Example Council"),
    ("portal.open", "true"),
)
LONGEST_COMMAND_SECONDS = 600
_DONE = """
    SELECT (SELECT count(*) FROM forms_submission),
           (SELECT count(*) FROM cases_case),
           (SELECT count(*) FROM forms_delivery WHERE state <> 'done')
"""


class Site:
    """Where everything is. Leaving it ends every process of it."""

    def __init__(self, folder: Path, *, processes: int) -> None:
        self.folder, self.processes = folder, processes
        self.port, self.plain_port = _free_port(), _free_port()
        self.database = postgres.url(folder)
        kept = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
        self.environment = {
            **kept,
            "DJANGO_SETTINGS_MODULE": "moothall.config.settings",
            "DATABASE_URL": self.database,
            f"{PREFIX}DATA_DIR": str(folder),
            f"{PREFIX}SECRET_KEY": secrets.token_urlsafe(50),
            f"{PREFIX}SECURE_COOKIES": "false",
            f"{PREFIX}PROXIES": "1",  # each citizen comes from an address of their own
            f"{PREFIX}LOG_LEVEL": "WARNING",
            f"{PREFIX}WORKER_HEARTBEAT_SECONDS": "0.5",
            f"{PREFIX}WORKER_DEAD_AFTER_SECONDS": "2",
        }
        self.environment.pop("PROMETHEUS_MULTIPROC_DIR", None)
        self._web: subprocess.Popen[bytes] | None = None
        self._worker: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        """The portal's."""
        return f"http://127.0.0.1:{self.port}"

    def prepare(self) -> None:
        """Tables, the service whose form is filled in, and the portal opened."""
        self.command("migrate", "--verbosity", "0")
        self.command("services", "load", str(Path(services.__file__).parent / SERVICE))
        for one in SET:
            self.command("settings", "set", *one)

    def command(self, *words: str) -> str:
        """What a command of the product prints."""
        told = [sys.executable, "-m", "moothall", *words]
        done = subprocess.run(  # noqa: S603 - our own command
            told, env=self.environment, capture_output=True, text=True, check=False, timeout=LONGEST_COMMAND_SECONDS
        )
        if done.returncode:
            raise RuntimeError(f"{' '.join(words)} failed: {done.stderr[-2000:]}")
        return done.stdout

    @contextmanager
    def running(self) -> Iterator[None]:
        """Web processes and a worker."""
        try:
            self._web = self._start("serve", "--port", str(self.port), "--processes", str(self.processes))
            self._worker = self._start("worker")
            if not listens([self._web, self._worker], "127.0.0.1", self.port):
                raise RuntimeError(f"The portal did not start: see {self.folder / 'log'}.")
            yield
        finally:
            for process in (self._worker, self._web):
                if process:
                    _end(process)

    @contextmanager
    def plain(self, page: str) -> Iterator[str]:
        """A page of Django alone with this text, served as the portal is; where it is."""
        (self.folder / "page.html").write_text(f"{{% verbatim %}}{page}{{% endverbatim %}}")
        words = ["--interface", "wsgi", "--workers", str(self.processes), "--blocking-threads", "4", "--no-access-log"]
        place = ["--host", "127.0.0.1", "--port", str(self.plain_port), "moothall.config.bench.plain:application"]
        around = {**self.environment, "MOOTHALL_BENCH_PLAIN": str(self.folder)}
        around.pop("DJANGO_SETTINGS_MODULE")
        with (self.folder / "log").open("ab") as log:
            told = [sys.executable, "-m", "granian", *words, *place]
            process = subprocess.Popen(told, env=around, stdout=log, stderr=log, start_new_session=True)  # noqa: S603
        try:
            if not listens([process], "127.0.0.1", self.plain_port):
                raise RuntimeError("The plain page did not start.")
            yield f"http://127.0.0.1:{self.plain_port}"
        finally:
            _end(process)

    def rows(self, query: str) -> list[tuple[object, ...]]:
        """Ask the database."""
        with psycopg.connect(self.database, autocommit=True) as connection:
            return connection.execute(query.encode()).fetchall()

    def settled(self, *, seconds: float) -> bool:
        """Wait until every form that was sent has its case; whether that came."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            with suppress(psycopg.Error):
                ((sent, made, waiting),) = self.rows(_DONE)
                if sent == made and not waiting:
                    return True
            time.sleep(1)
        return False

    def kill_web(self, chance: random.Random) -> None:
        """One of the web processes, as when memory runs out; its parent starts another."""
        assert self._web is not None
        with suppress(psutil.NoSuchProcess):
            if children := psutil.Process(self._web.pid).children():
                chance.choice(children).kill()

    def kill_worker(self) -> None:
        """The worker, whatever it does; another is started."""
        assert self._worker is not None
        os.killpg(self._worker.pid, signal.SIGKILL)
        self._worker.wait()
        self._worker = self._start("worker")

    def restart_postgres(self) -> None:
        """PostgreSQL, as in a power cut."""
        pid = int((self.folder / "postgres" / "postmaster.pid").read_text().split()[0])
        os.kill(pid, signal.SIGKILL)
        with suppress(psutil.NoSuchProcess):
            psutil.Process(pid).wait(60)
        postgres.url(self.folder)

    def _start(self, *words: str) -> "subprocess.Popen[bytes]":
        with (self.folder / "log").open("ab") as log:
            told = [sys.executable, "-m", "moothall", *words]
            return subprocess.Popen(  # noqa: S603 - our own command
                told, env=self.environment, stdout=log, stderr=log, start_new_session=True
            )


class Storm:
    """Kills one thing after another until it is told to stop."""

    def __init__(self, site: Site, *, every: float) -> None:
        self.site, self.every, self.kills = site, every, Counter[str]()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._blow, daemon=True)
        self._chance = random.Random(11)  # noqa: S311 - the same kills every time

    def __enter__(self) -> "Storm":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join(120)

    def _blow(self) -> None:
        turn = 0
        while not self._over.wait(self.every):
            turn += 1
            if turn % 5 == 0:
                self.site.restart_postgres()
                self.kills["PostgreSQL"] += 1
            elif turn % 2:
                self.site.kill_web(self._chance)
                self.kills["web process"] += 1
            else:
                self.site.kill_worker()
                self.kills["worker"] += 1


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(30)
    except subprocess.TimeoutExpired:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
