"""The national Blue Badge service, a method per endpoint an authority may use."""

import re
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from moothall.connectors.dft_blue_badge import errors
from moothall.connectors.dft_blue_badge.errors import NationalError
from moothall.connectors.dft_blue_badge.settings import NationalService
from moothall.connectors.dft_blue_badge.transport import ACCEPT_ZIP, Answer, Credentials, Transport
from moothall.core.council.settings import read

PAGE_SIZE = 200  # the largest the service gives
MOST_PAGES = 10_000
MOST_DOCUMENT_BYTES = 11 * 2**20  # the service takes files up to 10 MB

Row = dict[str, Any]
Kept = Mapping[str, Any]
_ONE_NAME = re.compile(r"[\w-]+")


class NotConnected(NationalError):
    """The council has not set where the service is and who we are to it."""

    def __init__(self) -> None:
        super().__init__("The connection to the national Blue Badge service is not set up. Enter it in the settings.")


@dataclass(frozen=True, kw_only=True)
class Page:
    """A page of a list. `total` is how many rows the whole list had when the page was read; None if not said."""

    rows: list[Row]
    total: int | None
    pages: int | None


class Client:
    """One authority's client. Methods raise NationalError with a sentence; threads may share it."""

    def __init__(self, transport: Transport, *, la: str) -> None:
        self._transport = transport
        self.la = la

    def close(self) -> None:
        """Close its connections."""
        self._transport.close()

    def application_page(self, number: int, *, submitted_from: str = "") -> Page:
        """Summaries of our applications, newest first; `submitted_from` is a date-time (RFC 3339), inclusive."""
        query = {"pageNum": str(number), "pageSize": str(PAGE_SIZE)}
        if submitted_from:
            query["from"] = submitted_from
        return _page(self._transport.read("/applications", query=query))

    def application(self, application_id: str) -> Row:
        """A whole application. Its links to documents work for 30 minutes."""
        answer = self._transport.read(_application(application_id))
        if not isinstance(answer.data, dict):
            raise _unreadable(answer)
        return answer.data

    def set_application_status(self, application_id: str, status: str) -> Answer:
        """Mark an application TODO, INPROGRESS or COMPLETED."""
        return self._transport.write("PUT", _application(application_id), {"applicationStatus": status})

    def document(self, link: str) -> bytes:
        """The file behind a link in an application."""
        return self._transport.download(link, most_bytes=MOST_DOCUMENT_BYTES)

    def find_badges(self, *, name: str = "", postcode: str = "") -> Iterator[Row]:
        """Summaries of badges of every authority by name (a part of it) or by postcode: one of the two."""
        wanted = {"name": name} if name else {"postCode": postcode}
        for number in range(1, MOST_PAGES):
            query = {**wanted, "pageNum": str(number), "pageSize": str(PAGE_SIZE)}
            page = _page(self._transport.read("/badges", query=query))
            yield from page.rows
            if len(page.rows) < PAGE_SIZE or (page.pages is not None and number >= page.pages):
                return

    def badge(self, number: str) -> Row | None:
        """A badge of any authority; None when there is none with this number."""
        try:
            answer = self._transport.read(_badge(number))
        except NationalError as error:
            if errors.NO_BADGE in error.keys:
                return None
            raise
        if not isinstance(answer.data, dict):
            raise _unreadable(answer)
        return answer.data

    def order(self, order: Mapping[str, Any]) -> tuple[list[str], Answer]:
        """Order badges; the new numbers, and the answer. Raises NationalError."""
        answer = self._transport.write("POST", "/badges", order)
        numbers = answer.data
        if not isinstance(numbers, list) or not numbers or not all(isinstance(number, str) for number in numbers):
            raise _unreadable(answer, unknown=True)
        return numbers, answer

    def cancel(self, number: str, request: Mapping[str, Any]) -> Answer:
        """Cancel a badge of ours."""
        return self._transport.write("POST", f"{_badge(number)}/cancellations", request)

    def replace(self, number: str, request: Mapping[str, Any]) -> tuple[str, Answer]:
        """Order a replacement of a badge of ours; the new number, and the answer."""
        answer = self._transport.write("POST", f"{_badge(number)}/replacements", request)
        if not isinstance(answer.data, str) or not answer.data:
            raise _unreadable(answer, unknown=True)
        return answer.data, answer

    def ordering(self) -> Kept:
        """The call `order` makes, as it is kept before it is made."""
        return self._transport.outline("POST", "/badges")

    def cancelling(self, number: str) -> Kept:
        """The call `cancel` makes."""
        return self._transport.outline("POST", f"{_badge(number)}/cancellations")

    def replacing(self, number: str) -> Kept:
        """The call `replace` makes."""
        return self._transport.outline("POST", f"{_badge(number)}/replacements")

    def setting_application_status(self, application_id: str) -> Kept:
        """The call `set_application_status` makes."""
        return self._transport.outline("PUT", _application(application_id))

    def export(self) -> bytes:
        """A zip with one CSV of every badge of ours."""
        return self._transport.read("/badges", query={"laShortCode": self.la}, accept=ACCEPT_ZIP).content

    def reference_data(self, domain: str) -> list[Row]:
        """The code lists of a domain (BADGE, APP)."""
        answer = self._transport.read(f"/reference-data/{quote(domain, safe='')}")
        if not isinstance(answer.data, list):
            raise _unreadable(answer)
        return [row for row in answer.data if isinstance(row, dict)]


_clients: dict[tuple[str, str, str, str, tuple[float, float]], Client] = {}
_making = threading.Lock()


def current() -> Client:
    """The client for the council's settings, kept for as long as they stand. Raises NotConnected."""
    settings = read(NationalService)
    if not settings.connected:
        raise NotConnected
    secret = settings.client_secret.get_secret_value()
    waits = (settings.timeout_seconds, settings.pause_seconds)
    key = (settings.base_url.rstrip("/"), settings.client_id, secret, settings.la, waits)
    with _making:
        if key not in _clients:
            credentials = Credentials(client_id=settings.client_id, client_secret=secret)
            transport = Transport(key[0], credentials, timeout_seconds=waits[0], pause_seconds=waits[1])
            _clients[key] = Client(transport, la=settings.la)
        return _clients[key]


def forget() -> None:
    """Close every connection kept, with its token."""
    with _making:
        for kept in _clients.values():
            kept.close()
        _clients.clear()


def _application(application_id: str) -> str:
    return f"/applications/{_one(application_id)}"


def _badge(number: str) -> str:
    return f"/badges/{_one(number.strip())}"


def _one(name: str) -> str:
    """One part of a path, surely: no name with a slash or dots finds another place. Raises NationalError."""
    if not _ONE_NAME.fullmatch(name):
        raise NationalError(f"“{name[:60]}” is no number or id of the national service: check it.")
    return quote(name, safe="")


def _page(answer: Answer) -> Page:
    if not isinstance(answer.data, list):
        raise _unreadable(answer)
    info = answer.body.get("pagingInfo")
    said = info if isinstance(info, dict) else {}
    return Page(
        rows=[row for row in answer.data if isinstance(row, dict)],
        total=said.get("total") if isinstance(said.get("total"), int) else None,
        pages=said.get("pages") if isinstance(said.get("pages"), int) else None,
    )


def _unreadable(answer: Answer, *, unknown: bool = False) -> NationalError:
    return NationalError(
        "The national service's answer could not be read.",
        status=200,
        retryable=not unknown,
        unknown=unknown,
        request=answer.request,
        response=answer.response,
    )
