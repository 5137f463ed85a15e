"""Whether a request has left yet: what goes wrong before has surely done nothing, what goes wrong after may have.

The transport of a connector says `leaves()` just before the first byte of a request that changes something may leave.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass
class Watch:
    """One sending, in the thread that does it."""

    left: bool = False


_watch: ContextVar[Watch | None] = ContextVar("exchange_leaving", default=None)


@contextmanager
def watched() -> Iterator[Watch]:
    """Notice whether anything leaves inside."""
    watch = Watch()
    token = _watch.set(watch)
    try:
        yield watch
    finally:
        _watch.reset(token)


def leaves() -> None:
    """From here on the other system may hear of it. Outside a sending of the queue nothing is noted."""
    if watch := _watch.get():
        watch.left = True
