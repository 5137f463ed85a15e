"""GOV.UK Pay, a method per endpoint that is used. Every call has a deadline; only what reads may be tried again."""

import json
import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx

from moothall.connectors import network
from moothall.connectors.govuk_pay import KEY, errors
from moothall.connectors.govuk_pay.errors import PayError, PaymentNotFound
from moothall.connectors.govuk_pay.settings import WHOLE_ANSWER, GovukPay
from moothall.core.council.settings import read
from moothall.domain.exchange import leaving, watching

MOST_BYTES = 8 * 2**20
PAGE_SIZE = 500
MOST_PAGES = 200
_CONNECT_SECONDS = 5.0
_ID = re.compile(r"[A-Za-z0-9]{1,40}")

Row = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What came back: a JSON object, and both sides as they are kept."""

    body: Row
    request: Mapping[str, Any]
    response: Mapping[str, Any]


class NotConnected(PayError):
    """The council has not set its key."""

    def __init__(self) -> None:
        super().__init__("GOV.UK Pay is not set up: enter the council's key in the settings.")


class Client:
    """One account's client. Methods raise PayError with a sentence; threads may share it."""

    def __init__(self, base_url: str, api_key: str, *, timeout_seconds: float) -> None:
        self._base_url = base_url.rstrip("/")
        self._headers = {"Authorization": f"Bearer {api_key}", "Accept": "application/json"}
        wait = httpx.Timeout(timeout_seconds, connect=min(_CONNECT_SECONDS, timeout_seconds))
        self._http = httpx.Client(timeout=wait, transport=network.Wire(network.named), follow_redirects=False)
        self._most_seconds = timeout_seconds * WHOLE_ANSWER

    def close(self) -> None:
        """Close its connections."""
        self._http.close()

    def create(self, payment: Mapping[str, Any]) -> Answer:
        """Begin a payment. After no answer nobody knows whether there is one: search by its reference."""
        return self._call("POST", "/v1/payments", payment)

    def payment(self, payment_id: str) -> Row:
        """A payment as it is now. Raises PaymentNotFound."""
        return self._call("GET", _payment(payment_id)).body

    def cancel(self, payment_id: str) -> None:
        """Cancel a payment that was not made."""
        self._call("POST", f"{_payment(payment_id)}/cancel")

    def refund(self, payment_id: str, *, pence: int, available: int) -> Answer:
        """Give money back, if `available` is what is left of the payment."""
        body = {"amount": pence, "refund_amount_available": available}
        return self._call("POST", f"{_payment(payment_id)}/refunds", body)

    def refunding(self, payment_id: str) -> Mapping[str, Any]:
        """The call `refund` makes, as it is kept before it is made."""
        url = f"{self._base_url}{_payment(payment_id)}/refunds"
        return {"method": "POST", "url": url, "headers": {"Authorization": "Bearer …"}}

    def refunds(self, payment_id: str) -> list[Row]:
        """Every refund of a payment."""
        return _rows(self._call("GET", f"{_payment(payment_id)}/refunds").body.get("_embedded"), "refunds")

    def search(self, **wanted: str) -> list[Row]:
        """Payments by reference, state and dates, all pages. A search may be some minutes behind."""
        return self._pages("/v1/payments", wanted)

    def search_refunds(self, **wanted: str) -> list[Row]:
        """Refunds by dates, all pages."""
        return self._pages("/v1/refunds", wanted)

    def _pages(self, path: str, wanted: Mapping[str, str]) -> list[Row]:
        found: list[Row] = []
        for number in range(1, MOST_PAGES + 1):
            query = {**wanted, "page": str(number), "display_size": str(PAGE_SIZE)}
            body = self._call("GET", path, query=query).body
            found += _rows(body, "results")
            if not isinstance(body.get("_links"), dict) or not body["_links"].get("next_page"):
                return found
        raise PayError("GOV.UK Pay has more payments than can be read at once: choose fewer days.")

    def _call(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, *, query: Mapping[str, str] | None = None
    ) -> Answer:
        try:
            answer = self._send(method, path, body, query)
        except PayError as error:
            ours = 400 <= error.status < 500 and error.status not in (401, 403, 429)
            watching.called(KEY, problem="" if ours else str(error))
            raise
        watching.called(KEY)
        return answer

    def _send(self, method: str, path: str, body: Mapping[str, Any] | None, query: Mapping[str, str] | None) -> Answer:
        writing, url = method != "GET", self._base_url + path
        request = {"method": method, "url": url, "body": dict(body) if body is not None else None}
        if writing:
            leaving.leaves()
        try:
            with (
                network.within(self._most_seconds),
                self._http.stream(method, url, params=query, json=body, headers=self._headers) as response,
            ):
                content = _content(response)
        except _TooLarge as fault:
            raise PayError("The answer of GOV.UK Pay is too large.", unknown=writing, request=request) from fault
        except httpx.HTTPError as fault:
            raise _no_answer(fault, request, writing=writing) from fault
        return _read(response, content, request, writing=writing)


_clients: dict[tuple[str, str, float], Client] = {}
_making = threading.Lock()


def current() -> Client:
    """The client for the council's settings, kept for as long as they stand. Raises NotConnected."""
    settings = read(GovukPay)
    if not settings.connected:
        raise NotConnected
    key = (settings.base_url, settings.api_key.get_secret_value(), settings.timeout_seconds)
    with _making:
        if key not in _clients:
            _clients[key] = Client(key[0], key[1], timeout_seconds=key[2])
        return _clients[key]


def forget() -> None:
    """Close every connection kept."""
    with _making:
        for kept in _clients.values():
            kept.close()
        _clients.clear()


class _TooLarge(Exception):
    """A body is larger than is read."""


def _content(response: httpx.Response) -> bytes:
    content = bytearray()
    for part in response.iter_bytes():
        content += part
        if len(content) > MOST_BYTES:
            raise _TooLarge
    return bytes(content)


def _read(response: httpx.Response, content: bytes, request: Mapping[str, Any], *, writing: bool) -> Answer:
    status = response.status_code
    try:
        body = json.loads(content) if content else {}
    except (ValueError, RecursionError):
        body = None
    kept = {"status": status, "body": _without_link(body)}
    if response.is_success and isinstance(body, dict):
        return Answer(body=body, request=request, response=kept)
    if response.is_success:
        sentence = "The answer of GOV.UK Pay could not be read."
        raise PayError(sentence, status=status, unknown=writing, retryable=not writing, request=request, response=kept)
    said = body if isinstance(body, dict) else {}
    code, description = str(said.get("code") or ""), str(said.get("description") or "")
    kind = PaymentNotFound if status == 404 else PayError
    raise kind(
        errors.sentence(code, description, status),
        status=status,
        code=code,
        retryable=status == 429 or (status >= 500 and not writing),
        unknown=status >= 500 and writing,
        retry_after=_retry_after(response),
        request=request,
        response=kept,
    )


def _no_answer(fault: httpx.HTTPError, request: Mapping[str, Any], *, writing: bool) -> PayError:
    """Never reached: try again. Sent and not answered: for what changes something, nobody knows."""
    never = isinstance(fault, httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout)
    how = "did not answer in time" if isinstance(fault, httpx.TimeoutException) else "could not be reached"
    return PayError(
        f"GOV.UK Pay {how}.", retryable=never or not writing, unknown=writing and not never, request=request
    )


def _without_link(body: Any) -> Any:
    """An answer as it may be kept: the link to the card page is a secret of the payer's, and so is their card."""
    if not isinstance(body, dict):
        return body
    return {name: value for name, value in body.items() if name not in ("_links", "card_details", "email")}


def _rows(body: Any, name: str) -> list[Row]:
    listed = body.get(name) if isinstance(body, dict) else None
    if not isinstance(listed, list):
        raise PayError("The answer of GOV.UK Pay could not be read.", status=200, retryable=True)
    return [row for row in listed if isinstance(row, dict)]


def _payment(payment_id: str) -> str:
    """The path of a payment, surely: no id with a slash or dots finds another place."""
    if not _ID.fullmatch(payment_id):
        raise PayError("This is no id of a payment at GOV.UK Pay.")
    return f"/v1/payments/{payment_id}"


def _retry_after(response: httpx.Response) -> timedelta | None:
    text = response.headers.get("retry-after", "").strip()
    return timedelta(seconds=min(int(text), 7200)) if text.isascii() and text.isdecimal() else None
