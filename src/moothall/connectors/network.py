"""Connections of every connector: every wait within one deadline, and no way into our network.

A deadline holds for all a request waits for: connecting, sending, each byte of the headers and of the body. Where
an address comes from outside, its host is looked up once; its addresses are checked, and the connection goes to an address that was
checked, so that a name that changes its mind leads nowhere else. The host's name still names the certificate.
"""

import socket
import ssl
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Any

import httpcore
import httpx

_GLOBAL_UNICAST = IPv6Network("2000::/3")  # all that IANA has given out of it (RFC 4291, section 2.4)
_NAT64 = IPv6Network("64:ff9b::/96")  # an IPv4 address in its last 32 bits (RFC 6052)
MOST_CONNECTIONS, KEPT_CONNECTIONS, KEPT_SECONDS = 16, 8, 30
SocketOptions = Iterable[Any]
Addresses = Callable[[str, int], Sequence[str]]
"""The addresses of a host and port that may be connected to. Raises Exception with a sentence when none may."""

_until: ContextVar[float | None] = ContextVar("until", default=None)


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Whatever is sent and read inside must be over in so many seconds: then it ends in a time-out of httpx."""
    token = _until.set(time.monotonic() + seconds)
    try:
        yield
    finally:
        _until.reset(token)


def named(host: str, port: int) -> Sequence[str]:  # noqa: ARG001 - every look-up is given the same
    """Any address the name has, as the system resolves it."""
    return (host,)


class Wire(httpx.HTTPTransport):
    """A connection pool whose connections go to the addresses given and keep the deadline."""

    def __init__(self, addresses: Addresses) -> None:
        super().__init__()
        self._pool = httpcore.ConnectionPool(
            ssl_context=httpx.create_ssl_context(),
            max_connections=MOST_CONNECTIONS,
            max_keepalive_connections=KEPT_CONNECTIONS,
            keepalive_expiry=KEPT_SECONDS,
            network_backend=_Backend(addresses),
        )


class _Backend(httpcore.SyncBackend):
    def __init__(self, addresses: Addresses) -> None:
        self._addresses = addresses

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: SocketOptions | None = None,
    ) -> httpcore.NetworkStream:
        refused: httpcore.ConnectError | httpcore.ConnectTimeout | None = None
        for address in self._addresses(host, port):
            try:
                wait = _left(timeout, httpcore.ConnectTimeout)
                return _Stream(super().connect_tcp(address, port, wait, local_address, socket_options))
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as fault:
                refused = fault
        raise refused or httpcore.ConnectError(f"{host} has no address.")


class _Stream(httpcore.NetworkStream):
    """A connection on which no wait goes past the deadline of the request that uses it."""

    def __init__(self, inner: httpcore.NetworkStream) -> None:
        self._inner = inner

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, _left(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, _left(timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        wait = _left(timeout, httpcore.ConnectTimeout)
        return _Stream(self._inner.start_tls(ssl_context, server_hostname, wait))

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


def _left(timeout: float | None, too_late: type[httpcore.TimeoutException]) -> float | None:
    """How long one wait may take. Raises `too_late` when the deadline has passed."""
    until = _until.get()
    if until is None:
        return timeout
    left = until - time.monotonic()
    if left <= 0:
        raise too_late("The whole answer did not come in time.")
    return left if timeout is None else min(timeout, left)


def look_up(host: str, port: int) -> Sequence[str]:
    """Every address of a host, each once. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


def is_public(address: str) -> bool:
    """Whether an address is the internet's, and none of a private network or of this machine."""
    return _is_public(ip_address(address.partition("%")[0]))


def _is_public(address: IPv4Address | IPv6Address) -> bool:
    """Whether an address is the internet's; one that wraps an IPv4 address is what it wraps."""
    if isinstance(address, IPv4Address):
        return address.is_global and not address.is_multicast
    wrapped = address.ipv4_mapped or address.sixtofour
    if address in _NAT64:
        wrapped = IPv4Address(int(address) & 0xFFFFFFFF)
    return _is_public(wrapped) if wrapped else address.is_global and address in _GLOBAL_UNICAST
