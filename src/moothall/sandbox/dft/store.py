"""Keeping the state in a SQLite file, so that a restart finds it again."""

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any


class Store:
    """Records by kind and key. Without a path nothing is kept."""

    def __init__(self, path: Path | None) -> None:
        self._database: sqlite3.Connection | None = None
        if path is not None:
            self._database = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
            self._database.executescript(
                "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;"
                "CREATE TABLE IF NOT EXISTS record"
                " (kind TEXT, key TEXT, value TEXT, content BLOB, PRIMARY KEY (kind, key)) WITHOUT ROWID;"
            )

    def put(self, kind: str, key: str, value: Any, content: bytes | None = None) -> None:
        """Keep a JSON value, and bytes if it has them, in place of what was kept under this kind and key."""
        if self._database is not None:
            row = (kind, key, json.dumps(value), content)
            self._database.execute("INSERT OR REPLACE INTO record VALUES (?, ?, ?, ?)", row)

    def remove(self, kind: str, key: str) -> None:
        """Forget one record."""
        if self._database is not None:
            self._database.execute("DELETE FROM record WHERE kind = ? AND key = ?", (kind, key))

    def clear(self) -> None:
        """Forget everything."""
        if self._database is not None:
            self._database.execute("DELETE FROM record")

    def all(self, kind: str) -> Iterator[tuple[str, Any, bytes | None]]:
        """Every (key, value, bytes) of a kind, in the order of their keys."""
        if self._database is not None:
            query = "SELECT key, value, content FROM record WHERE kind = ? ORDER BY key"
            for key, value, content in self._database.execute(query, (kind,)).fetchall():
                yield key, json.loads(value), content

    def close(self) -> None:
        """Close the file."""
        if self._database is not None:
            self._database.close()
