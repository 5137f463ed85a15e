"""The demonstration runs as anybody would run it: in its own processes, on a database of its own."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from django.conf import settings

from moothall.config import postgres
from moothall.config.environment import variables

pytestmark = pytest.mark.usefixtures("template")
COMMAND = [sys.executable, "-m", "moothall", "demo"]
PATIENCE_SECONDS = 180


@pytest.fixture
def surroundings(tmp_path: Path) -> dict[str, str]:
    """A data folder of the test's own, and the server the tests run on."""
    kept = {name: value for name, value in os.environ.items() if name not in variables()}
    server = settings.ENVIRONMENT.database_url or postgres.url(settings.DATA_DIR)
    return {**kept, "DATABASE_URL": server, "MOOTHALL_DATA_DIR": str(tmp_path)}


@pytest.fixture
def started(surroundings: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    """A demonstration under way."""
    with subprocess.Popen(COMMAND, env=surroundings, stdout=subprocess.PIPE, text=True) as demo:
        yield demo
        if demo.poll() is None:
            demo.terminate()


def test_the_demonstration_takes_an_application_to_an_ordered_badge_and_prints_both_cases(
    surroundings: dict[str, str], tmp_path: Path
) -> None:
    done = subprocess.run(COMMAND, env=surroundings, capture_output=True, text=True, timeout=PATIENCE_SECONDS)

    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.rstrip().endswith("Everything expected was seen.")
    assert "exactly one badge" in done.stdout
    assert len(re.findall(r"^BB-\w{4}-\w{4}  Blue Badge, ", done.stdout, re.MULTILINE)) == 2
    for part in ("Timeline", "Documents", "Messages", "Time", "Integrations"):
        assert done.stdout.count(f"\n  {part}\n") == 2
    letters = [Path(line.strip()) for line in done.stdout.splitlines() if line.strip().endswith(".pdf")]
    assert letters
    assert all(path.is_relative_to(tmp_path) and path.read_bytes().startswith(b"%PDF") for path in letters)


def test_an_interrupted_demonstration_leaves_no_process_behind(started: subprocess.Popen[str]) -> None:
    assert started.stdout is not None
    worker = _worker_named(started)
    family = psutil.Process(started.pid).children(recursive=True)
    assert worker in {process.pid for process in family}

    started.send_signal(signal.SIGTERM)

    assert started.wait(60) != 0
    until = time.monotonic() + 20
    while any(process.is_running() and process.status() != psutil.STATUS_ZOMBIE for process in family):
        assert time.monotonic() < until, f"Still there: {family}"
        time.sleep(0.1)


def _worker_named(demo: subprocess.Popen[str]) -> int:
    """The worker's process id, once the demonstration has said it."""
    assert demo.stdout is not None
    for line in demo.stdout:
        if found := re.search(r"A worker runs as process (\d+)", line):
            return int(found[1])
    raise AssertionError("The demonstration ended before it started a worker.")
