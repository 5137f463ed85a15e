"""Processes that measure at the same time. When one fails the others are stopped, and its error is raised at once."""

import multiprocessing
import queue
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from typing import Any, TypeVar

from django.db import connections

T = TypeVar("T")
Begin = Callable[[], None]


class ChildFailed(Exception):
    """One of the processes failed. Its message is that process's own error."""


@dataclass(frozen=True)
class _Said:
    """What a process puts in the queue: that it is ready, what it did, or why it failed."""

    done: Any = None
    failed: str = ""


def together(work: Callable[[int, Begin], T], *, processes: int) -> tuple[list[T], float]:
    """Run `work(share, begin)` in so many processes; what each returned, and the seconds until the last had ended.

    Each makes itself ready and calls `begin()`, which returns in all of them at one moment. Raises ChildFailed.
    """
    context = multiprocessing.get_context("fork")
    connections.close_all()
    said, go = context.Queue(), context.Event()

    def child(share: int) -> None:
        def begin() -> None:
            said.put(_Said())
            go.wait()

        try:
            said.put(_Said(done=work(share, begin)))
        except Exception as fault:  # noqa: BLE001 - the parent raises it
            said.put(_Said(failed="".join(traceback.format_exception(fault))))

    children = [context.Process(target=child, args=(share,), daemon=True) for share in range(processes)]
    try:
        for one in children:
            one.start()
        for _ in children:
            _next(said, children)
        go.set()
        began = time.perf_counter()
        done = [_next(said, children) for _ in children]
        seconds = time.perf_counter() - began
    except BaseException:
        for one in children:
            one.kill()
        raise
    finally:
        for one in children:
            one.join()
    return done, seconds


def _next(said: Any, children: Sequence[BaseProcess]) -> Any:
    while True:
        try:
            heard: _Said = said.get(timeout=1)
        except queue.Empty:
            if killed := [one.exitcode for one in children if one.exitcode]:
                raise ChildFailed(f"A process ended with {killed[0]} and said nothing.") from None
        else:
            if heard.failed:
                raise ChildFailed(f"A process failed, and the others were stopped.\n{heard.failed}")
            return heard.done
