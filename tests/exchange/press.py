"""A small outside system for these tests: a badge press over real HTTP, and the operation that orders from it.

The press makes a new badge for every order it takes, so an order sent twice shows. Faults are served one an order.
"""

import json
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

from moothall.core.accounts.models import User
from moothall.domain.cases.models import Note
from moothall.domain.exchange import leaving
from moothall.domain.exchange.models import Item
from moothall.domain.exchange.operations import Editable, Payload, Reply, SendError, Transcript

CONNECTOR = "badge_press"
ORDER = "badge_press.order"
HEADERS = {"Authorization": "Bearer abcdefghijklmnop", "Content-Type": "application/json"}


@dataclass
class Press:
    """What the press was asked and made. `faults` are taken by one order each, `ask_faults` by one question each."""

    orders: list[dict[str, Any]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    ask_faults: list[str] = field(default_factory=list)
    pause: float = 0
    at_once: int = 0
    most_at_once: int = 0
    calls: list[float] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)
    url: str = ""

    def references(self) -> list[str]:
        return [order["reference"] for order in self.orders]


class _Handler(BaseHTTPRequestHandler):
    press: Press

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        press = self.press
        with press.lock:
            press.calls.append(time.monotonic())
            press.at_once += 1
            press.most_at_once = max(press.most_at_once, press.at_once)
            fault = press.faults.pop(0) if press.faults else ""
        time.sleep(press.pause)
        with press.lock:
            press.at_once -= 1
            if fault in ("", "silent after"):
                press.orders.append(body)
            number = f"P{len(press.orders):05}"
        if fault.startswith("silent"):
            self.close_connection = True
            return
        self._answer(int(fault or 201), {"number": number, "access_token": "tok-123456789"})

    def do_GET(self) -> None:
        press = self.press
        reference = urllib.parse.unquote(self.path.rpartition("/")[2])
        with press.lock:
            press.asked.append(reference)
            fault = press.ask_faults.pop(0) if press.ask_faults else ""
            found = reference in press.references()
        if fault.startswith("silent"):
            self.close_connection = True
            return
        self._answer(int(fault or (200 if found else 404)), {"number": "P-FOUND"})

    def _answer(self, status: int, body: dict[str, Any]) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        if status == 429:
            self.send_header("Retry-After", "40")
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A killed sender leaves a broken connection; that is what is tested."""


@contextmanager
def running() -> Iterator[Press]:
    """The press, served on a free port of this machine."""
    press = Press()
    handler = type("Handler", (_Handler,), {"press": press})
    server = _Server(("127.0.0.1", 0), handler)
    press.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield press
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class Order:
    """Orders a badge for the customer of the case, under their name as it is now."""

    name = ORDER
    connector = CONNECTOR
    title = "Badge order"
    lane = "badge"
    editable: ClassVar = {
        "name": Editable(title="name of the holder", personal=True),
        "photo": Editable(title="photograph"),
    }

    def __init__(self, url: str) -> None:
        self.url = url
        self.break_done = False
        self.before_send: Callable[[], None] = lambda: None
        self.after_send: Callable[[], None] = lambda: None

    def subject(self, item: Item) -> str:
        return str(item.case.customer_id)

    def build(self, item: Item) -> Payload:
        if item.arguments.get("bug"):
            raise KeyError("name")
        customer = item.case.customer
        customer.refresh_from_db()
        return {
            "reference": item.idempotency_key,
            "name": customer.name,
            "photo": "QUJD" * 200,
            "client_secret": "s3cret-of-the-press",
        }

    def validate(self, payload: Payload, *, item: Item) -> list[str]:  # noqa: ARG002
        return [] if payload.get("name") else ["Give the name of the holder: the press cannot print without."]

    def request(self, payload: Payload, *, item: Item) -> dict[str, Any]:  # noqa: ARG002
        return {"method": "POST", "url": f"{self.url}/orders", "headers": HEADERS}

    def send(self, payload: Payload, *, item: Item) -> Reply:  # noqa: ARG002
        self.before_send()
        leaving.leaves()
        status, body, transcript = self._call("POST", "/orders", payload)
        if status == 429:
            raise SendError("The press is busy.", retryable=True, retry_after=timedelta(seconds=40), **transcript)
        if status >= 500:
            raise SendError(f"The press answered {status}.", retryable=True, **transcript)
        if status >= 400:
            raise SendError("The press refused the order.", **transcript)
        self.after_send()
        return self._reply(body, transcript)

    def ask(self, payload: Payload, *, item: Item) -> Reply | None:  # noqa: ARG002
        status, body, transcript = self._call("GET", f"/orders/{urllib.parse.quote(payload['reference'])}", None)
        if status == 404:
            return None
        if status != 200:
            raise SendError(f"The press answered {status}.", retryable=status >= 500, **transcript)
        return self._reply(body, transcript)

    def done(self, item: Item, reply: Reply, *, by: User, at: datetime) -> None:
        Note.objects.create(case_id=item.case_id, text=f"Badge {reply.result['number']} ordered.", by=by, at=at)
        if self.break_done:
            raise LookupError("no such badge")

    def _reply(self, body: dict[str, Any], transcript: dict[str, Any]) -> Reply:
        number = body["number"]
        return Reply(result={"number": number}, summary=f"badge {number} ordered.", transcript=Transcript(**transcript))

    def _call(self, method: str, path: str, payload: Payload | None) -> tuple[int, dict[str, Any], dict[str, Any]]:
        sent = {"method": method, "url": self.url + path, "headers": HEADERS, "body": payload}
        data = json.dumps(payload).encode() if payload is not None else None
        request = urllib.request.Request(self.url + path, data=data, headers=HEADERS, method=method)
        try:
            with urllib.request.urlopen(request, timeout=5) as response:
                body = json.loads(response.read())
                return response.status, body, {"request": sent, "response": {"status": response.status, "body": body}}
        except urllib.error.HTTPError as error:
            with error:
                body = json.loads(error.read())
            return error.code, body, {"request": sent, "response": {"status": error.code, "body": body}}
        except urllib.error.URLError as error:
            raise SendError("The press could not be reached.", retryable=True, request=sent) from error
        except OSError as error:
            raise SendError("The press did not answer.", unknown=True, request=sent) from error
