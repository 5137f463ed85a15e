import hashlib
import stat
import struct
import zlib
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.db import connection, transaction
from PIL import Image
from pytest_django import DjangoAssertNumQueries, DjangoCaptureOnCommitCallbacks
from tests.documents.conftest import packed, pdf, picture, word

from moothall.core.accounts.models import User
from moothall.core.audit.models import Entry
from moothall.core.council import settings as council
from moothall.domain.documents import actions
from moothall.domain.documents.actions import Documents, FileMissing, Refused
from moothall.domain.documents.models import Deletion, Document

pytestmark = pytest.mark.django_db


def keep(name: str, content: bytes, officer: User, noon: datetime, origin: str = "applicant") -> Document:
    return actions.store(name=name, content=content, origin=origin, tags=["photograph"], by=officer, at=noon)


def bomb(width: int = 30_000, height: int = 30_000) -> bytes:
    """A PNG that says it is enormous, in a few bytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 9)) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    ("name", "content", "media_type", "kept_as"),
    [
        ("me.jpeg", picture(), "image/jpeg", "me.jpeg"),
        ("me", picture("PNG"), "image/png", "me.png"),
        ("me.jpg", picture("PNG"), "image/png", "me.png"),
        ("me.GIF", picture("GIF"), "image/gif", "me.gif"),
        ("proof.pdf", pdf(), "application/pdf", "proof.pdf"),
        ("proof v1.2 final", pdf(), "application/pdf", "proof v1.2 final.pdf"),
        (
            "letter.docx",
            word(),
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            "letter.docx",
        ),
        (
            "letter.odt",
            packed({"mimetype": b"application/vnd.oasis.opendocument.text", "content.xml": b"<x/>"}),
            "application/vnd.oasis.opendocument.text",
            "letter.odt",
        ),
    ],
)
def test_the_type_of_a_file_is_read_from_its_content(
    officer: User, noon: datetime, name: str, content: bytes, media_type: str, kept_as: str
) -> None:
    document = keep(name, content, officer, noon)

    assert (document.media_type, document.name, document.size) == (media_type, kept_as, len(content))
    assert document.sha256 == hashlib.sha256(content).hexdigest()
    with actions.open_file(document) as file:
        assert file.read() == content


def test_a_file_is_stored_under_a_random_name_only_the_product_can_read(
    officer: User, noon: datetime, document_folder: Path
) -> None:
    one, two = (keep("my secret diagnosis.pdf", pdf(), officer, noon) for _ in range(2))

    assert one.file.name != two.file.name
    for path in (document_folder / str(document.file.name) for document in (one, two)):
        assert "diagnosis" not in str(path)
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert Entry.objects.filter(action="document.stored", by=officer).count() == 2


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("empty.pdf", b"", "empty"),
        ("photo.jpg", b"<html><script>alert(1)</script></html>", "web page"),
        ("photo.png", b"\xef\xbb\xbf  <svg xmlns='http://www.w3.org/2000/svg'/>", "picture code"),
        ("photo.jpg", b"MZ\x90\x00" + b"\0" * 200, "cannot be taken"),
        ("run.pdf", b"#!/bin/sh\nrm -rf /", "script"),
        ("photo.jpg", pdf(), "named as a JPEG picture but is a PDF"),
        ("letter.pdf", picture(), "named as a PDF but is a JPEG picture"),
        ("notes.txt", b"plain words", "which is not taken"),
        ("stuff.zip", packed({"a.txt": b"a"}), "packed file"),
        ("letter.docx", word(**{"word/vbaProject.bin": b"x"}), "macros"),
        ("letter.docx", word(**{"word/media/a": b"\0" * 250_000_000}), "far more than its size"),
        ("letter.docx", b"PK\x03\x04 broken", "damaged"),
        ("photo.png", bomb(), "too large"),
        ("photo.png", bomb(12_000, 12_000), "too large"),
        ("photo.png", bomb(9_000, 9_000), "too large"),
        ("photo.jpg", picture(size=(400, 300))[:2000], "damaged"),
        ("photo.png", picture("PNG", (400, 300))[:2000], "damaged"),
        ("photo.gif", b"GIF89a", "damaged"),
        ("locked.pdf", pdf(password="secret"), "password"),
        ("broken.pdf", b"%PDF-1.7\nnothing more", "damaged"),
        ("blank.pdf", pdf(pages=0), "no pages"),
    ],
    ids=lambda value: value[:24] if isinstance(value, str) else "",
)
def test_a_file_that_is_not_what_the_council_takes_is_refused_and_nothing_is_kept(
    officer: User, noon: datetime, document_folder: Path, name: str, content: bytes, sentence: str
) -> None:
    with pytest.raises(Refused, match=sentence):
        keep(name, content, officer, noon)

    assert not Document.objects.exists()
    assert not document_folder.exists()


def test_a_file_larger_than_the_council_takes_is_refused(officer: User, noon: datetime) -> None:
    council.write(Documents(megabytes=1), by=officer, at=noon)

    with pytest.raises(Refused, match="larger than 1 MB"):
        keep("big.pdf", pdf() + b"\0" * 1024 * 1024, officer, noon)


def test_which_types_are_taken_is_a_setting(officer: User, noon: datetime) -> None:
    council.write(Documents(media_types=["image/jpeg"]), by=officer, at=noon)

    assert keep("me.jpg", picture(), officer, noon).media_type == "image/jpeg"
    with pytest.raises(Refused, match="is a PDF, which is not taken. Send one of these: JPEG picture"):
        keep("proof.pdf", pdf(), officer, noon)


def test_plain_text_is_kept_when_the_product_itself_made_it(officer: User, noon: datetime) -> None:
    assert keep("E-mail.txt", "Dear Ann – £10".encode(), officer, noon, "generated").media_type == "text/plain"


def test_looking_at_pictures_leaves_the_limits_of_the_picture_library_alone(officer: User, noon: datetime) -> None:
    before = Image.MAX_IMAGE_PIXELS
    keep("me.jpg", picture(), officer, noon)

    assert before == Image.MAX_IMAGE_PIXELS


def test_deleting_is_final_and_leaves_who_when_and_why(
    officer: User,
    noon: datetime,
    document_folder: Path,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    document = keep("proof.pdf", pdf(), officer, noon)
    path, pk = document_folder / str(document.file.name), document.pk

    with django_capture_on_commit_callbacks(execute=True):
        actions.delete(document, reason="Sent by mistake", by=officer, at=noon)
        assert path.exists()

    deletion = Deletion.objects.get(document_id=pk)
    assert (deletion.name, deletion.by, deletion.reason) == ("proof.pdf", officer, "Sent by mistake")
    assert not path.exists()
    assert not Document.objects.exists()


def test_deleting_needs_a_reason(officer: User, noon: datetime) -> None:
    with pytest.raises(Refused, match="Say why"):
        actions.delete(keep("proof.pdf", pdf(), officer, noon), reason=" ", by=officer, at=noon)
    assert Document.objects.exists()


def test_a_file_that_has_gone_is_told_in_a_sentence(officer: User, noon: datetime, document_folder: Path) -> None:
    document = keep("proof.pdf", pdf(), officer, noon)
    (document_folder / str(document.file.name)).unlink()

    with pytest.raises(FileMissing, match=r"proof\.pdf"):
        actions.open_file(document)


def test_files_left_by_what_was_undone_are_swept_away_after_a_day(
    officer: User, noon: datetime, document_folder: Path
) -> None:
    kept = keep("kept.pdf", pdf(), officer, noon)
    with transaction.atomic():
        keep("undone.pdf", pdf(), officer, noon)
        transaction.set_rollback(True)
    files = [path for path in document_folder.rglob("*") if path.is_file()]
    now = datetime.fromtimestamp(files[0].stat().st_mtime, tz=noon.tzinfo)

    assert actions.sweep(at=now + timedelta(hours=23)) == 0
    assert actions.sweep(at=now + timedelta(hours=25)) == 1
    assert (document_folder / str(kept.file.name)).exists()


def test_many_stored_files_are_looked_up_a_thousand_at_a_time(
    officer: User,
    noon: datetime,
    document_folder: Path,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    kept = keep("kept.pdf", pdf(), officer, noon)
    for number in range(1100):
        (document_folder / f"left-{number}").write_bytes(b"")

    with django_assert_num_queries(2):
        assert actions.sweep(at=datetime.now(tz=noon.tzinfo) + timedelta(hours=25)) == 1100
    assert [path for path in document_folder.rglob("*") if path.is_file()] == [document_folder / str(kept.file.name)]


def test_a_document_is_found_by_its_file_with_an_index() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        plan = Document.objects.filter(file__in=["a", "b"]).explain()
    assert "document_file" in plan
