"""Letters that were produced and wait to be printed and posted: which, as one file, and that they are printed (CT-61)."""

import io
from collections.abc import Iterable
from datetime import datetime

import pikepdf
from django.db.models import QuerySet

from moothall.core.accounts.models import EVERY_SERVICE, User
from moothall.core.accounts.permissions import Permission
from moothall.core.audit import recording
from moothall.domain.cases import sight, timeline
from moothall.domain.cases.locking import lock
from moothall.domain.cases.models import CaseMessage, TimelineEntry
from moothall.domain.documents import actions as documents
from moothall.domain.messages.models import Message, ToPrint

_SHEET = 2  # pages


def waiting(user: User) -> QuerySet[Message]:
    """The letters that wait to be printed, of cases whose letters `user` may see and send; the longest waiting first."""
    letters = sight.visible_messages(user).filter(to_print__isnull=False, document__isnull=False)
    services = user.services_with(Permission.SEND_MESSAGES)
    if EVERY_SERVICE not in services:
        letters = letters.filter(case_link__case__service__key__in=services)
    return letters.order_by("to_print__since", "to_print__id")


def together(letters: Iterable[Message]) -> bytes:
    """Letters as one PDF, each beginning on a sheet of its own though both sides are printed. Raises documents.FileMissing."""
    whole = pikepdf.Pdf.new()
    for letter in letters:
        assert letter.document is not None
        with documents.open_file(letter.document) as file, pikepdf.open(io.BytesIO(file.read())) as one:
            whole.pages.extend(one.pages)
            if len(one.pages) % _SHEET:
                whole.add_blank_page(page_size=_size(one))
    written = io.BytesIO()
    whole.save(written)
    return written.getvalue()


def printed(letter: Message, *, by: User, at: datetime) -> bool:
    """Say that a letter was printed, on its case and for the record. False when somebody said so already."""
    with recording.because(action="message.printed", by=by, at=at):
        link = CaseMessage.objects.select_related("case").get(message=letter.pk)
        lock(link.case)
        if not ToPrint.objects.filter(message=letter.pk).delete()[0]:
            return False
        text = f"Letter “{letter.subject}” to {letter.to_name} printed."
        about = {"message": letter.pk, "document": letter.document_id}
        timeline.write(link.case, kind=TimelineEntry.Kind.MESSAGE, text=text, by=by, at=at, **about)
        recording.record("message.printed", letter, by=by, at=at, case=link.case_id)
        return True


def _size(one: pikepdf.Pdf) -> tuple[float, float]:
    left, bottom, right, top = (float(side) for side in one.pages[-1].mediabox)
    return right - left, top - bottom
