"""One call to a system that look-ups ask: to a configured address, within a time, and with an answer of a bounded size."""

import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

import httpx

from moothall.connectors import network
from moothall.connectors.form_lookups.settings import FormLookups
from moothall.connectors.network import Addresses
from moothall.core.council.settings import read
from moothall.domain.forms import rest
from moothall.domain.forms.rest import NotUsable, RestLookUp


class LookUpError(Exception):
    """A system did not answer as it should. Its message may be shown to administrators; nobody's answers stand in it."""


class Silent(LookUpError):
    """It did not answer at all, or only with a fault of its own: it is of no use to ask at once again."""


def base(system: str) -> str:
    """Where a system is. Raises LookUpError with a sentence."""
    settings = read(FormLookups)
    address = settings.addresses.get(system)
    if address is None:
        raise LookUpError(f"Nobody has said where “{system}” is: set form_lookups.systems.")
    parts = urlsplit(address)
    internal = (parts.hostname or "") in _internal(settings)
    if (parts.scheme != "https" and not (parts.scheme == "http" and internal)) or not parts.hostname:
        raise LookUpError(f"The address of “{system}” must begin with https://.")
    if parts.query or parts.fragment or parts.username:
        raise LookUpError(f"The address of “{system}” is a host and a path alone: keys go into form_lookups.secrets.")
    return address


def ask(lookup: RestLookUp, given: dict[str, Any]) -> Any:
    """What a form gets of the answer. Raises LookUpError."""
    try:
        path, query = rest.address(lookup, given)
        sent = rest.body(lookup, given) if lookup.method == "POST" else None
    except NotUsable:
        return rest.none(lookup)  # nothing is there by such a name
    status, content = fetch(lookup.service, path, method=lookup.method, query=query, body=sent)
    if status in lookup.nothing:
        return rest.none(lookup)
    if not 200 <= status < 300:
        kind = Silent if status == 429 or status >= 500 else LookUpError
        raise kind(f"“{lookup.service}” answered {status}.")
    try:
        return rest.read(lookup, json.loads(content))
    except (ValueError, RecursionError) as fault:
        said = str(fault) if isinstance(fault, NotUsable) else "It is no JSON."
        raise LookUpError(f"The answer of “{lookup.service}” cannot be read. {said}") from fault


def fetch(
    system: str, path: str, *, method: str = "GET", query: dict[str, str], body: dict[str, str] | None = None
) -> tuple[int, bytes]:
    """The status and the content of one call. Raises LookUpError."""
    settings, address = read(FormLookups), base(system)
    headers = {
        "Accept": "application/json",
        "Accept-Encoding": "identity",
        "User-Agent": "Moothall",
        **settings.header(system),
    }
    most = settings.most_kilobytes * 1024
    try:
        with (
            httpx.Client(transport=network.Wire(_addresses(system, settings)), follow_redirects=False) as http,
            network.within(settings.timeout_seconds),
            http.stream(method, f"{address}{path}", params=query, json=body, headers=headers) as answer,
        ):
            if answer.headers.get("content-encoding", "identity") != "identity":
                raise LookUpError(f"“{system}” answers packed, though it was asked not to.")
            content = b""
            for part in answer.iter_raw():
                content += part
                if len(content) > most:
                    raise LookUpError(f"The answer of “{system}” is longer than form_lookups.most_kilobytes allows.")
            return answer.status_code, content
    except httpx.TimeoutException as fault:
        raise Silent(f"“{system}” did not answer in {settings.timeout_seconds:g} seconds.") from fault
    except (httpx.HTTPError, httpx.InvalidURL) as fault:
        raise Silent(f"“{system}” could not be reached, or broke the connection off.") from fault


def _internal(settings: FormLookups) -> frozenset[str]:
    return frozenset(host.casefold() for host in settings.internal_hosts)


def _addresses(system: str, settings: FormLookups) -> Addresses:
    """Looks up a host: public addresses only, unless the council says it is its own."""

    def checked(host: str, port: int) -> Sequence[str]:
        try:
            found = network.look_up(host, port)
        except (OSError, UnicodeError) as fault:
            raise LookUpError(f"The host of “{system}” could not be found.") from fault
        if host.casefold() not in _internal(settings) and not all(map(network.is_public, found)):
            raise LookUpError(
                f"The address of “{system}” leads into a private network: add its host to form_lookups.internal_hosts."
            )
        return found

    return checked
