"""What a file is, read from its content. Its name is never believed."""

import io
import zipfile
from dataclasses import dataclass

import pikepdf
from PIL import Image, UnidentifiedImageError

PDF = "application/pdf"
JPEG = "image/jpeg"
PNG = "image/png"
GIF = "image/gif"
TEXT = "text/plain"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ODT = "application/vnd.oasis.opendocument.text"
ODS = "application/vnd.oasis.opendocument.spreadsheet"

PICTURES = frozenset({JPEG, PNG, GIF})
_PICTURES = {"JPEG": JPEG, "PNG": PNG, "GIF": GIF}
_LAST_PARTS = {JPEG: (b"\xff\xda", b"\xff\xd9"), PNG: (b"IDAT", b"IEND")}  # where a picture's data starts and ends
_OFFICE = {"word/document.xml": DOCX, "xl/workbook.xml": XLSX}
_MOST_PARTS = 5_000
_MARKUP = ("<html", "<!doctype", "<script", "<svg", "<?xml", "<iframe", "<body", "<?php")


@dataclass(frozen=True)
class Kind:
    """A kind of file: what people call it, and the endings its name may have (the first is the usual one)."""

    label: str
    family: str
    endings: tuple[str, ...]


KINDS = {
    PDF: Kind("PDF", "document", ("pdf",)),
    JPEG: Kind("JPEG picture", "picture", ("jpg", "jpeg", "jpe", "jfif")),
    PNG: Kind("PNG picture", "picture", ("png",)),
    GIF: Kind("GIF picture", "picture", ("gif",)),
    TEXT: Kind("plain text", "text", ("txt", "csv", "log", "md")),
    DOCX: Kind("Word document", "word", ("docx",)),
    XLSX: Kind("Excel workbook", "sheet", ("xlsx",)),
    ODT: Kind("OpenDocument text", "word", ("odt",)),
    ODS: Kind("OpenDocument spreadsheet", "sheet", ("ods",)),
}
"""Every kind of file that can be told by its content, by media type."""


class Unreadable(Exception):
    """A file is broken, dangerous to open, or of no kind known here. Its message is a sentence."""


def media_type(content: bytes, *, most_pixels: int, most_unpacked: int) -> str:
    """Tell a file's media type by its content (one of KINDS), having checked that it can be opened.

    A picture of more than `most_pixels`, or a packed file of more than `most_unpacked` bytes unpacked, is not
    opened. Raises Unreadable.
    """
    if content.startswith(b"%PDF-"):
        _check_pdf(content)
        return PDF
    if content.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF87a", b"GIF89a")):
        return _check_picture(content, most_pixels)
    if content.startswith(b"PK\x03\x04"):
        return _check_office(content, most_unpacked)
    return _check_text(content)


def _check_pdf(content: bytes) -> None:
    try:
        with pikepdf.open(io.BytesIO(content)) as pdf:
            pages = len(pdf.pages)
    except pikepdf.PasswordError as error:
        raise Unreadable("This PDF is protected with a password. Save it without one and try again.") from error
    except pikepdf.PdfError as error:
        raise Unreadable("This PDF is damaged and cannot be opened. Save it again and try again.") from error
    if not pages:
        raise Unreadable("This PDF has no pages.")


def _check_picture(content: bytes, most_pixels: int) -> str:
    try:
        with Image.open(io.BytesIO(content), formats=list(_PICTURES)) as picture:
            width, height = picture.size
            if width * height > most_pixels:
                raise Unreadable(
                    f"This picture is {width} by {height} pixels, which is too large. Make it smaller and try again."
                )
            kind = _PICTURES[str(picture.format)]
            if kind == JPEG:
                picture.draft("RGB", (width // 8 or 1, height // 8 or 1))  # an eighth of the size shows a broken file
            picture.load()
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise Unreadable("This picture is too large. Make it smaller and try again.") from error
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError) as error:
        raise _damaged_picture() from error
    start, end = _LAST_PARTS.get(kind, (b"", b""))
    if content.rfind(end) < content.rfind(start):  # the library may have been told to let this pass
        raise _damaged_picture()
    return kind


def _damaged_picture() -> Unreadable:
    return Unreadable("This picture is damaged and cannot be opened. Save it again and try again.")


def _check_office(content: bytes, most_unpacked: int) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            parts = packed.infolist()
            if len(parts) > _MOST_PARTS or sum(part.file_size for part in parts) > most_unpacked:
                raise Unreadable("This file holds far more than its size says, so it was not opened.")
            names = {part.filename for part in parts}
            kind = next((kind for part, kind in _OFFICE.items() if part in names), None)
            if kind is None and "mimetype" in names and "content.xml" in names:
                with packed.open("mimetype") as declared:
                    kind = declared.read(100).decode("ascii", "replace").strip()
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:
        raise Unreadable("This file is damaged and cannot be opened. Save it again and try again.") from error
    if kind not in KINDS:
        raise Unreadable("This kind of packed file cannot be taken. Send what is in it as PDF or pictures.")
    if any(name.lower().endswith("vbaproject.bin") or name.startswith("Basic/") for name in names):
        raise Unreadable("This document has macros. Save it without them, or as PDF, and try again.")
    return kind


def _check_text(content: bytes) -> str:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unreadable("This kind of file cannot be taken.") from error
    if any(ord(letter) < 32 and letter not in "\t\n\r\f" for letter in text):
        raise Unreadable("This kind of file cannot be taken.")
    start = text.lstrip().lower()
    if start.startswith(("#!", "<", "%!", "{\\rtf")) or any(mark in start for mark in _MARKUP):
        raise Unreadable("This file is a web page, picture code or script, which cannot be taken.")
    return TEXT
