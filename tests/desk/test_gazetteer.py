"""Supplies of the gazetteer at the desk: given as files, followed, and their faults read."""

from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from procrastinate.contrib.django.models import ProcrastinateJob
from tests.conftest import MakeUser
from tests.desk.conftest import SignInAs
from tests.desk.pages import Page
from tests.places.conftest import custodian  # noqa: F401
from tests.places.supplied import address, descriptor, house, street, supply_of

from moothall.core.accounts.permissions import Permission
from moothall.domain.places import tasks
from moothall.domain.places.gazetteer import supplies
from moothall.domain.places.models import Property, Reject, Supply

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("custodian")]
GAZETTEER = "/desk/gazetteer/"
ROWS = [
    street(1),
    descriptor(2),
    house(3, 990000000101),
    address(4, 990000000101, "9999L000000001"),
    address(5, 990000000101, "=9999L00000002", usrn=99900077),
]


@pytest.fixture
def keeper(make_user: MakeUser, sign_in_as: SignInAs, settings: Any, tmp_path: Path) -> Client:
    """Somebody who keeps the gazetteer, and sees no case."""
    settings.MEDIA_ROOT = tmp_path
    return sign_in_as(
        make_user("Gus Gazetteer", "keepers", permissions=[Permission.SIGN_IN, Permission.IMPORT_GAZETTEER])
    )


def give(keeper: Client, content: bytes) -> Any:
    return keeper.post(GAZETTEER, {"volumes": SimpleUploadedFile("full.csv", content)})


def test_a_supply_is_given_followed_and_read_line_by_line(keeper: Client) -> None:
    assert "No gazetteer yet" in Page.of(keeper.get(GAZETTEER)).text("main")

    answer = give(keeper, supply_of(ROWS))

    supply = Supply.objects.get()
    shown = f"{GAZETTEER}{supply.pk}/"
    assert answer["Location"] == shown
    assert ProcrastinateJob.objects.get().args == {"supply_id": supply.pk}
    assert "0 % is read" in Page.of(keeper.get(shown)).text("main")
    assert "A supply is coming in" in Page.of(keeper.get(GAZETTEER)).text("main")
    tasks.import_supply(supply_id=supply.pk)
    tasks.import_supply(supply_id=supply.pk)  # a worker that died takes a job up again
    page = Page.of(keeper.get(shown, headers={"HX-Request": "true"})).text("div", id="supply")
    assert "Applied" in page
    assert "There is no such street (2400016)." in page
    report = b"".join(keeper.get(f"{shown}rejects/").streaming_content)  # type: ignore[attr-defined]
    assert b"full.csv,6,24,'=9999L00000002,USRN,street_missing,yes," in report
    assert Property.objects.get().uprn == 990000000101
    cancelled = keeper.post(f"{shown}cancel/", follow=True)
    assert "it could not be cancelled" in Page.of(cancelled).text("main")


def test_a_supply_that_is_wrong_is_said_beside_its_field_and_leaves_nothing(keeper: Client, tmp_path: Path) -> None:
    answer = give(keeper, supply_of(ROWS, custodian=1234))

    assert answer.status_code == 422
    assert "full.csv, line 1: the custodian is 1234, and yours is 9999." in Page.of(answer).text("main")
    assert not Supply.objects.exists()
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_files_given_are_not_left_whatever_happens(
    keeper: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(supplies, "begin_later", broken)
    with pytest.raises(ZeroDivisionError):
        give(keeper, supply_of(ROWS))

    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_what_is_wrong_further_in_refuses_it_and_says_so_on_its_page(keeper: Client) -> None:
    give(keeper, supply_of(ROWS, count=99))
    supply = Supply.objects.get()

    tasks.import_supply(supply_id=supply.pk)

    page = Page.of(keeper.get(f"{GAZETTEER}{supply.pk}/")).text("main")
    assert "It was refused, and nothing was changed full.csv, line 8: RECORD_COUNT says 99" in page
    assert not Property.objects.exists()


def test_a_silent_supply_can_go_on_and_any_can_be_cancelled(
    keeper: Client, django_capture_on_commit_callbacks: Any
) -> None:
    give(keeper, supply_of(ROWS))
    supply = Supply.objects.get()
    Supply.objects.update(told_at="2026-01-01T12:00:00Z")

    assert "Nothing has happened for some minutes" in Page.of(keeper.get(f"{GAZETTEER}{supply.pk}/")).text("main")
    assert keeper.post(f"{GAZETTEER}{supply.pk}/resume/").status_code == 302
    assert ProcrastinateJob.objects.count() == 2
    with django_capture_on_commit_callbacks(execute=True):
        keeper.post(f"{GAZETTEER}{supply.pk}/cancel/")
    tasks.import_supply(supply_id=supply.pk)

    assert Supply.objects.get().state == "cancelled"
    assert not default_storage.exists(supply.files[0]["path"])
    assert not Property.objects.exists()


def of_places(asked: CaptureQueriesContext) -> int:
    """Statements about the gazetteer; the council's settings are read again when some seconds have passed."""
    return sum("places_" in str(one["sql"]) for one in asked)


def test_the_page_of_a_supply_asks_the_same_however_many_lines_are_wrong(keeper: Client) -> None:
    give(keeper, supply_of(ROWS))
    supply = Supply.objects.get()
    tasks.import_supply(supply_id=supply.pk)
    with CaptureQueriesContext(connection) as few:
        keeper.get(f"{GAZETTEER}{supply.pk}/")
    one = Reject.objects.get()
    for line in range(10, 80):
        one.pk, one.line = None, line
        one.save()

    with CaptureQueriesContext(connection) as many:
        page = Page.of(keeper.get(f"{GAZETTEER}{supply.pk}/"))

    assert of_places(many) == of_places(few) > 0
    assert "Next" in page.text("main")
