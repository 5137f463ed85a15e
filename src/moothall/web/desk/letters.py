"""Copies of messages before they are sent: what an officer typed in them, and how they will look (CT-60)."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpResponse, QueryDict
from django.template.response import TemplateResponse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext

from moothall.core.council.settings import Council, read
from moothall.domain.cases.models import Case
from moothall.domain.cases.rehearsal import Rehearsed
from moothall.domain.messages import mail, sanitise
from moothall.domain.messages.models import Message
from moothall.domain.people import doubts
from moothall.domain.people.models import Residence
from moothall.web.desk.forms.outcome import CopyForm
from moothall.web.desk.request import DeskRequest
from moothall.web.desk.views import errors
from moothall.web.ops.middleware import CONTENT_SECURITY_POLICY

_SEALED = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox"


@dataclass(frozen=True)
class Copy:
    """One message to be looked at. `anew`: it was composed anew since it was last shown, and `earlier` is what was typed
    in it then."""

    form: CopyForm
    made: str
    earlier: str = ""
    anew: bool = False


def copies(rehearsed: Sequence[Rehearsed], data: QueryDict) -> list[Copy]:
    """The messages, each with what was typed in it as long as its text is composed as it was then."""
    found = []
    for one in rehearsed:
        message = one.messages[0]
        made = _made(message.subject, message.html)
        name = f"message_{one.position}"
        before, subject, html = (data.get(f"{name}-{part}", "") for part in ("made", "subject", "html"))
        if before == made:
            found.append(Copy(CopyForm(one, data=data), made))
        else:
            typed = _made(subject, html.replace("\r\n", "\n")) != before
            found.append(Copy(CopyForm(one), made, html if typed else "", anew=bool(before)))
    return found


def _made(subject: str, html: str) -> str:
    """What tells one text from another."""
    return hashlib.sha256(f"{subject}\n{html}".encode()).hexdigest()[:16]


def doubtful(case: Case, copies: Sequence[Copy]) -> dict[int, list[Residence]]:
    """Where letters of these copies go although post came back from there, by the position of the copy."""
    posted = [copy.form.rehearsed for copy in copies if copy.form.by_post]
    homes = doubts.of(case.customer) if posted else []
    return {one.position: found for one in posted if (found := doubts.among(homes, one.recipient.lines))}


def seen(request: DeskRequest, message: Message, *, as_letter: bool) -> HttpResponse:
    """A message that is not saved as it will look; or why no such e-mail can be sent."""
    if as_letter:
        from moothall.domain.messages import pdf  # takes seconds to load, and few look at letters

        response = HttpResponse(pdf.letter(message, council=read(Council), at=request.now), "application/pdf")
        response["Content-Disposition"] = 'inline; filename="letter.pdf"'
    else:
        try:
            response = HttpResponse(_email(message, request.now))
        except mail.NotSent as problem:
            return errors.said(request, 409, gettext("This e-mail cannot be shown"), str(problem))
    response["Content-Security-Policy"] = _SEALED
    return response


def live(
    request: DeskRequest, message: Message | None, *, as_letter: bool, otherwise: Sequence[str] = ()
) -> HttpResponse:
    """A message as it will look, for the frame beside the words while they are typed; while there is none, why."""
    if message is None:
        html = _told(*otherwise or [gettext("Once there are a subject and a text, you see here how they will look.")])
    elif as_letter:
        from moothall.domain.messages import pdf  # as above

        html = pdf.letter_page(message, council=read(Council), at=request.now)
    else:
        try:
            html = _email(message, request.now)
        except mail.NotSent as problem:
            html = _told(str(problem))
    response = HttpResponse(html)
    response["Content-Security-Policy"] = f"{_SEALED}; frame-ancestors 'self'"
    response["X-Frame-Options"] = "SAMEORIGIN"
    return response


def framing(response: TemplateResponse) -> TemplateResponse:
    """Let the page hold the frame of `live`."""
    response["Content-Security-Policy"] = f"{CONTENT_SECURITY_POLICY}; frame-src 'self'"
    return response


def _email(message: Message, at: datetime) -> str:
    """An e-mail as it would go out. Raises mail.NotSent."""
    message.pk, message.created_at = message.pk or 0, at
    return next(str(part) for part, kind in mail.build(message, council=read(Council), at=at).alternatives)


def _told(*sentences: str) -> str:
    said = format_html_join("", "<p>{}</p>", ((sentence,) for sentence in sentences))
    return format_html('<!doctype html><html lang="en"><title>{}</title>{}</html>', sentences[0], said)


def as_typed(form: CopyForm, *, letter: bool) -> Message:
    """The message of a copy with what was typed, not saved."""
    given = form.cleaned_data if form.is_bound and form.is_valid() else form.initial
    message, recipient = form.message, form.rehearsed.recipient
    message.subject, message.html = given["subject"], sanitise.clean(given["html"])
    message.to_lines = list(recipient.lines) if letter else []
    message.to_email = recipient.email
    return message
