"""Two at once, in an order that is always the same."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from django.db import connection, transaction

_WAITED_FOR = (
    "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid)))"
)


def meanwhile(
    act: Callable[[], object], *, during: Callable[[], object], then: Callable[[], object] | None = None
) -> None:
    """`act` in a transaction that goes on until `during`, begun within it elsewhere, waits for it or is done; then `then`.

    Raises what any of them raises.
    """

    def run() -> None:
        try:
            during()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as elsewhere:
        with transaction.atomic(), connection.cursor() as cursor:
            act()
            other = elsewhere.submit(run)
            waits = False
            while not other.done() and not waits:
                cursor.execute(_WAITED_FOR)
                waits = bool(cursor.fetchone()[0])
            if then:
                then()
        other.result()
