"""Files of customers: CSV and Excel workbooks, looked at once when they are given and then read row by row.

Nothing of a file is believed: it is opened in the memory of a few rows, whatever it says its size is.
"""

import codecs
import csv
import hashlib
import io
import re
import warnings
import zipfile
from collections import Counter
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import date, datetime, time
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

import openpyxl
from django.core.files.storage import default_storage

from moothall.domain.people.importing.refusal import ImportRefused
from moothall.domain.people.names import fold
from moothall.kit import text

MOST_COLUMNS = 200
MOST_ROWS = 2_000_000
LONGEST_CELL = 5_000
MOST_UNPACKED = 2 * 2**30  # bytes of all parts of a workbook
MOST_STRINGS = 128 * 2**20  # bytes of the part that has to be in memory
SAMPLED = 25  # rows that are looked at to propose what the columns are
_PIECE = 2**20
_LOOKED_AT = 2**16
_DELIMITERS = ",;\t|"
NAMES = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "vertical bars"}
_SECRET = re.compile("PASSWOR|PASSWD|PASSPHRASE|PASSCODE|^PWD|PWD$|^SALT$|SECRETANSWER|SECURITYANSWER|MEMORABLE")
Row = tuple[int, list[str]]


@dataclass(frozen=True)
class Shape:
    """How a file is read."""

    kind: str  # csv or xlsx
    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""
    sheets: int = 1

    @property
    def words(self) -> str:
        """What was guessed, for whoever gave the file."""
        if self.kind == "xlsx":
            more = f", the first of {self.sheets} sheets" if self.sheets > 1 else ""
            return f"Excel workbook, sheet “{self.sheet}”{more}"
        encoding = "Windows-1252" if self.encoding == "cp1252" else "UTF-8"
        return f"CSV, {encoding}, values separated by {NAMES[self.delimiter]}"

    def kept(self) -> dict[str, Any]:
        """For the database."""
        return asdict(self)


@dataclass(frozen=True)
class Looked:
    """What a first look at a file says."""

    shape: Shape
    digest: str
    headings: list[str]
    sample: list[Row]


def look(path: str, *, stored: bool) -> Looked:
    """How a file is to be read, its headings and first rows. Raises ImportRefused."""
    with _opened(path, stored=stored) as file:
        digest, workbook = hashlib.sha256(), file.read(4)
        file.seek(0)
        if workbook.startswith(b"\xd0\xcf\x11\xe0"):
            raise ImportRefused("This is a workbook of an old Excel, or one with a password. Save it as .xlsx or CSV.")
        is_workbook = workbook == b"PK\x03\x04"
        encoding = "" if is_workbook else _encoding(file)
        file.seek(0)
        while piece := file.read(_PIECE):
            digest.update(piece)
        file.seek(0)
        shape = _workbook_shape(file) if is_workbook else Shape("csv", encoding, _delimiter(file, encoding))
        file.seek(0)
        with closing(_read(file, shape)) as found:
            first = next(found, None)
            if first is None:
                raise ImportRefused("The file has no rows.")
            headings = _headings(first[1])
            sample = list(islice(_without_secrets(found, first[1]), SAMPLED))
    if not sample:
        raise ImportRefused("The file has headings and no rows below them.")
    return Looked(shape, digest.hexdigest(), headings, sample)


def rows(path: str, shape: Shape, *, stored: bool) -> Iterator[Row]:
    """The rows below the headings that have anything in them, each with its number. Raises ImportRefused."""
    with _opened(path, stored=stored) as file, closing(_read(file, shape)) as found:
        _, headings = next(found, (0, []))
        for many, row in enumerate(_without_secrets(found, headings)):
            if many == MOST_ROWS:
                raise ImportRefused(f"The file has more than {MOST_ROWS:,} rows. Divide it.")
            yield row


def _without_secrets(found: Iterator[Row], headings: list[str]) -> Iterator[Row]:
    """The rows without passwords and what stands for one: they are not even looked at."""
    secret = [place for place, heading in enumerate(headings) if _SECRET.search(fold(heading))]
    for number, cells in found:
        for place in secret:
            if place < len(cells):
                cells[place] = ""
        yield number, cells


@contextmanager
def _opened(path: str, *, stored: bool) -> Iterator[BinaryIO]:
    try:
        file: Any = default_storage.open(path) if stored else Path(path).open("rb")  # noqa: SIM115 - closed below
    except OSError as fault:
        raise ImportRefused("The file is not there any more. Give it again.") from fault
    with file:
        yield file


def _encoding(file: BinaryIO) -> str:
    """UTF-8 if all of it is, else what Windows writes. Raises ImportRefused for what is no text."""
    start = file.read(4)
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise ImportRefused("The file is UTF-16 text. Save it as “CSV UTF-8”.")
    file.seek(0)
    possible = {name: codecs.getincrementaldecoder(name)() for name in ("utf-8-sig", "cp1252")}
    while possible:
        piece = file.read(_PIECE)
        if b"\0" in piece:
            raise ImportRefused("The file holds NUL bytes, so it is no CSV file. Save it as “CSV UTF-8” or .xlsx.")
        for name, decoder in list(possible.items()):
            try:
                decoder.decode(piece, final=not piece)
            except UnicodeDecodeError:
                del possible[name]
        if not piece:
            break
    if not possible:
        raise ImportRefused("The file is neither CSV in UTF-8 or Windows-1252 nor an Excel workbook (.xlsx).")
    return next(iter(possible))


def _delimiter(file: BinaryIO, encoding: str) -> str:
    """The sign between values: that which divides the first rows most alike, into the most columns."""
    sample = file.read(_LOOKED_AT).decode(encoding, "ignore")
    file.seek(0)

    def alike(sign: str) -> tuple[int, int]:
        try:
            widths = [len(row) for row in csv.reader(io.StringIO(sample, newline=""), delimiter=sign) if row][:SAMPLED]
        except csv.Error:
            return (0, 0)
        width, times = Counter(widths).most_common(1)[0] if widths else (0, 0)
        return (times, width) if width > 1 else (0, 0)

    return max(_DELIMITERS, key=alike)


def _workbook_shape(file: BinaryIO) -> Shape:
    with _workbook(file) as book:
        sheets = book.worksheets
        if not sheets:
            raise ImportRefused("The workbook has no sheet with rows.")
        return Shape("xlsx", sheet=sheets[0].title, sheets=len(sheets))


@contextmanager
def _workbook(file: BinaryIO) -> Iterator[Any]:
    """A workbook that is read as one goes along. Whatever is wrong with it, it is refused in a sentence."""
    try:
        with zipfile.ZipFile(file) as parts:
            sizes = {part.filename: part.file_size for part in parts.infolist()}
        if "xl/workbook.xml" not in sizes:
            raise ImportRefused("This is no Excel workbook. Give CSV or .xlsx.")
        if sum(sizes.values()) > MOST_UNPACKED or sizes.get("xl/sharedStrings.xml", 0) > MOST_STRINGS:
            raise ImportRefused("The workbook is too large when it is unpacked. Save it as CSV, or divide it.")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            book = openpyxl.load_workbook(file, read_only=True, data_only=False, keep_links=False)
            try:
                yield book
            finally:
                book.close()
    except ImportRefused:
        raise
    except Exception as fault:  # a broken workbook can raise anything
        raise ImportRefused(
            "The workbook cannot be read: it is damaged. Open it, save it as .xlsx and try again."
        ) from fault


def _read(file: BinaryIO, shape: Shape) -> Generator[Row, None, None]:
    """Every row that has anything in it, with its number."""
    found = _read_workbook(file) if shape.kind == "xlsx" else _read_csv(file, shape)
    for number, cells in found:
        while cells and not cells[-1].strip():
            cells.pop()
        if not cells:
            continue
        if len(cells) > MOST_COLUMNS:
            raise ImportRefused(f"Row {number:,} has more than {MOST_COLUMNS} columns.")
        if max(map(len, cells)) > LONGEST_CELL:
            raise ImportRefused(f"Row {number:,} has a value of more than {LONGEST_CELL:,} signs.")
        yield number, cells


def _read_csv(file: BinaryIO, shape: Shape) -> Iterator[Row]:
    lines = io.TextIOWrapper(file, encoding=shape.encoding, newline="")
    number = 0
    try:
        for number, cells in enumerate(csv.reader(lines, delimiter=shape.delimiter, strict=True), start=1):
            yield number, cells
    except csv.Error as fault:
        raise ImportRefused(f"Row {number + 1:,} cannot be read: {fault}. Look at its quotation marks.") from fault
    except UnicodeDecodeError as fault:
        raise ImportRefused("The file is not what it was when it was given. Give it again.") from fault
    finally:
        with suppress(ValueError):  # closed already
            lines.detach()


def _read_workbook(file: BinaryIO) -> Iterator[Row]:
    with _workbook(file) as book:
        sheet = book.worksheets[0]
        sheet.reset_dimensions()  # what it says of itself need not be so
        for number, cells in enumerate(sheet.iter_rows(max_col=MOST_COLUMNS + 1), start=1):
            yield number, [_cell(cell, number) for cell in cells]


def _cell(cell: Any, number: int) -> str:
    value = cell.value
    if cell.data_type == "f":
        raise ImportRefused(f"Row {number:,} holds a formula. Copy the sheet, paste its values only, and save that.")
    if cell.data_type == "e":
        raise ImportRefused(f"Row {number:,} holds an error of the spreadsheet ({value}). Put it right first.")
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(sep=" ", timespec="minutes")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _headings(cells: list[str]) -> list[str]:
    """The headings, each once. Raises ImportRefused."""
    try:
        found = [
            " ".join(text.clean(cell).split())[:200] or f"Column {place}" for place, cell in enumerate(cells, start=1)
        ]
    except text.Unseen as unseen:
        raise ImportRefused(f"The first row does not hold headings: {unseen}") from unseen
    twice = [heading for heading, times in Counter(one.casefold() for one in found).items() if times > 1]
    if twice:
        raise ImportRefused(f"Two columns have the heading “{twice[0]}”. Give each column a heading of its own.")
    return found
