"""The stand-in for a virus scanner, and files it finds something in."""

from collections.abc import Iterator
from typing import Any

import pytest

from moothall.sandbox import testing
from moothall.sandbox.clamd import EICAR
from moothall.sandbox.testing import Running

INFECTED = b"%PDF-1.4\n% " + EICAR + b"\n"
FOUND = "The virus scanner found Eicar-Test-Signature in this file"
SILENT = "This file could not be checked for viruses, so it was not kept. Try again."


@pytest.fixture(scope="module")
def scanner_running() -> Iterator[Running]:
    with testing.start("--no-presets") as running:
        yield running


@pytest.fixture
def scanner(scanner_running: Running, settings: Any) -> Running:
    """A virus scanner that is set; `scanner.control("POST", "/scanner/fault", …)` lets it fail."""
    scanner_running.reset()
    settings.SCANNER, settings.SCANNER_TIMEOUT_SECONDS = scanner_running.scanner, 20.0
    return scanner_running


def fail(scanner: Running, fault: str, count: int | None = None) -> None:
    """From now on the scanner fails so."""
    scanner.control("POST", "/scanner/fault", {"fault": fault, "count": count})


def sizes(scanner: Running) -> list[int]:
    """How large the files were that it looked at, the newest first."""
    return [scan["size"] for scan in scanner.control("GET", "/scanner")]
