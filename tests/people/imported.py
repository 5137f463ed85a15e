"""Files of made-up customers, and what it takes to import them."""

import io
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl

from moothall.core.accounts.models import User
from moothall.domain.people.importing import running
from moothall.domain.people.models import Import, ImportRow

HEADINGS = [
    "Title",
    "Forename",
    "Surname",
    "DOB",
    "NI number",
    "Email",
    "Line 1",
    "Town",
    "Postcode",
    "Social care number",
]
ANN = [
    "Ms",
    "Ann",
    "Applicant",
    "27/3/1958",
    "AB123456C",
    "ann@example.org",
    "1 High Street",
    "Exampleton",
    "EX1 2AB",
    "SC1",
]
BOB = ["", "Bob", "O'Bright", "1980-02-29", "", "", "2 High Street", "Exampleton", "ex12ab", "SC2"]


def csv_of(*rows: Sequence[str], headings: Sequence[str] = HEADINGS, sign: str = ",", encoding: str = "utf-8") -> bytes:
    return "".join(f"{sign.join(row)}\r\n" for row in (headings, *rows)).encode(encoding)


def workbook_of(*rows: Sequence[Any], headings: Sequence[Any] = HEADINGS) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (headings, *rows):
        sheet.append(list(row))
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def given(folder: Path, content: bytes, *, by: User, at: datetime, name: str = "people.csv") -> Import:
    path = folder / name
    path.write_bytes(content)
    return running.begin(str(path), name=name, by=by, at=at)[0]


def tried(one: Import, *, by: User, at: datetime, columns: dict[str, str] | None = None, **options: Any) -> Import:
    """Set up with what is proposed, and every row tried."""
    said = {**one.options, **options}
    running.set_up(one, columns=columns or one.columns, options=said, by=by, at=at, later=False)
    return running.work(one)


def brought_in(
    folder: Path, content: bytes, *, by: User, at: datetime, name: str = "people.csv", **options: Any
) -> Import:
    one = tried(given(folder, content, by=by, at=at, name=name), by=by, at=at, **options)
    running.start(one, by=by, at=at, later=False)
    return running.work(one)


def outcomes(one: Import) -> list[tuple[int, str, str, str]]:
    rows = ImportRow.objects.filter(importing=one).order_by("number")
    return list(rows.values_list("number", "outcome", "field", "says"))
