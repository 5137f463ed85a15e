"""Locks on what identifies somebody, held to the end of the transaction.

They make two applications of the same new person, arriving at once, find one another.
"""

from collections.abc import Iterable

from django.db import connection

_LOCK = (
    "SELECT pg_advisory_xact_lock(keys.key) FROM"
    " (SELECT hashtextextended(given, 0) AS key FROM unnest(%s::text[]) AS given ORDER BY 1) AS keys"
)


def hold(keys: Iterable[str]) -> None:
    """Wait for and hold the lock of every key, always in one order, so that two callers cannot block each other."""
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, [list(set(keys))])
