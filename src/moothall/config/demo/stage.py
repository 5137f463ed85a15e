"""Where a demonstration plays: a scratch database and folder, and the environment of its processes."""

import fcntl
import hashlib
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings

from moothall.config import migrated, postgres
from moothall.config.bench import server


class AlreadyRunning(Exception):
    """Another demonstration plays on the same stage."""


@contextmanager
def scratch(name: str) -> Iterator[dict[str, str]]:
    """A new database and the empty folder `<data>/<name>`; yields the environment for processes that use them.

    The database is dropped afterwards; what was made in the folder stays to be looked at, until the next time. Raises
    AlreadyRunning.
    """
    data = Path(settings.DATA_DIR)
    folder, database = data / name, f"moothall_{name}_{hashlib.sha256(os.fsencode(data)).hexdigest()[:8]}"
    with _alone(data / f"{name}.lock"):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        migrated.create(database)
        try:
            yield {
                **os.environ,
                "DATABASE_URL": _address(database),
                "MOOTHALL_DATA_DIR": str(folder),
                "MOOTHALL_SECRET_KEY": secrets.token_urlsafe(50),
            }
        finally:
            server.drop(database)


def _address(database: str) -> str:
    usual = settings.ENVIRONMENT.database_url or postgres.url(Path(settings.DATA_DIR))
    return urlsplit(usual)._replace(path=f"/{database}").geturl()


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyRunning(f"Another one is using {path.with_suffix('')}. Wait until it has ended.") from None
        yield
