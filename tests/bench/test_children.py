"""Processes that measure at once begin together, and fail together at once."""

import os
import signal
import time
from pathlib import Path

import pytest

from moothall.config.bench import children
from moothall.config.bench.children import Begin, ChildFailed


def test_what_each_process_did_comes_back_with_how_long_it_took() -> None:
    def work(share: int, begin: Begin) -> tuple[int, int]:
        begin()
        time.sleep(0.1)
        return share, os.getpid()

    done, seconds = children.together(work, processes=2)

    assert sorted(share for share, _ in done) == [0, 1]
    assert len({pid for _, pid in done} | {os.getpid()}) == 3
    assert seconds >= 0.1


@pytest.mark.parametrize("after_beginning", [False, True])
def test_when_one_fails_its_error_is_raised_at_once_and_the_others_are_stopped(
    after_beginning: bool, tmp_path: Path
) -> None:
    def work(share: int, begin: Begin) -> None:
        if share == 0:
            (tmp_path / str(os.getpid())).touch()
            begin()
            time.sleep(600)
        while not list(tmp_path.iterdir()):
            time.sleep(0.01)
        if after_beginning:
            begin()
        raise LookupError("There is no officer to measure with.")

    with pytest.raises(ChildFailed, match=r"LookupError: There is no officer to measure with\."):
        children.together(work, processes=2)

    (other,) = tmp_path.iterdir()
    with pytest.raises(ProcessLookupError):
        os.kill(int(other.name), 0)


def test_one_that_is_killed_is_noticed() -> None:
    def work(share: int, begin: Begin) -> None:
        begin()
        if share:
            os.kill(os.getpid(), signal.SIGKILL)
        time.sleep(600)

    with pytest.raises(ChildFailed, match="said nothing"):
        children.together(work, processes=2)
