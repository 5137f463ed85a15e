"""Running the sandbox in its own process, for tests and measurements."""

import contextlib
import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

WAIT_SECONDS = 20.0


class NotStarted(Exception):
    """The sandbox said nothing."""


@dataclass(frozen=True, slots=True)
class Running:
    """A running sandbox. `line` is what it printed at start."""

    line: dict[str, Any]
    process: subprocess.Popen[str]

    @property
    def base_url(self) -> str:
        """Where the national service's paths begin."""
        return str(self.line["dft"]["base_url"])

    @property
    def smtp(self) -> tuple[str, int]:
        """Host and port of the mail server."""
        return str(self.line["smtp"]["host"]), int(self.line["smtp"]["port"])

    @property
    def scanner(self) -> str:
        """Host and port of the virus scanner, as the product's setting has them."""
        return f"{self.line['scanner']['host']}:{self.line['scanner']['port']}"

    @property
    def pay(self) -> dict[str, str]:
        """Where GOV.UK Pay is (`base_url`), our `api_key` and the `signing_secret` of its webhooks."""
        return dict(self.line["govuk_pay"])

    @property
    def pay360(self) -> dict[str, Any]:
        """Where the Secure Card Portal is (`base_url`), and who we are to it."""
        return dict(self.line["pay360"])

    @property
    def notify(self) -> dict[str, Any]:
        """Where GOV.UK Notify is (`base_url`), its `keys` (live, team, test) and the `callback_token` of its receipts."""
        return dict(self.line["govuk_notify"])

    def citizen_app(self) -> tuple[str, str]:
        """Client id and secret of the citizen's application."""
        client = self.line["dft"]["citizen_app"]
        return client["client_id"], client["client_secret"]

    def authority(self, la: str) -> tuple[str, str]:
        """Client id and secret of an authority. Raises KeyError when there is none."""
        for client in self.line["dft"]["authorities"]:
            if client["la"] == la:
                return client["client_id"], client["client_secret"]
        raise KeyError(la)

    def control(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """Call the control interface: `control("POST", "/faults", {"fault": "500", "count": 1})`.

        Raises urllib.error.HTTPError when it refuses.
        """
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.line["control"]["base_url"] + path, data=data, method=method)  # noqa: S310
        with urllib.request.urlopen(request, timeout=WAIT_SECONDS) as response:  # noqa: S310 - our own process
            return json.load(response)

    def reset(self) -> None:
        """Back to the presets: no faults, calls, mail, or other records."""
        self.control("POST", "/reset", {})

    def load_applications(
        self, count: int, *, la: str, documents: bool = False, first: int = 0, submitted: datetime | None = None
    ) -> list[str]:
        """Make fictional applications, handed in now or when `submitted` says; return their ids."""
        at = submitted.isoformat() if submitted else None
        given = {"count": count, "la": la, "documents": documents, "first": first, "submitted": at}
        made: list[str] = self.control("POST", "/applications/bulk", given)["ids"]
        return made

    def set_fault(self, fault: str, *, pattern: str = "", probability: float = 1.0, count: int | None = None) -> None:
        """Put a fault rule in force."""
        given = {"fault": fault, "pattern": pattern, "probability": probability, "count": count}
        self.control("POST", "/faults", given)

    def clear_faults(self) -> None:
        """Take every fault rule out of force."""
        self.control("DELETE", "/faults")

    def advance(self, number: str, to: str, *, reason: str = "") -> None:
        """Move a badge to PROCESSED, ISSUED or REJECT."""
        self.control("POST", f"/badges/{number}/advance", {"to": to, "reason": reason})


@contextlib.contextmanager
def start(*arguments: str) -> Iterator[Running]:
    """Start the sandbox with the arguments of `moothall sandbox`; it stops when the block ends.

    Raises `NotStarted`.
    """
    command = [sys.executable, "-m", "moothall.sandbox", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - our own command
        try:
            line = process.stdout.readline() if process.stdout else ""
            if not line:
                raise NotStarted(f"The sandbox stopped at once with status {process.wait(WAIT_SECONDS)}.")
            yield Running(json.loads(line), process)
        finally:
            process.terminate()
            try:
                process.wait(WAIT_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
