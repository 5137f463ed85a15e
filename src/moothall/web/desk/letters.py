"""Copies of messages before they are sent: what an officer typed in them, and how they will look (CT-60)."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpResponse, QueryDict
from django.utils.translation import gettext

from moothall.core.council.settings import Council, read
from moothall.domain.cases.rehearsal import Rehearsed
from moothall.domain.messages import mail, sanitise
from moothall.domain.messages.models import Message
from moothall.web.desk.forms.outcome import CopyForm
from moothall.web.desk.request import DeskRequest
from moothall.web.desk.views import errors

_SEALED = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox"


@dataclass(frozen=True)
class Copy:
    """One message to be looked at. `earlier` is what was typed in a text that has been composed anew since."""

    form: CopyForm
    made: str
    earlier: str


def copies(rehearsed: Sequence[Rehearsed], data: QueryDict) -> list[Copy]:
    """The messages, each with what was typed in it as long as its text is composed as it was then."""
    found = []
    for one in rehearsed:
        message = one.messages[0]
        made = hashlib.sha256(f"{message.subject}\n{message.html}".encode()).hexdigest()[:16]
        name = f"message_{one.position}"
        if data.get(f"{name}-made") == made:
            found.append(Copy(CopyForm(one, data=data), made, ""))
        else:
            found.append(Copy(CopyForm(one), made, data.get(f"{name}-html", "")))
    return found


def seen(request: DeskRequest, message: Message, *, as_letter: bool) -> HttpResponse:
    """A message that is not saved as it will look; or why no such e-mail can be sent."""
    try:
        return _shown(message, as_letter=as_letter, at=request.now)
    except mail.NotSent as problem:
        return errors.said(request, 409, gettext("This e-mail cannot be shown"), str(problem))


def _shown(message: Message, *, as_letter: bool, at: datetime) -> HttpResponse:
    """The PDF of a letter, or an e-mail as it would go out. Raises mail.NotSent."""
    council = read(Council)
    if as_letter:
        from moothall.domain.messages import pdf  # takes seconds to load, and few look at letters

        response = HttpResponse(pdf.letter(message, council=council, at=at), "application/pdf")
        response["Content-Disposition"] = 'inline; filename="letter.pdf"'
    else:
        message.pk, message.created_at = message.pk or 0, at
        html = next(str(part) for part, kind in mail.build(message, council=council, at=at).alternatives)
        response = HttpResponse(html)
    response["Content-Security-Policy"] = _SEALED
    return response


def as_typed(form: CopyForm, *, letter: bool) -> Message:
    """The message of a copy with what was typed, not saved."""
    given = form.cleaned_data if form.is_bound and form.is_valid() else form.initial
    message, recipient = form.message, form.rehearsed.recipient
    message.subject, message.html = given["subject"], sanitise.clean(given["html"])
    message.to_lines = list(recipient.lines) if letter else []
    message.to_email = recipient.email
    return message
