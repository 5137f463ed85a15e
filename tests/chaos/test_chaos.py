"""A short storm with a seed of its own each time. A failure prints the seed: `python -m tests.chaos --seed …` repeats it.

CHAOS_SECONDS makes it longer, CHAOS_SEED chooses it.
"""

import os
import random
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from tests.dumps import dump

from moothall.config import migrated
from moothall.config.bench import server

CALM_SECONDS = 900  # the longest that starting, settling and reconciling may take


@pytest.fixture
def tables(template: str, tmp_path: Path) -> list[str]:
    """The option by which a storm, on a PostgreSQL of its own, need not migrate; none where there is no dump."""
    name = f"moothall_tables_{os.getpid()}"
    try:
        migrated.create(name)
        file = tmp_path / "tables.sql"
        file.write_text(dump(name) or "")
    finally:
        server.drop(name)
    return ["--tables", str(file)] if file.stat().st_size else []


def test_kills_at_any_moment_lose_nothing_and_order_no_badge_twice(tables: list[str]) -> None:
    seconds = float(os.environ.get("CHAOS_SECONDS", "20"))
    seed = os.environ.get("CHAOS_SEED") or str(random.randrange(1_000_000))
    command = [sys.executable, "-m", "tests.chaos", "--minutes", str(seconds / 60), "--seed", seed, *tables]

    with tempfile.TemporaryDirectory(prefix="mh-") as temporary:  # short, for the sockets in it
        where = {**os.environ, "TMPDIR": temporary}
        done = subprocess.run(command, capture_output=True, text=True, timeout=seconds + CALM_SECONDS, env=where)
        left = os.listdir(temporary)

    assert done.returncode == 0, f"{done.stdout}\n{done.stderr[-4000:]}"
    assert left == [], "what was killed left files on the machine"
