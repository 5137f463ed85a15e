"""Where a document may be fetched from: a link comes from outside, and must not lead into our own network."""

from collections.abc import Sequence
from ipaddress import ip_address
from urllib.parse import urlsplit

from moothall.connectors import network
from moothall.connectors.network import Addresses


class NotFollowed(Exception):
    """A link leads where no document of an application lies. Its sentence may be shown to an officer."""


def check(link: str, *, base_url: str) -> None:
    """Refuse a link that is not https. Only where the service itself is on this machine it may be http to this machine.

    Raises NotFollowed, ValueError when the link is no web address at all.
    """
    parts, local = urlsplit(link), _is_local(base_url)
    here = local and parts.scheme == "http" and _on_this_machine(parts.hostname or "")
    if not parts.hostname or not (parts.scheme == "https" or here):
        raise NotFollowed("The link to a document is no web address that can be trusted (https).")


def addresses(base_url: str) -> Addresses:
    """Looks up where a document's host is: public addresses only, or this machine where the service itself is on it."""
    local = _is_local(base_url)

    def checked(host: str, port: int) -> Sequence[str]:
        if local and _on_this_machine(host):
            return [found for found in _look_up(host, port) if _on_this_machine(found)]
        found = _look_up(host, port)
        if not all(network.is_public(address) for address in found):
            raise NotFollowed("The link to a document leads into a private network, so it is not followed.")
        return found

    return checked


def _look_up(host: str, port: int) -> Sequence[str]:
    try:
        return network.look_up(host, port)
    except (OSError, UnicodeError) as fault:
        raise NotFollowed("The address in the link to a document could not be found.") from fault


def _is_local(base_url: str) -> bool:
    base = urlsplit(base_url)
    return base.scheme == "http" and _on_this_machine(base.hostname or "")


def _on_this_machine(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
