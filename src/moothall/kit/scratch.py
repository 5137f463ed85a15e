"""Temporary folders that are removed also when their process was killed: by the next that asks for one."""

import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

NEW_SECONDS = 60.0  # between making a folder and holding it, another process leaves it alone


@contextmanager
def folder(prefix: str) -> Iterator[Path]:
    """An empty folder for this process alone, under the machine's temporary folder; removed with what is in it.

    Folders of the same `prefix` and user that no process holds any longer are removed first.
    """
    _remove_left(prefix)
    with tempfile.TemporaryDirectory(prefix=prefix) as made:
        held = os.open(made, os.O_RDONLY)
        try:
            fcntl.flock(held, fcntl.LOCK_SH)
            yield Path(made)
        finally:
            os.close(held)


def _remove_left(prefix: str) -> None:
    for path in Path(tempfile.gettempdir()).glob(f"{prefix}*"):
        try:
            looking = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        except OSError:  # gone meanwhile, or somebody else's
            continue
        try:
            if _left(looking):
                shutil.rmtree(path, ignore_errors=True)
        finally:
            os.close(looking)


def _left(looking: int) -> bool:
    state = os.fstat(looking)
    if state.st_uid != os.geteuid() or time.time() - state.st_mtime < NEW_SECONDS:
        return False
    try:
        fcntl.flock(looking, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
