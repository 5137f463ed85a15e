"""A worker in its own process, and waiting for what it does."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

PATIENCE_SECONDS = 30.0
LOOK_EVERY_SECONDS = 0.1


class DidNotHappen(Exception):
    """Something expected did not come in time. Its message says what."""


@contextmanager
def worker(log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A real worker, ended with the block; what it says goes to `log`."""
    command = [sys.executable, "-m", "moothall", "worker"]
    with log.open("wb") as said, subprocess.Popen(command, stdout=said, stderr=said) as process:  # noqa: S603
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(PATIENCE_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()


def wait_until(what: str, holds: Callable[[], object], *, seconds: float = PATIENCE_SECONDS) -> None:
    """Wait until `holds()`. Raises DidNotHappen, naming `what`, when it does not within `seconds`."""
    until = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > until:
            raise DidNotHappen(f"It did not happen within {seconds:.0f} seconds: {what}.")
        time.sleep(LOOK_EVERY_SECONDS)
