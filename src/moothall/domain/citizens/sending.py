"""What a citizen sends in answer to a request: files and words. It is looked at like every file from outside (CT-81)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from moothall.core.accounts.actions import system_user
from moothall.core.accounts.permissions import Permission
from moothall.core.audit import recording
from moothall.domain.cases import filing, progress, requests
from moothall.domain.cases.models import Case, Request
from moothall.domain.catalogue import catalogue
from moothall.domain.citizens import limits, seeing, telling
from moothall.domain.citizens.models import Account, SentFile
from moothall.domain.citizens.rules import CitizenRefused
from moothall.domain.citizens.seeing import Sight
from moothall.domain.documents import actions as documents
from moothall.domain.documents.models import Document

UPLOADS = "customer_uploads_received"
"""The workflow that what was sent starts, where the service has one."""
MOST_FILES = 10
LONGEST = 2000
_WHO = {True: "The customer", False: "Whoever sent the form"}


@dataclass(frozen=True)
class File:
    """A file as it came: its name, which is not believed, and its content."""

    name: str
    content: bytes


def answer(request: Request, *, account: Account, files: Sequence[File], words: str, source: str, at: datetime) -> None:
    """Send what was asked for: the files go on the case, the request is answered, and who has the case is told.

    Raises documents.Refused, CitizenRefused, requests.RequestRefused and TooManyTries, each with a sentence.
    """
    words = words.strip()
    if not files and not words:
        raise CitizenRefused(_("Choose a file, or write your answer."), field="uploads")
    if not files and request.kind == Request.Kind.DOCUMENT:
        raise CitizenRefused(_("Choose a file."), field="uploads")
    if len(words) > LONGEST:
        raise CitizenRefused(_("Your answer must be %s characters or fewer.") % f"{LONGEST:,}", field="words")
    case = request.case
    checked = _examined(case, account, files, source=source, at=at)
    by = system_user()
    with recording.because(action="request.answered_online", by=by, at=at):
        _keep(case, checked, account=account, number=request.number, at=at)
        said = [f"{len(checked)} file{'s' if len(checked) != 1 else ''} sent online."] if checked else []
        requests.answer(request, text=" ".join([*said, words]), by=by, at=at)
        _told(case, f"The customer of {case.reference} answered request {request.number} online.", at=at)


def add(case: Case, *, account: Account, files: Sequence[File], source: str, at: datetime) -> None:
    """Send files nobody asked for by a request, for who sees of the case at least that they sent it. Raises what `answer` does."""
    if not files:
        raise CitizenRefused(_("Choose a file."), field="uploads")
    if case.closed_at:
        raise CitizenRefused(_("This request is closed. Write to us if you have something for it."), field="uploads")
    checked = _examined(case, account, files, source=source, at=at)
    with recording.because(action="files.sent_online", by=system_user(), at=at):
        _keep(case, checked, account=account, number=None, at=at)
        whole = seeing.sight(account, case) == Sight.WHOLE
        _told(case, f"{_WHO[whole]} of {case.reference} sent files online.", at=at)


def _examined(case: Case, account: Account, files: Sequence[File], *, source: str, at: datetime) -> list[File]:
    if len(files) > MOST_FILES:
        raise CitizenRefused(_("Send at most %s files at once.") % MOST_FILES, field="uploads")
    if files:
        limits.spend("files", str(account.pk), source=source, at=at)
    by = system_user()
    return [File(one.name, documents.examine(one.content, about=case, by=by, at=at)) for one in files]


def _keep(case: Case, files: Sequence[File], *, account: Account, number: int | None, at: datetime) -> None:
    for one in files:
        document = filing.add_document(
            case, name=one.name, content=one.content, origin=Document.Origin.APPLICANT, by=system_user(), at=at
        )
        SentFile.objects.create(case=case, account=account, document=document, request=number, at=at)


def _told(case: Case, text: str, *, at: datetime) -> None:
    """Tell who has the case, and start the service's workflow for what customers send unless it is going already."""
    fresh = Case.objects.get(pk=case.pk)
    telling.officers(
        fresh, text, cause=f"sent.{case.pk}.{at.isoformat()}", page="documents", at=at, needs=Permission.VIEW_DOCUMENTS
    )
    try:
        catalogue.workflow_version(fresh.service_version_id, UPLOADS)
    except LookupError:
        return
    whole = f"{fresh.service_key}.{UPLOADS}"
    if not fresh.runs.filter(ended_at=None, version__workflow__key__in=[whole, UPLOADS]).exists():
        progress.start(fresh, UPLOADS, by=system_user(), at=at)
