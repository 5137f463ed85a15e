"""The private PostgreSQL as tests that kill it see it."""

from contextlib import suppress
from pathlib import Path

import psutil


def process_id(data_dir: Path) -> int | None:
    """The private server's process id, or None when it does not run."""
    with suppress(FileNotFoundError, psutil.NoSuchProcess):
        server = psutil.Process(int((data_dir / "postgres" / "postmaster.pid").read_text().split()[0]))
        return server.pid if server.status() != psutil.STATUS_ZOMBIE else None
    return None
