"""Customers from a file at the desk: given, its columns said, tried, started, read row by row, undone."""

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob
from tests.conftest import MakeUser
from tests.desk.conftest import SignInAs
from tests.desk.pages import Page
from tests.people.imported import ANN, BOB, HEADINGS, csv_of, workbook_of

from moothall.core.accounts import tokens
from moothall.core.accounts.permissions import Permission
from moothall.domain.people import tasks
from moothall.domain.people.importing import files
from moothall.domain.people.models import Customer, Import, ImportColumns, ImportRow

pytestmark = pytest.mark.django_db
IMPORTS = "/desk/imports/"


@pytest.fixture
def importer(make_user: MakeUser, sign_in_as: SignInAs, settings: Any, tmp_path: Path) -> Client:
    """Somebody who imports customers, and sees none."""
    settings.MEDIA_ROOT = tmp_path
    return sign_in_as(
        make_user("Ida Importer", "importers", permissions=[Permission.SIGN_IN, Permission.IMPORT_PEOPLE])
    )


def give(importer: Client, content: bytes, name: str = "people.csv") -> Any:
    return importer.post(IMPORTS, {"upload": SimpleUploadedFile(name, content)})


def proposed(page: Page, **changes: str) -> dict[str, str]:
    """The form of the columns as it comes, with these changes."""
    one = Import.objects.latest("pk")
    values = {f"column_{place}": one.columns.get(heading, "") for place, heading in enumerate(one.headings)}
    return {**values, "dates": "dmy", "known": "fill", "likely": "hold", "keep_as": "", **changes}


def test_a_file_is_given_its_columns_said_tried_started_and_undone(
    importer: Client, tmp_path: Path, django_capture_on_commit_callbacks: Any
) -> None:
    assert "No imports yet" in Page.of(importer.get(IMPORTS)).text("main")
    answer = give(importer, csv_of(ANN, BOB, [*ANN[:2], "", *ANN[3:]], sign=";", encoding="cp1252"))
    one = Import.objects.get()
    shown = f"{IMPORTS}{one.pk}/"
    assert answer["Location"] == f"{shown}columns/"
    page = Page.of(importer.get(f"{shown}columns/"))
    assert "people.csv: CSV, UTF-8, values separated by semicolons." in page.text("main")
    assert "Ann, Bob" in page.text("main")

    wrong = importer.post(f"{shown}columns/", proposed(page, column_2="nino"))
    assert wrong.status_code == 422
    assert "Two columns are chosen as “National Insurance number”" in Page.of(wrong).text("main")
    with django_capture_on_commit_callbacks(execute=True):
        assert importer.post(f"{shown}columns/", proposed(page, keep_as="Old records"))["Location"] == shown
    assert ImportColumns.objects.get().columns["Surname"] == "last_name"
    job = ProcrastinateJob.objects.get()
    assert job.args == {"import_id": one.pk}
    assert "0 rows are read" in Page.of(importer.get(shown)).text("main")
    with django_capture_on_commit_callbacks(execute=True):
        tasks.import_customers(import_id=one.pk)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []

    tried = Page.of(importer.get(shown)).text("main")
    assert "Tried, not started" in tried
    assert "Nothing is recorded yet" in tried
    assert "Surname : There is no last name." in tried
    assert not Customer.objects.exists()
    importer.post(f"{shown}start/")
    tasks.import_customers(import_id=one.pk)
    tasks.import_customers(import_id=one.pk)  # a worker that died takes a job up again
    assert Customer.objects.count() == 2
    done = Page.of(importer.get(f"{shown}?outcome=new", headers={"HX-Request": "true"})).text("div", id="import")
    assert "Done" in done
    assert "New 2" in done
    report = b"".join(importer.get(f"{shown}rows/?outcome=refused").streaming_content)  # type: ignore[attr-defined]
    assert report.splitlines()[1].startswith(b"4,refused,Surname,There is no last name.")
    assert "could not be cancelled" in Page.of(importer.post(f"{shown}cancel/", follow=True)).text("main")
    importer.post(f"{shown}undo/")
    tasks.import_customers(import_id=one.pk)
    assert not Customer.objects.exists()

    give(importer, csv_of(ANN, headings=HEADINGS))
    assert "Begin with columns kept earlier Old records" in Page.of(
        importer.get(f"{IMPORTS}{Import.objects.latest('pk').pk}/columns/")
    ).text("main")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"\x89PNG\r\n\x1a\n\x00\x00", "holds NUL bytes"),
        (b"Name,name\nAnn,Bob\n", "Two columns have the heading “name”"),
        (b"Surname,DOB\n", "has headings and no rows"),
        (b'Surname,DOB\n"Ann,1\n', "cannot be read"),
        ("Surname\nAnn\n".encode("utf-16"), "UTF-16"),
        (b"Surname,Other\nAnn," + b"x" * 6000, "more than 5,000 signs"),
        (b"Surname" + b"," * 300 + b"x\nAnn", "more than 200 columns"),
        (b"PK\x03\x04 and no more", "damaged"),
        (b"\xd0\xcf\x11\xe0old", "old Excel"),
        (b"\x81\x8d\x8f\x90,x\ny,z", "neither CSV"),
    ],
)
def test_a_hostile_or_mistaken_file_is_refused_in_a_sentence_and_leaves_nothing(
    importer: Client, tmp_path: Path, content: bytes, says: str
) -> None:
    answer = give(importer, content)

    assert answer.status_code == 422
    assert says in Page.of(answer).text("main")
    assert not Import.objects.exists()
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_many_rows_are_paged_and_a_silent_import_can_go_on(importer: Client, noon: datetime) -> None:
    give(importer, csv_of(ANN))
    one = Import.objects.get()
    Import.objects.update(state="importing", rows_read=120, counts={"new": 120}, told_at=noon)
    ImportRow.objects.bulk_create(
        ImportRow(importing=one, number=number, cells=[], outcome="new", says=f"Row {number}.")
        for number in range(2, 122)
    )

    page = Page.of(importer.get(f"{IMPORTS}{one.pk}/?outcome=new&page=3")).text("main")
    assert "Row 121." in page
    assert "Row 100." not in page
    assert "Nothing has happened for some minutes" in page
    importer.post(f"{IMPORTS}{one.pk}/resume/")
    assert ProcrastinateJob.objects.get().args == {"import_id": one.pk}


def test_workbooks_with_formulas_or_that_unpack_to_too_much_are_refused(
    importer: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    formula = give(importer, workbook_of(["", "=1+1", *ANN[2:]]), "people.xlsx")
    assert "Row 2 holds a formula" in Page.of(formula).text("main")
    mistaken = give(importer, workbook_of(["", "#N/A", *ANN[2:]]), "people.xlsx")
    assert "an error of the spreadsheet" in Page.of(mistaken).text("main")
    monkeypatch.setattr(files, "MOST_UNPACKED", 1_000)
    bomb = give(importer, workbook_of(ANN), "people.xlsx")
    assert "too large when it is unpacked" in Page.of(bomb).text("main")
    assert not Import.objects.exists()


def test_the_same_is_read_and_started_by_the_api(importer: Client, make_user: MakeUser, noon: datetime) -> None:
    give(importer, csv_of(ANN))
    one = Import.objects.get()
    Import.objects.update(state="checked", rows_read=1, counts={"new": 1})
    ImportRow.objects.create(importing=one, number=2, cells=ANN, outcome="new")
    user = make_user("Api Importer", "api", permissions=[Permission.API, Permission.IMPORT_PEOPLE])
    token = tokens.issue(user, name="test", days=1, by=user, at=timezone.now())[1]
    api = {"headers": {"Authorization": f"Bearer {token}"}}

    assert importer.get(f"/api/v1/imports/{one.pk}", **api).json()["counts"] == {"new": 1}
    [row] = importer.get(f"/api/v1/imports/{one.pk}/rows", **api).json()["items"]
    assert row == {"number": 2, "outcome": "new", "field": "", "says": "", "changed": [], "customer": None}
    assert importer.get("/api/v1/followers", **api).status_code == 403
