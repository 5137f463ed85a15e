"""Whichever way a file comes in, it is shown to the virus scanner, and while that takes its time no transaction is open."""

import json
import socketserver
import struct
import threading
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.utils import timezone
from tests.api.world import sign_in as api_client
from tests.desk.conftest import OpenCase
from tests.desk.pages import Page
from tests.documents.conftest import pdf, picture
from tests.documents.scanner import FOUND, INFECTED, SILENT, fail, sizes

from moothall.core.accounts.actions import system_user
from moothall.core.accounts.models import User
from moothall.core.audit.models import Entry
from moothall.core.council import settings as council_settings
from moothall.domain.cases.actions import add_document
from moothall.domain.cases.models import Case
from moothall.domain.documents.models import Document
from moothall.domain.opinions import asking, links
from moothall.domain.opinions.rules import Opinions
from moothall.sandbox.clamd import EICAR
from moothall.sandbox.testing import Running

THERAPIST = asking.Asked(name="Tara Therapist", email="tara@therapy.example.org")
Give = Callable[..., Any]


@pytest.fixture(autouse=True)
def own_files(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def case(make_case: OpenCase) -> Case:
    return make_case()


@pytest.fixture
def doors(at_desk: Client, client: Client, case: Case, officer: User, noon: datetime) -> dict[str, Give]:
    """Each way a file comes in: `doors["API"]("form.pdf", content)` gives the answer."""
    council_settings.write(Opinions(url="https://cases.example.org", codes=False), by=system_user(), at=noon)
    question = asking.Question(text="How does the applicant walk?", days=30)
    opinion = asking.ask(case, THERAPIST, question, by=officer, at=timezone.now())
    opinion.refresh_from_db()
    desk, api = f"/desk/cases/{case.reference}/documents/", api_client(officer)

    def post(browser: Client, address: str, field: str, **more: str) -> Give:
        return lambda name, content: browser.post(address, {**more, field: SimpleUploadedFile(name, content)})

    return {
        "desk": post(at_desk, desk, "uploads"),
        "desk, one by one": post(at_desk, f"{desk}upload/", "uploads"),
        "new case": post(at_desk, f"/desk/create/cases/{case.reference}/documents/", "uploads"),
        "opinion": post(client, f"/opinion/{links.token(opinion.seed)}/", "uploads", answer="Slowly."),
        "API": lambda name, content: api.upload(f"/cases/{case.reference}/documents", file=(name, content)),
    }


def said(answer: Any) -> str:
    if answer["Content-Type"].startswith("text/html"):
        return Page.of(answer).text("main")
    return json.dumps(answer.json())


DOORS = ["desk", "desk, one by one", "new case", "opinion", "API"]


@pytest.mark.django_db
@pytest.mark.parametrize("door", DOORS)
def test_an_infected_file_is_refused_with_a_sentence_and_recorded_and_nothing_is_kept(
    door: str, doors: dict[str, Give], scanner: Running, case: Case
) -> None:
    answer = doors[door]("form.pdf", INFECTED)

    assert answer.status_code == 422
    assert FOUND in said(answer)
    assert not Document.objects.exists()
    entry = Entry.objects.get(action="document.infected")
    about = case.opinions.get() if door == "opinion" else case
    assert (entry.subject_id, entry.detail["found"]) == (about.pk, "Eicar-Test-Signature")


@pytest.mark.django_db
@pytest.mark.parametrize("door", DOORS)
def test_while_the_scanner_does_not_answer_no_file_is_taken_and_later_it_is(
    door: str, doors: dict[str, Give], scanner: Running
) -> None:
    fail(scanner, "refuse", 1)

    refused = doors[door]("form.pdf", pdf())
    assert refused.status_code == (503 if door == "API" else 422)
    assert SILENT in said(refused)
    assert not Document.objects.exists()

    assert doors[door]("form.pdf", pdf()).status_code in (201, 302)
    assert Document.objects.get().name == "form.pdf"
    assert len(sizes(scanner)) == 1


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["cases/{}/documents/", "create/cases/{}/documents/"])
def test_of_several_files_the_infected_one_is_named_and_the_others_are_kept(
    address: str, at_desk: Client, scanner: Running, case: Case
) -> None:
    files = [
        SimpleUploadedFile("photo.png", picture("PNG")),
        SimpleUploadedFile("form.pdf", INFECTED),
        SimpleUploadedFile("letter.pdf", pdf()),
    ]
    answer = at_desk.post(f"/desk/{address.format(case.reference)}", {"uploads": files})

    assert f"form.pdf: {FOUND}" in said(answer)
    assert set(Document.objects.values_list("name", flat=True)) == {"photo.png", "letter.pdf"}


@pytest.fixture
def earlier(case: Case, make_case: OpenCase, settings: Any) -> Case:
    """Another case of the customer, with a picture something is in that came before a scanner was set."""
    earlier, scanner = make_case(last_name="Earlier"), settings.SCANNER
    Case.objects.filter(pk=earlier.pk).update(customer=case.customer_id)
    given = {"name": "photo.jpg", "content": picture() + EICAR, "origin": "officer"}
    settings.SCANNER = ""
    add_document(earlier, by=system_user(), at=timezone.now(), **given)
    settings.SCANNER = scanner
    return earlier


@pytest.mark.django_db
@pytest.mark.parametrize("door", ["desk", "API"])
def test_a_file_that_came_before_the_scanner_is_shown_to_it_before_another_case_takes_it_over(
    door: str, scanner: Running, case: Case, earlier: Case, at_desk: Client, officer: User
) -> None:
    document = Document.objects.get()
    where = f"cases/{case.reference}/earlier/{earlier.reference}"
    if door == "desk":
        answer = at_desk.post(f"/desk/{where}/", {"paper": document.pk})
    else:
        answer = api_client(officer).post(f"/{where}", {"documents": [document.pk]})

    assert answer.status_code == (409 if door == "desk" else 422)
    assert FOUND in said(answer)
    assert Document.objects.count() == 1
    assert Entry.objects.get(action="document.infected").subject_id == case.pk


class Watching(socketserver.ThreadingTCPServer):
    """A scanner that finds nothing, and counts the transactions that wait while it looks."""

    daemon_threads = allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Watch)
        self.waiting: list[int] = []


class _Watch(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        assert isinstance(self.server, Watching)
        self.rfile.read(len(b"zINSTREAM\0"))
        while size := struct.unpack("!I", self.rfile.read(4))[0]:
            self.rfile.read(size)
        apart = connection.copy()
        with apart.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity"
                " WHERE datname = current_database() AND state LIKE 'idle in transaction%'"
            )
            self.server.waiting.append(int(cursor.fetchone()[0]))
        apart.close()
        self.wfile.write(b"stream: OK\0")


@pytest.fixture
def watching(settings: Any) -> Iterator[Watching]:
    with Watching() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        settings.SCANNER = f"127.0.0.1:{server.server_address[1]}"
        yield server
        server.shutdown()
        thread.join()


@pytest.mark.django_db(transaction=True)
def test_no_transaction_waits_for_the_scanner(doors: dict[str, Give], watching: Watching) -> None:
    for door, give in doors.items():
        assert give(f"{door}.png", picture("PNG")).status_code in (201, 302), door

    assert watching.waiting == [0] * len(DOORS)


@pytest.mark.django_db(transaction=True)
def test_no_transaction_waits_while_the_scanner_looks_at_what_another_case_takes_over(
    watching: Watching, case: Case, earlier: Case, officer: User
) -> None:
    where = f"/cases/{case.reference}/earlier/{earlier.reference}"
    answer = api_client(officer).post(where, {"documents": [Document.objects.get().pk]})

    assert answer.json() == {"answers": 0, "documents": 1}
    assert watching.waiting == [0]
