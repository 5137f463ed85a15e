"""What comes from outside is bounded in time, size and number, and leads nowhere it should not."""

import socketserver
import threading
import time
from collections.abc import Iterator
from datetime import datetime

import httpx
import pytest

from moothall.connectors.dft_blue_badge import client, fetching, intake, transport
from moothall.connectors.dft_blue_badge.errors import NationalError
from moothall.connectors.dft_blue_badge.settings import NationalService
from moothall.domain.cases.models import Case, Note
from moothall.domain.documents.models import Document
from moothall.sandbox.testing import Running


class Dripping(socketserver.StreamRequestHandler):
    """Answers a byte every tenth of a second for ten seconds: no single wait is long."""

    def handle(self) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n")
        try:
            for _ in range(100):
                self.wfile.write(b" ")
                self.wfile.flush()
                time.sleep(0.1)
        except OSError:
            return


class DrippingHeaders(Dripping):
    """The same, and not even the headers come to an end."""

    def handle(self) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Padding: ")
        try:
            for _ in range(100):
                self.wfile.write(b"x")
                self.wfile.flush()
                time.sleep(0.1)
        except OSError:
            return


@pytest.fixture(params=[Dripping, DrippingHeaders])
def dripping(request: pytest.FixtureRequest) -> Iterator[str]:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), request.param) as server:
        server.daemon_threads, server.block_on_close = True, False
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def one(base_url: str) -> transport.Transport:
    who = transport.Credentials(client_id="someone", client_secret="secret")
    return transport.Transport(base_url, who, timeout_seconds=0.2)


def test_a_server_that_drips_a_document_or_a_token_holds_nobody_for_long(dripping: str) -> None:
    began = time.monotonic()

    with pytest.raises(NationalError, match="did not answer in time"):
        one(dripping).download(f"{dripping}/photo.png", most_bytes=1000)
    with pytest.raises(NationalError, match="did not answer in time"):
        one(dripping)._send("GET", "/badges", "token", query=None, body=None, accept=transport.ACCEPT_JSON)
    with pytest.raises(NationalError, match="did not answer in time"):
        one(dripping)._ask_for_token()

    assert time.monotonic() - began < 6


@pytest.mark.django_db
@pytest.mark.usefixtures("service")
def test_the_request_kept_in_the_queue_has_the_address_it_went_to(national: NationalService) -> None:
    answer = client.current()._transport.read("/reference-data/BADGE")

    assert answer.request["url"] == f"{national.base_url}/reference-data/BADGE"


@pytest.mark.django_db
@pytest.mark.usefixtures("national")
def test_an_answer_larger_than_its_bound_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "MOST_JSON_BYTES", 10)
    monkeypatch.setattr(transport, "MOST_EXPORT_BYTES", 10)

    for ask in (lambda: client.current().application_page(1), lambda: client.current().export()):
        with pytest.raises(NationalError, match="answer is larger than"):
            ask()


@pytest.mark.usefixtures("service")
def test_of_very_many_documents_the_first_are_fetched_and_a_note_says_so(
    sandbox: Running, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    sandbox.load_applications(1, la="ABERD", documents=True)
    monkeypatch.setattr(fetching, "MOST_DOCUMENTS", 1)

    intake.poll(at=now)

    assert (Case.objects.count(), Document.objects.count()) == (1, 1)
    assert "has 2 documents, of which the first 1 are fetched" in Note.objects.get(important=True).text


def answering(content: bytes) -> transport.Answer:
    return transport._read(httpx.Response(200), content, {}, writing=False, binary=False)


def test_a_number_the_database_cannot_keep_is_text_and_the_rest_of_the_list_is_read() -> None:
    rows = answering(b'{"data": [{"fee": 1e400}, {"fee": NaN}, {"fee": -Infinity}, {"fee": 1.5}]}').data

    assert rows == [{"fee": "1e400"}, {"fee": "NaN"}, {"fee": "-Infinity"}, {"fee": 1.5}]


def test_half_a_character_sent_as_it_is_becomes_a_question_mark() -> None:
    assert answering(b'{"data": ["\xed\xa0\x80"]}').data == ["?"]


def test_a_row_nested_too_deep_is_cut_short_and_the_rest_of_the_list_is_read() -> None:
    deep = b"[" * 400 + b"]" * 400

    rows = answering(b'{"data": [' + deep + b', {"fee": 1}]}').data

    assert rows[1] == {"fee": 1}
    assert len(repr(rows[0])) < 200


def test_an_answer_nested_beyond_reading_is_one_that_could_not_be_read() -> None:
    with pytest.raises(NationalError, match="could not be read"):
        answering(b"[" * 100_000 + b"]" * 100_000)
