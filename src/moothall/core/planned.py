"""Fixed statements asked very often: PostgreSQL plans each once a connection, where planning costs more than doing."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Self

from django.db import connection
from django.db.backends.utils import CursorWrapper
from psycopg import Cursor

ONLY_WHEN_ASKED = 1_000_000  # psycopg's prepare_threshold: executions before it prepares a statement of itself


class _Prepared(Cursor[Any]):
    def execute(self, query: Any, params: Any = None, **options: Any) -> Self:
        return super().execute(query, params, prepare=True, **options)


@contextmanager
def cursor() -> Iterator[CursorWrapper]:
    """A cursor whose statements are prepared; wrappers that count or time statements see them as any other.

    Only for a text that is the same every time, since each text is kept by the server while the connection lives.
    Parameters go apart from the text, so one whose type PostgreSQL cannot infer needs a cast.
    """
    connection.ensure_connection()
    with connection._prepare_cursor(_Prepared(connection.connection)) as prepared:  # type: ignore[attr-defined]
        yield prepared
