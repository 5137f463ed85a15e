"""Calls to the Secure Card Portal: signed, with a deadline, and one shape of error."""

import secrets
import threading
from datetime import datetime

import httpx

from moothall.connectors import network
from moothall.connectors.pay360_scp import KEY, messages
from moothall.connectors.pay360_scp.messages import Said, Signer, Unreadable
from moothall.connectors.pay360_scp.settings import Pay360
from moothall.core.council.settings import read
from moothall.domain.exchange import watching
from moothall.domain.payments.providers import ProviderError

MOST_BYTES = 2**20
WHOLE_ANSWER = 2
_CONNECT_SECONDS = 5.0


class PortalError(ProviderError):
    """A call to the portal failed. The message says why."""

    def __init__(self, sentence: str, *, retryable: bool = False, unknown: bool = False) -> None:
        super().__init__(sentence)
        self.retryable = retryable
        self.unknown = unknown


class Client:
    """One council's client; threads may share it."""

    def __init__(self, url: str, signer: Signer, *, timeout_seconds: float) -> None:
        self._url = url
        self._signer = signer
        wait = httpx.Timeout(timeout_seconds, connect=min(_CONNECT_SECONDS, timeout_seconds))
        self._http = httpx.Client(timeout=wait, transport=network.Wire(network.named), follow_redirects=False)
        self._most_seconds = timeout_seconds * WHOLE_ANSWER

    def close(self) -> None:
        """Close its connections."""
        self._http.close()

    def invoke(self, *, reference: str, pence: int, purpose: str, return_url: str, fund: str, at: datetime) -> Said:
        """Begin a payment. After no answer nobody knows of it, the payer least of all. Raises PortalError."""
        given = {"reference": reference, "pence": pence, "purpose": purpose, "return_url": return_url, "fund": fund}
        return self._read(self._call(messages.invoke(self._signer, **given, at=at), writing=True), writing=True)  # type: ignore[arg-type]

    def query(self, scp_reference: str, *, at: datetime) -> Said:
        """How a payment stands. Raises PortalError."""
        message = messages.query(self._signer, scp_reference, reference=_unique(), at=at)
        return self._read(self._call(message, writing=False), writing=False)

    def version(self, *, at: datetime) -> None:
        """Whether we are known. Raises PortalError."""
        content = self._call(messages.version(self._signer, reference=_unique(), at=at), writing=False)
        try:
            messages.is_version(content)
        except Unreadable as fault:
            raise self._noted(PortalError(f"Pay360 refused it: {fault}")) from fault

    def _read(self, content: bytes, *, writing: bool) -> Said:
        try:
            return messages.read(content)
        except Unreadable as fault:
            raise self._noted(PortalError(f"Pay360's answer could not be used: {fault}", unknown=writing)) from fault

    def _call(self, message: bytes, *, writing: bool) -> bytes:
        headers = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": '""'}
        content = bytearray()
        try:
            with (
                network.within(self._most_seconds),
                self._http.stream("POST", self._url, content=message, headers=headers) as response,
            ):
                for part in response.iter_bytes():
                    content += part
                    if len(content) > MOST_BYTES:
                        raise self._noted(PortalError("Pay360's answer is too large.", unknown=writing))
        except httpx.HTTPError as fault:
            never = isinstance(fault, httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout)
            how = "did not answer in time" if isinstance(fault, httpx.TimeoutException) else "could not be reached"
            error = PortalError(f"Pay360 {how}.", retryable=never or not writing, unknown=writing and not never)
            raise self._noted(error) from fault
        status = response.status_code
        if status == 429:
            raise self._noted(PortalError("Pay360 is busy.", retryable=True))
        if not response.is_success and not content.lstrip().startswith(b"<"):
            sentence = f"Pay360 is out of order (it answered {status})."
            raise self._noted(PortalError(sentence, retryable=not writing, unknown=writing and status >= 500))
        watching.called(KEY)
        return bytes(content)

    @staticmethod
    def _noted(error: PortalError) -> PortalError:
        watching.called(KEY, problem=str(error))
        return error


_clients: dict[tuple[object, ...], Client] = {}
_making = threading.Lock()


def current() -> Client:
    """The client for the council's settings, kept for as long as they stand. Raises PortalError."""
    settings = read(Pay360)
    if not settings.connected:
        raise PortalError("Pay360 is not set up: enter what was handed over in the settings.")
    secret = settings.hmac_secret.get_secret_value()
    signer = Signer(scp_id=settings.scp_id, site_id=settings.site_id, key_id=settings.hmac_key_id, secret=secret)
    key = (settings.base_url, signer, settings.timeout_seconds)
    with _making:
        if key not in _clients:
            try:
                signer.digest(reference="1", stamp="20260101000000")
            except ValueError as fault:
                raise PortalError("The secret for Pay360 is no base64: enter it as it was handed over.") from fault
            _clients[key] = Client(settings.base_url, signer, timeout_seconds=settings.timeout_seconds)
        return _clients[key]


def forget() -> None:
    """Close every connection kept."""
    with _making:
        for kept in _clients.values():
            kept.close()
        _clients.clear()


def _unique() -> str:
    return secrets.token_hex(6).upper()
