"""Calls to the national service: token, version header, time-outs, retries of what only reads, and one shape of error."""

import json
import math
import random
import re
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import httpx

from moothall.connectors import network
from moothall.connectors.dft_blue_badge import destinations, errors
from moothall.connectors.dft_blue_badge.destinations import NotFollowed
from moothall.connectors.dft_blue_badge.errors import NationalError
from moothall.domain.exchange import leaving

VERSION = "application/vnd.bluebadge-api.v1+json"
ACCEPT_JSON = f"{VERSION}, application/json"
ACCEPT_ZIP = f"{VERSION}, application/zip"
READ_TRIES = 3
WHOLE_ANSWER = 4  # times the time-out of one wait: how long a whole answer may take
MOST_CALLS = 4  # a token and the call, and both once more with a new token
MOST_JSON_BYTES = 32 * 2**20
MOST_EXPORT_BYTES = 200 * 2**20
LONGEST_PAUSE_SECONDS = 5.0
PAUSE_SECONDS = 0.2
_CONNECT_SECONDS = 5.0
_TOKEN_MARGIN_SECONDS = 30.0
_MOST_TOKEN_BYTES = 2**16
_TOKEN_SECONDS = 300.0  # when the service does not say how long a token lives
_KEPT_TEXT = 10_000
_MOST_LEVELS = 50  # in one another: more than any answer of the service has
_ODD = re.compile("[\x00\ud800-\udfff]")  # characters PostgreSQL cannot keep


@dataclass(frozen=True, kw_only=True)
class Credentials:
    """Who we are to the service."""

    client_id: str
    client_secret: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What came back: the parsed body (None when there was none), the bytes, and both sides as they went."""

    body: Any
    content: bytes
    request: Mapping[str, Any]
    response: Mapping[str, Any]

    @property
    def data(self) -> Any:
        """What is inside the service's common answer; None when there is nothing."""
        return self.body.get("data") if isinstance(self.body, dict) else None


class Transport:
    """The connections to the service and to its document store; shared by threads.

    `timeout_seconds` is for one wait, `pause_seconds` how long the first pause is before what only reads is tried again.
    """

    def __init__(
        self, base_url: str, credentials: Credentials, *, timeout_seconds: float, pause_seconds: float = PAUSE_SECONDS
    ) -> None:
        self._base_url = base_url.rstrip("/")
        self._credentials = credentials
        wait = httpx.Timeout(timeout_seconds, connect=min(_CONNECT_SECONDS, timeout_seconds))
        self._http = httpx.Client(timeout=wait, transport=network.Wire(network.named))
        self._documents = httpx.Client(timeout=wait, transport=network.Wire(destinations.addresses(self._base_url)))
        self._most_seconds = timeout_seconds * WHOLE_ANSWER
        self._pause_seconds = pause_seconds
        self._lock = threading.Lock()
        self._token = ""
        self._token_until = 0.0

    def close(self) -> None:
        """Close the connections."""
        self._http.close()
        self._documents.close()

    def read(self, path: str, *, query: Mapping[str, str] | None = None, accept: str = ACCEPT_JSON) -> Answer:
        """GET, tried up to three times while trying again makes sense. Raises NationalError."""
        for tries_left in reversed(range(READ_TRIES)):
            try:
                return self._call("GET", path, query=query, accept=accept)
            except NationalError as error:
                wait = self._pause(READ_TRIES - tries_left, error.retry_after)
                if not error.retryable or not tries_left or wait > LONGEST_PAUSE_SECONDS:
                    raise
                time.sleep(wait)
        raise AssertionError("the last try returns or raises")

    def write(self, method: str, path: str, body: Mapping[str, Any]) -> Answer:
        """Change something there, once. Raises NationalError, `unknown` when it may have been done."""
        return self._call(method, path, body=body)

    def outline(self, method: str, path: str) -> Mapping[str, Any]:
        """What `write` is going to send, but for the body and the token."""
        headers = {"Accept": ACCEPT_JSON, "Content-Type": "application/json", "Authorization": "Bearer …"}
        return {"method": method, "url": self._base_url + path, "headers": headers}

    def download(self, link: str, *, most_bytes: int) -> bytes:
        """The file behind a signed link, which carries its own permission. Raises NationalError."""
        request = {"method": "GET", "url": link.partition("?")[0]}
        try:
            destinations.check(link, base_url=self._base_url)
            with network.within(self._most_seconds), self._documents.stream("GET", link) as response:
                if not response.is_success:
                    retryable = response.status_code == 429 or response.status_code >= 500
                    raise NationalError(
                        f"The document store answered {response.status_code}.",
                        status=response.status_code,
                        retryable=retryable,
                        request=request,
                    )
                return _body(response, most_bytes=most_bytes)
        except NotFollowed as fault:
            raise NationalError(str(fault), request=request) from fault
        except _TooLarge as fault:
            sentence = f"A document is larger than {most_bytes // 2**20} MB."
            raise NationalError(sentence, status=200, request=request) from fault
        except (httpx.HTTPError, httpx.InvalidURL) as fault:
            raise _no_answer(fault, request, writing=False) from fault

    def _call(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
        accept: str = ACCEPT_JSON,
    ) -> Answer:
        """One call; a token the service no longer takes is renewed once."""
        token = self._current_token()
        try:
            return self._send(method, path, token, query=query, body=body, accept=accept)
        except NationalError as error:
            if error.status != 401:
                raise
        self._forget(token)
        return self._send(method, path, self._current_token(), query=query, body=body, accept=accept)

    def _send(
        self,
        method: str,
        path: str,
        token: str,
        *,
        query: Mapping[str, str] | None,
        body: Mapping[str, Any] | None,
        accept: str,
    ) -> Answer:
        headers = {"Accept": accept, "Authorization": f"Bearer {token}"}
        url = self._base_url + path
        request = {"method": method, "url": url, "headers": headers}
        request |= {"query": dict(query)} if query else {}
        request |= {"body": dict(body)} if body is not None else {}
        binary = accept == ACCEPT_ZIP
        most_bytes = MOST_EXPORT_BYTES if binary else MOST_JSON_BYTES
        if method != "GET":
            leaving.leaves()
        try:
            with (
                network.within(self._most_seconds),
                self._http.stream(method, url, params=query, json=body, headers=headers) as response,
            ):
                content = _body(response, most_bytes=most_bytes)
        except _TooLarge as fault:
            raise NationalError(
                f"The national service's answer is larger than {most_bytes // 2**20} MB.",
                status=response.status_code,
                unknown=method != "GET",
                request=request,
            ) from fault
        except httpx.HTTPError as fault:
            raise _no_answer(fault, request, writing=method != "GET") from fault
        return _read(response, content, request, writing=method != "GET", binary=binary)

    def _current_token(self) -> str:
        with self._lock:
            if not self._token or time.monotonic() >= self._token_until:
                self._token, seconds = self._ask_for_token()
                self._token_until = time.monotonic() + max(seconds - _TOKEN_MARGIN_SECONDS, seconds / 2)
            return self._token

    def _pause(self, attempt: int, asked: timedelta | None) -> float:
        """Seconds before another try: as asked, else three times as long each time, spread so callers do not meet."""
        if asked is not None:
            return asked.total_seconds()
        return self._pause_seconds * 3.0 ** (attempt - 1) * random.uniform(0.5, 1.5)  # noqa: S311 - no secret

    def _forget(self, token: str) -> None:
        with self._lock:
            if self._token == token:
                self._token = ""

    def _ask_for_token(self) -> tuple[str, float]:
        request = {"method": "POST", "url": f"{self._base_url}/oauth/token"}
        try:
            with (
                network.within(self._most_seconds),
                self._http.stream(
                    "POST",
                    request["url"],
                    data={"grant_type": "client_credentials"},
                    auth=(self._credentials.client_id, self._credentials.client_secret),
                ) as response,
            ):
                content = _body(response, most_bytes=_MOST_TOKEN_BYTES)
        except (httpx.HTTPError, _TooLarge) as fault:
            raise _no_answer(fault, request, writing=False) from fault
        status = response.status_code
        if status in (400, 401, 403):
            raise NationalError(
                "The national service does not accept our credentials. They end after a year: check them in the"
                " settings, or ask the Department for Transport for new ones.",
                request=request,
                response={"status": status},
            )
        given = _json(content) if response.is_success else None
        token = given.get("access_token") if isinstance(given, dict) else None
        if not isinstance(token, str) or not token:
            raise NationalError(
                f"The national service gave no token (it answered {status}).",
                status=0 if status == 401 else status,
                retryable=True,
                retry_after=_retry_after(response),
                request=request,
                response={"status": status},
            )
        seconds = given.get("expires_in") if isinstance(given, dict) else None
        return token, float(seconds) if isinstance(seconds, int | float) and seconds > 0 else _TOKEN_SECONDS


class _TooLarge(Exception):
    """A body is larger than is read."""


def _body(response: httpx.Response, *, most_bytes: int) -> bytes:
    """The whole body. Raises _TooLarge, httpx.HTTPError."""
    content = bytearray()
    for part in response.iter_bytes():
        content += part
        if len(content) > most_bytes:
            raise _TooLarge
    return bytes(content)


def _read(
    response: httpx.Response, content: bytes, request: Mapping[str, Any], *, writing: bool, binary: bool
) -> Answer:
    """The answer of a call that went well. Raises NationalError for any other."""
    status = response.status_code
    body = _json(content) if content and not (binary and response.is_success) else None
    shown = body if body is not None else content[:_KEPT_TEXT].decode("utf-8", "replace") if not binary else None
    kept = {"status": status, "headers": _telling(response.headers), "body": shown}
    if not response.is_success:
        raise _refused(response, body, request, kept, writing=writing)
    if content and body is None and not binary:
        raise NationalError(
            "The national service's answer could not be read.",
            status=status,
            retryable=not writing,
            unknown=writing,
            request=request,
            response=kept,
        )
    return Answer(body=body, content=content, request=request, response=kept)


def _refused(
    response: httpx.Response, body: Any, request: Mapping[str, Any], kept: Mapping[str, Any], *, writing: bool
) -> NationalError:
    status = response.status_code
    found = errors.problems(body)
    not_done = status in (401, 429) or (status >= 500 and not writing)
    sentence = {
        401: "The national service does not accept our token.",
        403: "The national service does not let us do this: it belongs to another authority, or was transferred.",
        406: "The national service no longer speaks the version of its interface we use. Tell an administrator.",
        429: "The national service is busy.",
    }.get(status, f"The national service is out of order (it answered {status}).")
    if 400 <= status < 500 and status not in (401, 403, 406, 429):
        sentence = errors.sentences(found) or f"The national service refused it (it answered {status})."
    return NationalError(
        sentence,
        status=status,
        keys=[problem.key for problem in found],
        retryable=not_done,
        unknown=status >= 500 and writing,
        retry_after=_retry_after(response),
        request=request,
        response=kept,
    )


def _no_answer(fault: Exception, request: Mapping[str, Any], *, writing: bool) -> NationalError:
    """Never reached: try again. Sent and not answered: for what changes something, nobody knows."""
    never_reached = isinstance(fault, httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout)
    kind = "did not answer in time" if isinstance(fault, httpx.TimeoutException) else "could not be reached"
    return NationalError(
        f"The national service {kind}.",
        retryable=never_reached or not writing,
        unknown=writing and not never_reached,
        request=request,
    )


def _json(content: bytes) -> Any:
    """Parsed JSON in which nothing is that the database cannot keep; None when it is none, or nested beyond reading."""
    try:
        return clean(json.loads(content, parse_float=_number, parse_constant=str))
    except (ValueError, RecursionError):
        return None


def _number(text: str) -> float | str:
    """A number, or its text where it is too big to be one."""
    number = float(text)
    return number if math.isfinite(number) else text


def clean(value: Any, levels: int = _MOST_LEVELS) -> Any:
    """`value` with a question mark for each character that cannot be kept, and for what lies deeper than `levels`."""
    if isinstance(value, str):
        return _ODD.sub("?", value)
    if isinstance(value, list | dict) and not levels:
        return "?"
    if isinstance(value, list):
        return [clean(item, levels - 1) for item in value]
    if isinstance(value, dict):
        return {clean(key): clean(item, levels - 1) for key, item in value.items()}
    return value


def _telling(headers: httpx.Headers) -> dict[str, str]:
    wanted = ("content-type", "content-length", "date", "retry-after", "x-request-id", "x-amzn-requestid")
    return {name: headers[name] for name in wanted if name in headers}


def _retry_after(response: httpx.Response) -> timedelta | None:
    text = response.headers.get("retry-after", "").strip()
    return timedelta(seconds=min(int(text), 86_400)) if text.isascii() and text.isdecimal() else None
