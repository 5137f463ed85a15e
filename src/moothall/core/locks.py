"""Locks on things worked on in more than one transaction, such as an application while it is fetched and then kept.

They hang on a transaction of their own, over a connection of their own, so that they also hold where PgBouncer gives
each transaction another connection to PostgreSQL, and end with the process however it ends.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from django.db import connection

_APART = "SET LOCAL idle_in_transaction_session_timeout = 0"
_TAKE = """
    SELECT id FROM unnest(%s::bigint[]) WITH ORDINALITY AS wanted (id, turn)
    WHERE pg_try_advisory_xact_lock(hashtextextended(%s || id, 0))
    LIMIT %s
"""


@contextmanager
def claimed(kind: str, ids: Sequence[int], *, most: int) -> Iterator[list[int]]:
    """The first `most` of `ids` that nobody else has claimed as this `kind`, claimed until the end of the block."""
    if not ids:
        yield []
        return
    apart = connection.copy()
    try:
        apart.set_autocommit(False)
        with apart.cursor() as cursor:
            cursor.execute(_APART)
            cursor.execute(_TAKE, [list(ids), f"{kind} ", most])
            taken = [int(id) for (id,) in cursor.fetchall()]
        yield taken
        apart.rollback()
    finally:
        apart.close()
