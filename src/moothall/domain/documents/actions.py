"""What is done with files: taken in after checks, opened, and deleted for good."""

import hashlib
import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import islice
from typing import IO

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import Storage
from django.db import models, transaction
from pydantic import Field

from moothall.core.accounts.models import User
from moothall.core.audit import recording
from moothall.core.council.settings import Section, read
from moothall.domain.documents import content as contents
from moothall.domain.documents import scanning
from moothall.domain.documents.filenames import clean, ending_of
from moothall.domain.documents.models import Deletion, Document

TOGETHER = 1000  # stored files looked up in one question
_MEGABYTE = 1024 * 1024


class Refused(Exception):
    """A file cannot be taken, or not deleted. Its message may be shown to whoever gave it."""


class NotChecked(Refused):
    """The virus scanner did not say what a file is: the same file may be taken later. One too large for it is Refused."""


class FileMissing(Exception):
    """A document's file is not where it was stored."""


class Documents(Section):
    """Which files the council takes."""

    section = "documents"
    media_types: list[str] = [contents.PDF, contents.JPEG, contents.PNG, contents.GIF, contents.DOCX, contents.ODT]
    megabytes: int = Field(default=20, gt=0)
    megapixels: int = Field(default=60, gt=0)


def examine(content: bytes, *, about: models.Model, by: User, at: datetime) -> scanning.Scanned:
    """The file, once it is no larger than may be and the virus scanner found nothing in it. Raises Refused with a sentence.

    To be called before the transaction that keeps the file, since a scanner takes its time. That something was found in
    a file meant for `about` (a case, an opinion) is in the audit record.
    """
    if isinstance(content, scanning.Scanned):
        return content
    _check_size(content)
    try:
        return _scanned(content)
    except Refused as refused:
        if isinstance(refused.__cause__, scanning.Infected):
            digest, what = hashlib.sha256(content).hexdigest(), refused.__cause__.what
            with recording.because(action="document.infected", by=by, at=at):
                recording.record("document.infected", about, by=by, at=at, found=what, sha256=digest)
        raise


def store(*, name: str, content: bytes, origin: str, by: User, at: datetime, tags: Iterable[str] = ()) -> Document:
    """Check a file and keep it under a random name outside the web root. Raises Refused with a sentence.

    Its type is read from its content. A name that says it is another kind of file altogether is refused as disguised;
    otherwise its ending is put right. What the product itself made (origin generated) may be plain text as well, and is
    not shown to the virus scanner; every other file is, here at the latest.
    """
    if origin not in Document.Origin.values:
        raise Refused(f"“{origin}” is not where a document can come from: use {', '.join(Document.Origin.values)}.")
    generated = origin == Document.Origin.GENERATED
    _check_size(content)
    if not generated:
        content = _scanned(content)
    media_type = _checked(name, content, generated=generated)
    kind = contents.KINDS[media_type]
    with recording.because(action="document.stored", by=by, at=at):
        document = Document(
            name=clean(name, endings=kind.endings),
            media_type=media_type,
            size=len(content),
            sha256=hashlib.sha256(content).hexdigest(),
            origin=origin,
            tags=sorted(frozenset(tags)),
            created_at=at,
            created_by=by,
        )
        document.file.save(f"{uuid.uuid4().hex}.{kind.endings[0]}", ContentFile(content), save=False)
        document.save(force_insert=True)
        recording.record("document.stored", document, by=by, at=at, media_type=media_type, size=document.size)
    return document


def open_file(document: Document) -> IO[bytes]:
    """The content of a document, to read and close. Raises FileMissing."""
    try:
        opened: IO[bytes] = document.file.open("rb")
    except FileNotFoundError as error:
        raise FileMissing(f"The file of “{document.name}” is missing from the store. Tell an administrator.") from error
    return opened


def delete(document: Document, *, reason: str, by: User, at: datetime) -> Deletion:
    """Delete a document and its file for good; the Deletion says that it was there. Raises Refused without a reason.

    The file goes when the transaction has committed; should that be interrupted, `sweep` removes it later.
    """
    if not reason.strip():
        raise Refused("Say why the document is deleted. It cannot be brought back.")
    storage, path = document.file.storage, str(document.file.name)
    with recording.because(action="document.deleted", by=by, at=at, reason=reason):
        deletion = Deletion.objects.create(
            document_id=document.pk, name=document.name, sha256=document.sha256, by=by, at=at, reason=reason.strip()
        )
        recording.record("document.deleted", document, by=by, at=at, reason=reason)
        document.delete()
        transaction.on_commit(lambda: storage.delete(path))
    return deletion


def sweep(*, at: datetime) -> int:
    """Remove stored files no document has: left by what was undone, or deleted while interrupted. Returns how many.

    Files of the last day are left alone, since their documents may be about to commit.
    """
    storage: Storage = Document._meta.get_field("file").storage
    before = at - timedelta(days=1)
    old = (path for path in _paths(storage, "") if storage.get_modified_time(path) < before)
    removed = 0
    while paths := list(islice(old, TOGETHER)):
        kept = frozenset(Document.objects.filter(file__in=paths).values_list("file", flat=True))
        for path in paths:
            if path not in kept:
                storage.delete(path)
                removed += 1
    return removed


def _check_size(content: bytes) -> None:
    if not content:
        raise Refused("This file is empty.")
    most = min(read(Documents).megabytes * _MEGABYTE, settings.DATA_UPLOAD_MAX_MEMORY_SIZE)
    if len(content) > most:
        raise Refused(f"This file is larger than {most // _MEGABYTE} MB. Make it smaller and try again.")


def _scanned(content: bytes) -> scanning.Scanned:
    try:
        return scanning.checked(content)
    except (scanning.Infected, scanning.TooLargeToScan) as found:
        raise Refused(str(found)) from found
    except scanning.NotScanned as silent:
        raise NotChecked(str(silent)) from silent


def _checked(name: str, content: bytes, *, generated: bool) -> str:
    """The media type of a file that may be taken. Raises Refused."""
    rules = read(Documents)
    try:
        found = contents.media_type(
            content, most_pixels=rules.megapixels * 1_000_000, most_unpacked=10 * rules.megabytes * _MEGABYTE
        )
    except contents.Unreadable as problem:
        raise Refused(str(problem)) from problem
    kind = contents.KINDS[found]
    if found not in rules.media_types and not (generated and found == contents.TEXT):
        taken = ", ".join(contents.KINDS[each].label for each in rules.media_types if each in contents.KINDS)
        raise Refused(f"This file is a {kind.label}, which is not taken. Send one of these: {taken}.")
    ending = ending_of(name)
    claimed = next((other for other in contents.KINDS.values() if ending in other.endings), None)
    if claimed and claimed.family != kind.family:
        raise Refused(
            f"This file is named as a {claimed.label} but is a {kind.label}. Check that it is the right file."
        )
    return found


def _paths(storage: Storage, folder: str) -> Iterable[str]:
    folders, files = storage.listdir(folder)
    for name in files:
        yield f"{folder}/{name}" if folder else name
    for name in folders:
        yield from _paths(storage, f"{folder}/{name}" if folder else name)
