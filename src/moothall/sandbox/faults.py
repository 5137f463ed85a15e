"""Faults on demand: by the header X-Sandbox-Fault, or by rules with a path pattern, a probability and a count.

| fault | what happens |
|---|---|
| timeout | no answer until the caller gives up; the work is not done |
| drop-after | the work is done, then the connection is closed without an answer |
| hang-after | the work is done, then no answer until the caller gives up |
| 401, 429, 500, 503 | that status; the work is not done |
| slow=2.5 | the work starts after so many seconds |
| malformed | the work is done, the answer is cut in half |
| duplicate | a write is done twice; a list shows the last row of the page before again |
"""

import asyncio
import itertools
import json
import random
import re
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from moothall.sandbox.calls import Calls
from moothall.sandbox.dft.responses import Refused, common

HEADER = b"x-sandbox-fault"
STATUSES = {"401": "unauthorized", "429": "TooManyRequests", "500": "InternalServerError", "503": "ServiceUnavailable"}
KINDS = ("timeout", "drop-after", "hang-after", *STATUSES, "slow", "malformed", "duplicate")
LONGEST_WAIT_SECONDS = 600.0


class UnknownFault(ValueError):
    """Its message may be shown to whoever asked."""


@dataclass(slots=True)
class FaultRule:
    """A fault for calls whose "METHOD /path" the pattern is found in. `count` is how often it still strikes."""

    fault: str
    pattern: str = ""
    probability: float = 1.0
    count: int | None = None
    id: int = 0
    compiled: re.Pattern[str] = field(default=re.compile(""), repr=False)

    def as_json(self) -> dict[str, Any]:
        shown = asdict(self)
        del shown["compiled"]
        return shown


class Faults:
    """The rules in force."""

    def __init__(self) -> None:
        self.rules: list[FaultRule] = []
        self._ids = itertools.count(1)
        self._chance = random.Random()  # noqa: S311 - chance for tests, not for secrets

    def add(self, *, fault: str, pattern: str = "", probability: float = 1.0, count: int | None = None) -> FaultRule:
        """Put a rule in force. Raises `UnknownFault`."""
        check(fault)
        if not 0.0 <= probability <= 1.0:
            raise UnknownFault("A probability is between 0 and 1.")
        try:
            compiled = re.compile(pattern)
        except re.error as problem:
            raise UnknownFault(f"The pattern is not a regular expression: {problem}.") from problem
        rule = FaultRule(fault, pattern, probability, count, next(self._ids), compiled)
        self.rules.append(rule)
        return rule

    def remove(self, rule_id: int | None = None) -> None:
        """Take one rule out of force, or all."""
        self.rules = [rule for rule in self.rules if rule_id is not None and rule.id != rule_id]

    def strike(self, method: str, path: str) -> str:
        """The fault for a call, or an empty string. A rule with a count is used up by it."""
        for rule in self.rules:
            if rule.count == 0 or not rule.compiled.search(f"{method} {path}"):
                continue
            if rule.probability < 1.0 and self._chance.random() >= rule.probability:
                continue
            if rule.count is not None:
                rule.count -= 1
            return rule.fault
        return ""


def check(fault: str) -> None:
    """Raise `UnknownFault` unless the text names a fault."""
    kind, _, amount = fault.partition("=")
    if kind not in KINDS or bool(amount) != (kind == "slow"):
        raise UnknownFault(f"{fault!r} is not a fault. There are: {', '.join(KINDS)} (slow=SECONDS).")
    if kind == "slow":
        try:
            float(amount)
        except ValueError as problem:
            raise UnknownFault("slow needs a number of seconds, as in slow=2.5.") from problem


class FaultyService:
    """Wraps a service: strikes with faults and remembers the calls.

    `hang_up` closes the connection a call came on.
    """

    def __init__(self, service: ASGIApp, *, faults: Faults, calls: Calls, hang_up: Callable[[Scope], None]) -> None:
        self._service = service
        self._faults = faults
        self._calls = calls
        self._hang_up = hang_up

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._service(scope, receive, send)
            return
        started = time.perf_counter()
        fault = self._wanted(scope)
        body = await _read(receive)
        answer = await self._answer(scope, body, fault, receive)
        status = 0
        if answer is None:
            if fault == "drop-after":
                self._hang_up(scope)
            await _until_gone(receive)
        else:
            status = answer[0]["status"]
            for message in answer:
                await send(message)
        content = b"".join(message.get("body", b"") for message in answer or ())
        seconds = time.perf_counter() - started
        self._calls.add(dict(scope), request=body, status=status, answer=content, seconds=seconds, fault=fault)

    def _wanted(self, scope: Scope) -> str:
        for name, value in scope["headers"]:
            if name == HEADER:
                return str(value.decode("latin-1")).strip()
        return self._faults.strike(scope["method"], scope["path"])

    async def _answer(self, scope: Scope, body: bytes, fault: str, receive: Receive) -> list[Message] | None:
        """The messages to send; None to send nothing."""
        kind, _, amount = fault.partition("=")
        if fault:
            try:
                check(fault)
            except UnknownFault as problem:
                return _status(400, "UnknownFault", str(problem))
        if kind == "timeout":
            return None
        if kind in STATUSES:
            return _faulty(int(kind), scope["path"])
        if kind == "slow":
            await asyncio.sleep(min(float(amount), LONGEST_WAIT_SECONDS))
        if kind == "duplicate":
            scope.setdefault("state", {})["overlap"] = True
        answer = await self._work(scope, body, receive)
        if kind == "duplicate" and scope["method"] != "GET":
            await self._work(scope, body, receive)
        if kind in {"drop-after", "hang-after"}:
            return None
        return _cut(answer) if kind == "malformed" else answer

    async def _work(self, scope: Scope, body: bytes, receive: Receive) -> list[Message]:
        messages: list[Message] = []
        given = False

        async def replay() -> Message:
            nonlocal given
            if given:
                return await receive()
            given = True
            return {"type": "http.request", "body": body, "more_body": False}

        async def collect(message: Message) -> None:
            messages.append(message)

        await self._service(scope, replay, collect)
        return messages


async def _read(receive: Receive) -> bytes:
    parts = []
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(parts)


async def _until_gone(receive: Receive) -> None:
    async def gone() -> None:
        while (await receive())["type"] != "http.disconnect":
            pass

    try:
        await asyncio.wait_for(gone(), LONGEST_WAIT_SECONDS)
    except TimeoutError:
        return


def _faulty(status: int, path: str) -> list[Message]:
    """A status as the service at that path says it."""
    if path.startswith("/v2/"):
        error = {401: "AuthError", 429: "RateLimitError"}.get(status, "Exception")
        errors = [{"error": error, "message": f"The fault {status} was asked for"}]
        return _answer(status, json.dumps({"status_code": status, "errors": errors}).encode())
    if path.startswith("/pay360/"):
        return _answer(status, b"Service Unavailable", media_type=b"text/plain")
    if not path.startswith("/govuk_pay/"):
        return _status(status, STATUSES[str(status)], f"The fault {status} was asked for.")
    if status == 401:
        return _answer(status, b"Credentials are required to access this resource.")
    code, said = ("P0900", "Too many requests") if status == 429 else ("P0198", "Downstream system error")
    return _answer(status, json.dumps({"code": code, "description": said}).encode())


def _status(status: int, message: str, reason: str) -> list[Message]:
    return _answer(status, common(error=Refused(status, message, reason).as_json()))


def _answer(status: int, body: bytes, media_type: bytes = b"application/json") -> list[Message]:
    headers = [(b"content-type", media_type), (b"content-length", str(len(body)).encode())]
    if status in {429, 503}:
        headers.append((b"retry-after", b"1"))
    return [
        {"type": "http.response.start", "status": status, "headers": headers},
        {"type": "http.response.body", "body": body},
    ]


def _cut(answer: list[Message]) -> list[Message]:
    body = b"".join(message.get("body", b"") for message in answer)
    half = body[: len(body) // 2]
    start = dict(answer[0])
    kept = [(name, value) for name, value in start["headers"] if name.lower() != b"content-length"]
    start["headers"] = [*kept, (b"content-length", str(len(half)).encode())]
    return [start, {"type": "http.response.body", "body": half}]
