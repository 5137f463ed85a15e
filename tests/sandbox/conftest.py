"""One sandbox for the whole run, put back to its presets before every test, and clients of the national service."""

from collections.abc import Iterator
from typing import Any

import pytest
from tests.sandbox.callers import Caller

from moothall.sandbox import testing


@pytest.fixture(scope="session")
def running() -> Iterator[testing.Running]:
    with testing.start("--credentials-seed", "tests", "--processed-after", "never", "--issued-after", "never") as one:
        yield one


@pytest.fixture
def sandbox(running: testing.Running) -> testing.Running:
    running.reset()
    return running


@pytest.fixture(scope="session")
def callers(running: testing.Running) -> Iterator[dict[str, Caller]]:
    made: dict[str, Caller] = {}
    yield made
    for caller in made.values():
        caller.http.close()


@pytest.fixture
def authority(sandbox: testing.Running, callers: dict[str, Caller]) -> Any:
    """Gives the system of an authority by its short code."""

    def of(la: str) -> Caller:
        if la not in callers:
            callers[la] = Caller(sandbox.base_url, sandbox.authority(la))
        return callers[la]

    return of


@pytest.fixture
def council(authority: Any) -> Caller:
    """The system of Aberdeenshire, the authority the presets belong to."""
    caller: Caller = authority("ABERD")
    return caller


@pytest.fixture
def citizen(sandbox: testing.Running, callers: dict[str, Caller]) -> Caller:
    """The citizen's application."""
    if "" not in callers:
        callers[""] = Caller(sandbox.base_url, sandbox.citizen_app())
    return callers[""]
