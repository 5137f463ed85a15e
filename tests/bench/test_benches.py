"""The measurements run at tiny sizes and print what they promise. Nothing is asserted about time."""

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from moothall.config.bench import search
from moothall.kit import phone

pytestmark = pytest.mark.usefixtures("template")
USUAL = {"bench", "operation", "options", "per_second"}


def measured(*arguments: str) -> dict[str, Any]:
    """The last line a measurement prints, as JSON."""
    command = [sys.executable, "-m", "moothall", "bench", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, env=os.environ)
    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout.splitlines()[-1])
    assert isinstance(figures, dict)
    return figures


def test_the_transition_bench_prints_its_figures_by_process_count() -> None:
    sizes = ["--seconds", "0.5", "--processes", "1", "2", "--cases", "5", "--outcomes", "50", "--scale", "1"]

    figures = measured("transition", *sizes, "--stages", "4", "--json")

    assert figures.keys() >= USUAL | {"ratio", "statements", "memory"}
    assert figures["ratio"].keys() == figures["per_second"].keys() == {"1", "2"}
    assert 0 < figures["statements"] <= 14


def test_the_intake_bench_takes_every_application_in_once() -> None:
    figures = measured("intake", "--applications", "12", "--processes", "2", "--documents", "--json")

    assert figures.keys() >= USUAL | {"p95_ms", "duplicates", "statements", "cpu_ms"}
    assert figures["cases"] == 12
    assert figures["duplicates"] == figures["missing"] == 0
    assert figures["p95_ms"] > 0


def test_the_gazetteer_bench_measures_import_changes_and_memory_beside_the_least() -> None:
    figures = measured("gazetteer", "--small", "--json")

    assert figures.keys() >= USUAL | {"ratio", "changes_seconds", "peak_mb", "plain_seconds"}
    assert figures["lines"] > 900
    assert figures["memory_ratio"] == 1.0
    assert figures["failed"] == []


def test_everybody_who_is_made_for_the_search_bench_has_a_telephone_number_that_is_one() -> None:
    somebody = search.Somebody
    assert all(phone.normalise(one.phone) == one.phone for one in map(somebody, range(1, 1_000_000, 997)))


def test_the_search_bench_asks_every_kind_of_pattern() -> None:
    figures = measured("search", "--small", "--json")

    assert figures["failed"] == []
    assert figures["patterns"]["National Insurance number"]["found"] == 1
    assert figures["patterns"]["everybody's postcode area"]["found"] == 500
    assert all(one["found"] for one in figures["patterns"].values())
