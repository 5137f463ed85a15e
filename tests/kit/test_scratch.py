"""Temporary folders go with their process, however it ends."""

import fcntl
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from moothall.kit import scratch

PREFIX = "moothall-example-"
HOLD = f"""
import time
from moothall.kit import scratch
with scratch.folder({PREFIX!r}) as made:
    (made / "left").touch()
    print(made, flush=True)
    time.sleep(60)
"""


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    return tmp_path


def aged(folder: Path) -> Path:
    long_ago = time.time() - 2 * scratch.NEW_SECONDS
    os.utime(folder, (long_ago, long_ago))
    return folder


def test_what_a_killed_process_left_is_removed_by_the_next_and_what_a_running_one_holds_is_not() -> None:
    with subprocess.Popen([sys.executable, "-c", HOLD], stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        left = aged(Path(holder.stdout.readline().strip()))
        with scratch.folder(PREFIX):
            assert (left / "left").exists()
        holder.send_signal(signal.SIGKILL)
        holder.wait()
    with scratch.folder(PREFIX) as mine:
        assert not left.exists()
        assert mine.is_dir()
    assert not mine.exists()


def test_one_just_made_and_not_yet_held_is_left_alone(temporary: Path) -> None:
    new = temporary / f"{PREFIX}new"
    new.mkdir()
    with scratch.folder(PREFIX):
        assert new.exists()


def test_a_link_and_a_folder_of_another_name_are_left_alone(temporary: Path) -> None:
    other = temporary / "other"
    other.mkdir()
    (temporary / f"{PREFIX}link").symlink_to(aged(other))
    with scratch.folder(PREFIX):
        assert other.exists()


def test_it_is_held_for_as_long_as_it_is_used() -> None:
    with scratch.folder(PREFIX) as mine:
        looking = os.open(mine, os.O_RDONLY)
        with pytest.raises(BlockingIOError):
            fcntl.flock(looking, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.close(looking)
