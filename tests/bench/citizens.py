"""Simulated citizens: each fills in a form page by page and sends it, or reads one page again and again.

Read by Locust in a process of its own (`moothall bench portal` starts it). What it is to do stands in its environment, and
what it met is written to a file when it ends.
"""

import json
import os
import random
import re
import time
from collections import Counter
from itertools import count
from pathlib import Path
from typing import Any

from locust import FastHttpUser, constant, events, task
from locust.exception import StopUser

from moothall.config.bench.portal_answers import START, answers

SENT_TO = os.environ["MOOTHALL_BENCH_OUT"]
CITIZENS = int(os.environ["MOOTHALL_BENCH_CITIZENS"])  # 0: one page is read until time is over
PAGE = os.environ.get("MOOTHALL_BENCH_PAGE", "")  # that page, where it is not one of the form
PATIENCE_SECONDS = 120.0  # a citizen tries again for so long while the council's pages cannot be reached
PAUSE_SECONDS = 0.5
GOOD = frozenset({200, 302})
_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
_REFERENCE = re.compile(r'govuk-panel__body">\s*([A-Z0-9-]+)\s*<')


class Lost(Exception):
    """A page that did not come however often it was asked for."""


class Met:
    """What all of them met: milliseconds by kind of request, what failed, and the reference each citizen was told."""

    def __init__(self) -> None:
        self.took: dict[str, list[float]] = {}
        self.failed: Counter[str] = Counter()
        self.told: dict[int, str] = {}
        self.gave_up: list[str] = []
        self.page = ""  # of the form, as the first saw it
        self.home = 0  # users who have nobody left to be
        self.began = time.monotonic()

    def write(self) -> None:
        """Keep it for whoever started this."""
        kept = {
            "took": self.took,
            "failed": dict(self.failed),
            "told": self.told,
            "gave_up": self.gave_up,
            "page": self.page,
            "seconds": time.monotonic() - self.began,
        }
        Path(SENT_TO).write_text(json.dumps(kept))


met = Met()
_next = count(1)


class Citizen(FastHttpUser):
    """One after the other, as many as are left."""

    wait_time = constant(0)
    connection_timeout = network_timeout = 30.0

    @task
    def come(self) -> None:
        """The next citizen; none is left: done."""
        if not CITIZENS:
            self._read()
            return
        number = next(_next)
        if number > CITIZENS:
            met.home += 1
            if met.home == self.environment.runner.target_user_count:
                self.environment.runner.quit()
            raise StopUser
        try:
            met.told[number] = self._send_in(number)
        except Lost as lost:
            met.gave_up.append(f"{number}: {lost}")

    def _send_in(self, number: int) -> str:
        at = self._begin(number)
        for page, given in answers(number).items():
            shown = self._ask("GET", at, "form page")
            at = self._ask("POST", at, "page sent", {**given, "csrfmiddlewaretoken": _token(shown.text)}).headers[
                "location"
            ]
            if f"/{page}/" in at:
                raise Lost(f"page {page} was not taken")
        shown = self._ask("GET", at, "answers looked over")
        sent = self._ask("POST", at, "form sent", {"csrfmiddlewaretoken": _token(shown.text)})
        done = self._ask("GET", sent.headers["location"], "confirmation").text
        found = _REFERENCE.search(done)
        if found is None:
            raise Lost("the confirmation has no reference")
        return found[1]

    def _begin(self, number: int) -> str:
        """A browser of its own, at an address of its own; the first page of the form."""
        self.client.cookiejar.clear()
        self.from_where = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
        shown = self._ask("GET", START, "start page")
        given = {"csrfmiddlewaretoken": _token(shown.text)}
        return str(self._ask("POST", START, "form begun", given).headers["location"])

    def _read(self) -> None:
        """A page read until time is over."""
        at = PAGE or self._begin(random.randrange(1 << 24))
        while True:
            self._ask("GET", at, "form page" if not PAGE else "plain page")

    def _ask(self, method: str, at: str, kind: str, given: dict[str, Any] | None = None) -> Any:
        """What a page answers; asked again while it cannot be reached. Raises Lost."""
        until = time.monotonic() + PATIENCE_SECONDS
        while True:
            began = time.monotonic()
            more = {"X-Forwarded-For": getattr(self, "from_where", "127.0.0.1"), "Referer": f"{self.host}{at}"}
            answer = self.client.request(
                method, at, name=kind, data=given, headers=more, allow_redirects=False, catch_response=False
            )
            if answer.status_code in GOOD:
                met.took.setdefault(kind, []).append(1000 * (time.monotonic() - began))
                if kind == "form page" and not met.page:
                    met.page = answer.text
                return answer
            met.failed[f"{kind}: {answer.status_code or 'no answer'}"] += 1
            if time.monotonic() > until or 400 <= answer.status_code < 500:
                raise Lost(f"{kind} answers {answer.status_code}")
            time.sleep(PAUSE_SECONDS)


def _token(page: str) -> str:
    found = _TOKEN.search(page)
    return found[1] if found else ""


def _over(**_: Any) -> None:
    met.write()


events.quitting.add_listener(_over)  # type: ignore[no-untyped-call]
