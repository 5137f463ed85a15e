"""Pages of PDF documents as pictures, so that a browser needs no reader of its own and runs nothing of the file.

They are drawn by Poppler's `pdftoppm` in a process of its own, which may take only so long and so much memory. Where it
is not installed nothing is drawn (`drawn` is False).
"""

import io
import resource
import shutil
import subprocess
from functools import cache

import pikepdf

from moothall.domain.documents import pictures
from moothall.domain.documents.models import Document
from moothall.domain.documents.pictures import NoPicture

SECONDS = 20
MEMORY = 2 * 1024**3  # bytes
LONGEST = 1600  # pixels


@cache
def _tool() -> str | None:
    return shutil.which("pdftoppm")


def drawn() -> bool:
    """Whether pages can be drawn here."""
    return _tool() is not None


def count(document: Document) -> int:
    """How many pages a PDF has. Raises NoPicture."""
    try:
        with pikepdf.open(io.BytesIO(pictures.content(document))) as pdf:
            return len(pdf.pages)
    except pikepdf.PdfError as error:
        raise NoPicture(f"“{document.name}” cannot be read. Download it to look at it.") from error


def jpeg(document: Document, page: int) -> bytes:
    """A page, counted from 1, as a JPEG. Raises NoPicture."""
    tool = _tool()
    if tool is None:
        raise NoPicture("Pages of PDF documents cannot be drawn here. Download the document to look at it.")
    asked = [tool, "-jpeg", "-singlefile", "-f", str(page), "-l", str(page), "-scale-to", str(LONGEST), "-"]
    with subprocess.Popen(  # noqa: S603 - a fixed command; the file comes by its input
        asked, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        resource.prlimit(process.pid, resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.prlimit(process.pid, resource.RLIMIT_CPU, (SECONDS, SECONDS))
        try:
            made, _ = process.communicate(pictures.content(document), timeout=SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            made = b""
    if not made:
        raise NoPicture(f"Page {page} of “{document.name}” cannot be shown. Download the document to look at it.")
    return made
