"""Documents of applications are shown to the virus scanner before they come to a case."""

import base64
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from tests.api.world import sign_in
from tests.conftest import WORKING, MakeUser
from tests.desk.conftest import (
    SignInAs,
    sign_in_as,  # noqa: F401 - fixture
)
from tests.desk.pages import Page
from tests.dft_blue_badge.conftest import Post
from tests.documents.scanner import FOUND, INFECTED, fail, sizes
from tests.sandbox.bodies import application

from moothall.connectors.dft_blue_badge import client, fetching, intake, papers
from moothall.connectors.dft_blue_badge.errors import NationalError
from moothall.core.accounts.actions import system_user
from moothall.core.accounts.models import User
from moothall.core.audit.models import Entry
from moothall.domain.cases import submissions
from moothall.domain.cases.models import Case, Note, TimelineEntry
from moothall.domain.catalogue.models import Service
from moothall.domain.documents.models import Document
from moothall.domain.exchange import dealing
from moothall.domain.exchange.models import DealtWith
from moothall.sandbox.dft.samples import photo_png
from moothall.sandbox.testing import Running

pytestmark = pytest.mark.django_db
Give = Callable[[bytes], str]


@pytest.fixture(autouse=True)
def scanned(sandbox: Running, service: Service, settings: Any) -> None:
    settings.SCANNER, settings.SCANNER_TIMEOUT_SECONDS = sandbox.scanner, 20.0


@pytest.fixture
def give(sandbox: Running, apply: Post) -> Give:
    """`give(content)`: an application with a sound photograph and this as a proof; returns its national id."""

    def link(name: str, content: bytes) -> str:
        given = {"name": name, "media_type": "image/png", "content": base64.b64encode(content).decode()}
        made: str = sandbox.control("POST", "/documents", given)["link"]
        return made

    def make(content: bytes) -> str:
        photo = {"type": "PHOTO", "link": link("photo.png", photo_png(1))}
        proof = {"type": "PROOF_ID", "link": link("proof.png", content)}
        return apply(application() | {"artifacts": [photo, proof]})

    return make


def comes_whole(sandbox: Running, now: datetime) -> None:
    """Now that the scanner answers again, the application comes in with both documents."""
    fail(sandbox, "")
    assert intake.poll(at=now).taken == 1
    assert Document.objects.count() == 2


def unchecked(sandbox: Running, now: datetime, settings: Any) -> tuple[TimelineEntry, TimelineEntry]:
    """The application comes in while the scanner says nothing of its documents: the lines for photograph and proof."""
    settings.SCANNER_TRIES = 1
    fail(sandbox, "error")
    intake.poll(at=now)
    fail(sandbox, "")
    photo, proof = dealing.missing_files(TimelineEntry.objects.all()).order_by("pk")
    return photo, proof


def test_an_infected_document_is_left_out_and_told_and_the_case_comes_in(give: Give, now: datetime) -> None:
    give(INFECTED)

    assert intake.poll(at=now).taken == 1
    case = Case.objects.get()
    assert Document.objects.get(case_link__case=case).tags == ["photograph"]
    assert FOUND in Note.objects.get(case=case, important=True).text
    (line,) = dealing.missing_files(TimelineEntry.objects.filter(case=case))
    assert FOUND in line.text
    entry = Entry.objects.get(action="document.infected")
    assert (entry.subject_type, entry.subject_id) == ("case", case.pk)
    assert entry.detail == {"found": "Eicar-Test-Signature"}


@pytest.mark.parametrize("fault", ["refuse", "malformed", "error"])
def test_while_the_scanner_does_not_answer_applications_wait_and_come_in_once_it_does(
    give: Give, sandbox: Running, now: datetime, fault: str
) -> None:
    give(photo_png(2))
    fail(sandbox, fault)

    polled = intake.poll(at=now)
    assert (polled.taken, polled.left) == (0, 1)
    assert "could not be checked for viruses" in submissions.failed().get().problem
    assert not Document.objects.exists()

    comes_whole(sandbox, now)
    assert not dealing.missing_files(TimelineEntry.objects.all()).exists()


def test_a_document_the_scanner_never_says_anything_about_is_left_out_after_some_tries_and_can_be_asked_for_again(
    give: Give, sandbox: Running, now: datetime, settings: Any
) -> None:
    settings.SCANNER_TRIES = 3
    give(photo_png(2))
    fail(sandbox, "error")

    for _ in range(2):
        assert intake.poll(at=now).left == 1
    assert "after 3 tries it comes in without" in submissions.failed().get().problem
    assert intake.poll(at=now).taken == 1
    case = Case.objects.get()
    lines = list(dealing.missing_files(TimelineEntry.objects.filter(case=case)).order_by("pk"))
    assert [line.detail["type"] for line in lines] == ["PHOTO", "PROOF_ID"]
    assert all("could not be checked" in line.text for line in lines)
    with pytest.raises(NationalError, match="could not be checked"):
        papers.fetch_again(lines[0], by=system_user(), at=now)

    fail(sandbox, "")
    for _ in range(2):
        papers.put_again(lines[0], papers.fetch_again(lines[0], by=system_user(), at=now), by=system_user(), at=now)
    assert Document.objects.get(case_link__case=case).tags == ["photograph"]
    left = dealing.open_ones(dealing.missing_files(TimelineEntry.objects.all()), DealtWith.Kind.FILE)
    assert left.get() == lines[1]


def test_an_officer_sees_what_could_not_be_checked_among_the_documents_and_tries_again(
    give: Give,
    sandbox: Running,
    now: datetime,
    settings: Any,
    sign_in_as: SignInAs,  # noqa: F811
    officer: User,
    viewer: User,
) -> None:
    settings.SCANNER_TRIES = 1
    give(photo_png(2))
    fail(sandbox, "error")
    intake.poll(at=now)
    reference = Case.objects.get().reference
    address, desk = f"/desk/cases/{reference}/documents/", sign_in_as(officer)

    page = Page.of(desk.get(address))
    assert "so it could not be checked" in page.text("main")
    retry = next(one["action"] for one in page.all("form") if "/missing/" in one["action"])
    assert "is still not here" in Page.of(desk.post(retry, follow=True)).text("main")
    assert sign_in_as(viewer).post(retry).status_code == 403
    fail(sandbox, "")
    desk = sign_in_as(officer)
    assert "is here now." in Page.of(desk.post(retry, follow=True)).text("main")
    assert Document.objects.count() == 1
    assert retry not in desk.get(address).content.decode()
    assert "dealt with already" in Page.of(desk.post(retry, follow=True)).text("main")
    assert Document.objects.count() == 1
    assert desk.post(f"{address}missing/{10**9}/").status_code == 404


def test_who_is_confined_to_some_documents_neither_sees_nor_fetches_the_others(
    give: Give,
    sandbox: Running,
    now: datetime,
    settings: Any,
    sign_in_as: SignInAs,  # noqa: F811
    make_user: MakeUser,
) -> None:
    give(photo_png(2))
    photo, proof = unchecked(sandbox, now, settings)
    expert = make_user("Asa Expert", "experts", permissions=WORKING, document_tags=["photograph"])
    address, desk = f"/desk/cases/{Case.objects.get().reference}/documents/", sign_in_as(expert)

    page = Page.of(desk.get(address))
    retries = [one["action"] for one in page.all("form") if "/missing/" in one["action"]]
    assert retries == [f"{address}missing/{photo.pk}/"]
    assert proof.text not in page.text("main")
    assert desk.post(f"{address}missing/{proof.pk}/").status_code == 404
    assert not Document.objects.exists()
    assert "is here now." in Page.of(desk.post(*retries, follow=True)).text("main")


@pytest.mark.parametrize("door", ["desk", "API"])
def test_something_found_in_a_document_asked_for_again_is_recorded_and_it_is_not_asked_for_once_more(
    door: str,
    give: Give,
    sandbox: Running,
    now: datetime,
    settings: Any,
    sign_in_as: SignInAs,  # noqa: F811
    officer: User,
) -> None:
    give(INFECTED)
    _photo, proof = unchecked(sandbox, now, settings)
    case = Case.objects.get()
    desk, machine = sign_in_as(officer), sign_in(officer)
    address, papers_of = f"/desk/cases/{case.reference}/documents/", f"/cases/{case.reference}/missing-documents"

    if door == "desk":
        assert FOUND in Page.of(desk.post(f"{address}missing/{proof.pk}/", follow=True)).text("main")
    else:
        refused = machine.post(f"{papers_of}/{proof.pk}/fetch", {})
        assert (refused.status_code, FOUND in refused.json()["detail"]) == (422, True)

    entry = Entry.objects.get(action="document.infected")
    assert (entry.by, entry.subject_id, entry.detail) == (officer, case.pk, {"found": "Eicar-Test-Signature"})
    assert not Document.objects.exists()
    page = Page.of(desk.get(address))
    assert FOUND in page.text("main")
    assert f"{address}missing/{proof.pk}/" not in {form["action"] for form in page.all("form") if "action" in form}
    told = {row["name"]: row["may_come"] for row in machine.get(papers_of).json()}
    assert told == {"photo.png": True, "proof.png": False}
    assert machine.post(f"{papers_of}/{proof.pk}/fetch", {}).status_code == 409


def test_through_the_api_a_document_is_asked_for_again_once_by_who_may(
    give: Give, sandbox: Running, now: datetime, settings: Any, officer: User, viewer: User, make_user: MakeUser
) -> None:
    give(photo_png(2))
    photo, proof = unchecked(sandbox, now, settings)
    papers_of = f"/cases/{Case.objects.get().reference}/missing-documents"
    expert = make_user("Asa Expert", "experts", permissions=[*WORKING, "application.api"], document_tags=["photograph"])
    machine, confined = sign_in(officer), sign_in(expert)

    assert sign_in(viewer).post(f"{papers_of}/{photo.pk}/fetch", {}).status_code == 403
    assert [row["id"] for row in confined.get(papers_of).json()] == [photo.pk]
    assert confined.post(f"{papers_of}/{proof.pk}/fetch", {}).status_code == 404
    come = machine.post(f"{papers_of}/{proof.pk}/fetch", {})
    assert (come.status_code, come.json()["tags"]) == (201, ["proof_of_identity"])
    assert machine.post(f"{papers_of}/{proof.pk}/fetch", {}).status_code == 409
    assert [row["id"] for row in machine.get(papers_of).json()] == [photo.pk]
    assert Document.objects.count() == 1


def test_while_the_scanner_is_down_no_try_is_counted(
    give: Give, sandbox: Running, now: datetime, settings: Any
) -> None:
    settings.SCANNER_TRIES = 2
    give(photo_png(2))
    fail(sandbox, "refuse")
    for _ in range(3):
        assert intake.poll(at=now).left == 1
    comes_whole(sandbox, now)


def test_a_document_larger_than_the_scanner_takes_holds_nothing_up(give: Give, sandbox: Running, now: datetime) -> None:
    give(photo_png(2))
    fail(sandbox, "size-limit")

    assert intake.poll(at=now).taken == 1
    assert not Document.objects.exists()
    assert dealing.missing_files(TimelineEntry.objects.all()).count() == 2


def test_a_sound_document_is_shown_to_the_scanner_once(give: Give, sandbox: Running, now: datetime) -> None:
    give(INFECTED)
    intake.poll(at=now)

    assert sorted(sizes(sandbox)) == sorted([len(photo_png(1)), len(INFECTED)])


def test_what_is_fetched_in_threads_asks_the_database_nothing_for_the_scanner(
    give: Give, national: Any, django_assert_num_queries: Any
) -> None:
    national_id = give(photo_png(2))
    current = client.current()
    with django_assert_num_queries(0):
        assert all(file.content for file in fetching.fetch(current, national_id).files)
