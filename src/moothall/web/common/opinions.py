"""Giving an opinion, page by page, by whichever door: a link for people outside, the desk for colleagues.

Written, then looked at once more, then sent. What is written is kept between the pages, files too, so that everything
works without JavaScript and can be gone on with later.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from moothall.core.accounts.models import User
from moothall.core.audit import recording
from moothall.domain.documents import actions as documents
from moothall.domain.documents.models import Document
from moothall.domain.opinions import answering
from moothall.domain.opinions.models import Opinion
from moothall.domain.opinions.rules import NotOpen, OpinionRefused
from moothall.web.common import files
from moothall.web.common.opinion_form import Answer, Decline
from moothall.web.common.sent import sent
from moothall.web.common.whole import whole
from moothall.web.components.parts import Row


@dataclass(frozen=True)
class Door:
    """How somebody came to an opinion: in whose name they act, and where its pages are.

    `page` gives the address of a page (form, review, decline), `file` that of a document; `layout` is the template
    around them, `via` what the record of reading says.
    """

    opinion: Opinion
    by: User
    layout: str
    via: str
    page: Callable[[str], str]
    file: Callable[[int], str]


@dataclass(frozen=True)
class Paper:
    """A document that may be read."""

    name: str
    href: str
    size: int


def form_page(request: HttpRequest, door: Door) -> HttpResponseBase:
    """What is asked, the documents, and the answer to be written."""
    opinion = door.opinion
    if opinion.state != Opinion.State.OPEN:
        return _ended(request, door)
    posted = request.method == "POST"
    form = Answer(opinion, request.POST, request.FILES) if posted else Answer(opinion, kept=answering.drafted(opinion))
    if posted:
        sound = form.is_valid()
        _add_files(door, form)
        if sound and form.is_valid():
            try:
                answering.keep(opinion, form.said(), by=door.by, at=timezone.now())
            except NotOpen:
                return redirect(door.page("form"))
            except OpinionRefused as refused:
                form.add_error("answer", str(refused))
            else:
                return redirect(door.page("review"))
    _read(door)
    given = {"form": form, "failed": posted, "shown": _papers(door, answering.shown(opinion))}
    status = 422 if posted else 200
    return _page(request, door, "public/opinion_form.html", status=status, **given)


def review_page(request: HttpRequest, door: Door) -> HttpResponseBase:
    """The answer as it was written: to be changed, or sent."""
    opinion, now = door.opinion, timezone.now()
    if opinion.state != Opinion.State.OPEN:
        return _ended(request, door)
    refusal = ""
    if request.method == "POST":
        try:
            if (removed := whole(request.POST.get("remove", ""))) is not None:
                answering.remove_file(opinion, removed, by=door.by, at=now)
                return redirect(door.page("review"))
            answering.send(opinion, by=door.by, at=now)
        except NotOpen:
            pass  # sent already, or ended meanwhile: the page says which
        except OpinionRefused as refused:
            refusal = str(refused)
        if not refusal:
            return redirect(door.page("form"))
    said = answering.drafted(opinion)
    if said is None:
        return redirect(door.page("form"))
    _read(door)
    rows = [Row(one["label"], one["text"] or _("Not answered")) for one in answering.in_words(opinion, said)]
    if opinion.form.get("recommendations"):
        rows.append(Row(_("Recommendation"), answering.recommended(opinion, said.recommendation)))
    files = [(one.pk, one.name, one.size) for one in answering.draft_files(opinion)]
    given = {"rows": rows, "answer": said.answer, "files": files, "refusal": refusal}
    return _page(request, door, "public/opinion_review.html", status=422 if refusal else 200, **given)


def decline_page(request: HttpRequest, door: Door) -> HttpResponseBase:
    """To say that one cannot answer, and why."""
    if door.opinion.state != Opinion.State.OPEN:
        return _ended(request, door)
    form = Decline(sent(request))
    if form.is_bound and form.is_valid():
        try:
            answering.decline(door.opinion, reason=form.cleaned_data["reason"], by=door.by, at=timezone.now())
        except NotOpen:
            return redirect(door.page("form"))
        except OpinionRefused as refused:
            form.add_error("reason", str(refused))
        else:
            return redirect(door.page("form"))
    given = {"form": form, "failed": form.is_bound}
    return _page(request, door, "public/opinion_decline.html", status=422 if form.is_bound else 200, **given)


def file(request: HttpRequest, door: Door, document_id: int) -> HttpResponseBase:
    """A document that was shown, to read or to keep. Raises Http404 for every other."""
    opinion = door.opinion
    shown = answering.shown(opinion) if opinion.state == Opinion.State.OPEN else []
    found = next((one for one in shown if one.pk == document_id), None)
    if found is None:
        raise Http404
    recording.read(found, opinion, opinion.case, by=door.by, at=timezone.now(), via=f"{door.via} file")
    return files.served(found, download="download" in request.GET)


def _ended(request: HttpRequest, door: Door) -> HttpResponseBase:
    """That it was answered, and nothing more; what is sent once more goes there too."""
    if request.method == "POST":
        return redirect(door.page("form"))
    return _page(request, door, "public/opinion_done.html")


def _page(request: HttpRequest, door: Door, template: str, *, status: int = 200, **given: Any) -> TemplateResponse:
    opinion = door.opinion
    page = {
        "layout": door.layout,
        "opinion": opinion,
        "form_page": door.page("form"),
        "review_page": door.page("review"),
        "decline_page": door.page("decline"),
        **given,
    }
    return TemplateResponse(request, template, page, status=status)


def _read(door: Door) -> None:
    recording.read(door.opinion, door.opinion.case, by=door.by, at=timezone.now(), via=door.via)


def _papers(door: Door, found: list[Document]) -> list[Paper]:
    return [Paper(one.name, door.file(one.pk), one.size) for one in found]


def _add_files(door: Door, form: Answer) -> None:
    """Keep each file that can be taken; the others are errors of the form."""
    for one in form.files_given():
        problem = _taken(door, one)
        if problem:
            form.add_error("uploads", f"{one.name}: {problem}")


def _taken(door: Door, one: "UploadedFile[Any]") -> str:
    if (one.size or 0) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
        return _("This file is too large.")
    try:
        answering.add_file(door.opinion, name=one.name or "document", content=one.read(), by=door.by, at=timezone.now())
    except (documents.Refused, OpinionRefused) as refused:
        return str(refused)
    return ""
