"""Where a document may be fetched from: a link comes from outside, and must not lead into our own network."""

import socket
from ipaddress import ip_address
from urllib.parse import urlsplit


def problem(link: str, *, base_url: str) -> str:
    """Why the link is not followed, as a sentence; empty when it may be.

    Links are https to a public address. Only where the service itself is on this machine may links lead to it.
    """
    parts, base = urlsplit(link), urlsplit(base_url)
    local = base.scheme == "http" and _on_this_machine(base.hostname or "")
    if not parts.hostname or not (parts.scheme == "https" or (local and parts.scheme == "http")):
        return "The link to a document is no web address that can be trusted (https)."
    if local and _on_this_machine(parts.hostname):
        return ""
    try:
        found = socket.getaddrinfo(parts.hostname, parts.port or 443, type=socket.SOCK_STREAM)
    except OSError:
        return "The address in the link to a document could not be found."
    if not all(ip_address(str(address[0]).partition("%")[0]).is_global for *_, address in found):
        return "The link to a document leads into a private network, so it is not followed."
    return ""


def _on_this_machine(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
