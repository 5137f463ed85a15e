"""A signed-in officer's requests through the whole of Django, each measured: time of the server, time and number of its SQL."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median
from typing import Any

from django.conf import settings
from django.db import connection
from django.test import Client

from moothall.config import logs, memory

HOST = "127.0.0.1"


@dataclass(frozen=True)
class Took:
    """One request. Times in milliseconds; `cpu` is this process's own work, the same however busy the machine is."""

    server: float
    sql: float
    cpu: float
    statements: int
    content: str


class Unexpected(Exception):
    """A page did not answer as it should. Its message says which and how."""


class Browser:
    """Signed in as somebody, at the desk."""

    def __init__(self, email: str, password: str) -> None:
        self._client = Client(SERVER_NAME=HOST)
        self.post("/desk/sign-in/", email=email, password=password)

    def post(self, address: str, **values: str) -> None:
        """Send a form. Raises Unexpected unless it is answered by another address."""
        response = self._client.post(address, values)
        if response.status_code != 302:
            raise Unexpected(f"{address} answered {response.status_code}.")

    def get(self, address: str) -> Took:
        """Ask for a page. Raises Unexpected unless it comes."""
        with _timed() as sql:
            began, worked = time.perf_counter(), time.process_time()
            response = self._client.get(address)
            took, cpu = time.perf_counter() - began, time.process_time() - worked
        if response.status_code != 200:
            raise Unexpected(f"{address} answered {response.status_code}.")
        return Took(1000 * took, 1000 * sum(sql), 1000 * cpu, len(sql), response.content.decode())


def make_ready() -> None:
    """Let browsers in as a web process would, but with no line of the log for each of their requests."""
    memory.settle()
    logs.configure(format=settings.ENVIRONMENT.log_format, level="WARNING")
    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, HOST]


def middle(of: list[Took]) -> Took:
    """The medians of several runs of one request; the most statements of any."""
    return Took(
        median(one.server for one in of),
        median(one.sql for one in of),
        median(one.cpu for one in of),
        max(one.statements for one in of),
        of[-1].content,
    )


def share(values: list[float], part: float) -> float:
    """The value below which `part` of them lie: 0.95 for the 95th percentile."""
    return sorted(values)[min(len(values) - 1, int(part * len(values)))]


@contextmanager
def _timed() -> Iterator[list[float]]:
    """The seconds of each SQL statement run inside."""
    each: list[float] = []

    def time_one(execute: Any, sql: Any, params: Any, many: Any, context: Any) -> Any:
        began = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            each.append(time.perf_counter() - began)

    with connection.execute_wrapper(time_one):
        yield each
