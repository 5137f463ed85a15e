"""My requests: every case of mine, each with where it is, what is asked of me, what happened, and its letters."""

from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from moothall.core.accounts.actions import system_user
from moothall.core.audit import recording
from moothall.domain.cases import requests as asked
from moothall.domain.cases import senders
from moothall.domain.cases.models import Case, Request
from moothall.domain.citizens import earlier, following, linking, owed, seeing, sending
from moothall.domain.citizens.rules import CitizenRefused
from moothall.domain.citizens.seeing import Sight
from moothall.domain.documents import actions as documents
from moothall.domain.documents.models import Document
from moothall.web.api.request import network_address
from moothall.web.common import paging
from moothall.web.common.files import served
from moothall.web.common.sent import READ_OR_SEND, sent
from moothall.web.components.parts import numbered
from moothall.web.portal import form_drafts
from moothall.web.portal.access import CitizenRequest, citizens
from moothall.web.portal.filling import language
from moothall.web.portal.forms import Link, Send
from moothall.web.portal.pages import asking, page
from moothall.web.portal.views.account import done

ON_A_PAGE = 20


@citizens
@require_safe
def listing(request: CitizenRequest) -> HttpResponse:
    """Everything of mine in one list: what waits for me first, then by when it began."""
    sees = seeing.seen(request.account)
    mine, everything = (rows.select_related("service").defer("submitted") for rows in (sees.whole, sees.listed))
    total = everything.count()
    here = paging.page(request.GET, count=total, size=ON_A_PAGE)
    shown = list(here.of(everything.order_by("-opened_at", "-pk")))
    waiting = list(following.open_requests(list(mine.filter(closed_at=None).values_list("pk", flat=True)[:200]))[:50])
    pages = numbered(page=here.number, last=here.last, query=request.GET)
    by_pk = {case.pk: case for case in mine.filter(pk__in=[one.case_id for one in waiting])}
    to_do = [(one, by_pk[one.case_id]) for one in waiting]
    return page(
        request,
        "cases",
        drafts=form_drafts.of_account(request, language()) if here.number == 1 else (),
        waiting_for_case=form_drafts.sent_by(request, language()) if here.number == 1 else (),
        followed=following.followed(shown, only_sent=sees.only_sent(shown)),
        to_do=to_do,
        pages=pages,
        total=total,
        earlier=earlier.waiting(request.account),
    )


@citizens
@READ_OR_SEND
def link(request: CitizenRequest) -> HttpResponse:
    """An application one made some other way is put on the list."""

    def act(given: dict[str, Any]) -> HttpResponse:
        case = linking.link(request.account, **given, source=network_address(request), at=request.now)
        return done("portal:case", "linked", case.reference)

    form = Link(sent(request))
    title = _("Add an application to your account")
    return asking(request, form, act, title=title, button=_("Add it"), template="link", back="portal:cases")


@citizens
@require_safe
def case(request: CitizenRequest, reference: str) -> HttpResponse:
    """One case: where it is, what is asked, what happened, letters and files; of one sent for another, that it was sent."""
    found = seen(request, reference)
    if seeing.sight(request.account, found) == Sight.SENT:
        return _only_sent(request, found)
    followed = following.followed([found])[0]
    recording.read(found, by=system_user(), at=request.now, via=f"portal account {request.account.pk}")
    return page(
        request,
        "case",
        case=found,
        followed=followed,
        story=following.story(found),
        letters=list(following.messages_of(found)[: following.MOST]),
        files=list(following.files_of(found)[: following.MOST]),
        payments=owed.of_case(found.reference),
        linked=found.customer_id != request.account.customer_id,
    )


@citizens
@READ_OR_SEND
def answer(request: CitizenRequest, reference: str, number: int) -> HttpResponse:
    """Send what was asked for."""
    found = own(request, reference)
    wanted = Request.objects.filter(case=found, number=number).select_related("case__service", "item").first()
    if wanted is None:
        raise Http404
    if wanted.state != Request.State.OPEN:
        return page(request, "answered", case=found, wanted=wanted)
    form = Send(sent(request), request.FILES if request.method == "POST" else None)

    def act(given: dict[str, Any]) -> HttpResponse:
        try:
            sending.answer(
                wanted, account=request.account, **_given(given), source=network_address(request), at=request.now
            )
        except (documents.Refused, asked.RequestRefused) as refused:
            raise CitizenRefused(str(refused), field="uploads") from refused
        return done("portal:case", "sent", found.reference)

    title = _("Send us what we asked for")
    return asking(request, form, act, title=title, button=_("Send"), template="send", case=found, wanted=wanted)


@citizens
@READ_OR_SEND
def send(request: CitizenRequest, reference: str) -> HttpResponse:
    """Send files nobody asked for; who sent a form for another may send what it needs as well."""
    found = seen(request, reference)
    form = Send(sent(request), request.FILES if request.method == "POST" else None)
    del form.fields["words"]

    def act(given: dict[str, Any]) -> HttpResponse:
        files = _given(given)["files"]
        try:
            sending.add(found, account=request.account, files=files, source=network_address(request), at=request.now)
        except documents.Refused as refused:
            raise CitizenRefused(str(refused), field="uploads") from refused
        return done("portal:case", "sent", found.reference)

    title = _("Send us a file")
    return asking(request, form, act, title=title, button=_("Send"), template="send", case=found, wanted=None)


@citizens
@require_safe
def letter(request: CitizenRequest, reference: str, message_id: int) -> HttpResponseBase:
    """A letter or e-mail to the customer, as the PDF that was filed."""
    found = own(request, reference)
    message = following.messages_of(found).filter(pk=message_id).select_related("document").first()
    if message is None or message.document is None:
        raise Http404
    return _file(request, message.document)


@citizens
@require_safe
def file(request: CitizenRequest, reference: str, document_id: int) -> HttpResponseBase:
    """A file that was sent online for this case."""
    found = own(request, reference)
    kept = following.files_of(found).filter(document=document_id, account=request.account).first()
    if kept is None:
        raise Http404
    return _file(request, kept.document)


@citizens
@require_POST
def unlink(request: CitizenRequest, reference: str) -> HttpResponse:
    """Take a case off the list."""
    linking.unlink(request.account, seen(request, reference), at=request.now)
    return redirect(reverse("portal:cases"))


def own(request: CitizenRequest, reference: str) -> Case:
    """A case this account sees the whole of; 404 for every other, whether or not there is one."""
    return _named(seeing.cases_of(request.account), reference)


def seen(request: CitizenRequest, reference: str) -> Case:
    """A case in the list of this account, whole or not; 404 for every other."""
    return _named(seeing.seen(request.account).listed, reference)


def _named(rows: QuerySet[Case], reference: str) -> Case:
    rows = rows.select_related("service", "customer").defer("submitted")
    found = rows.filter(reference=reference.upper()).first()
    if found is None:
        raise Http404
    return found


def _only_sent(request: CitizenRequest, case: Case) -> HttpResponse:
    """What whoever sent a form for another sees: that they sent it, a copy of what they typed, and how far it is."""
    form = senders.of_case(case)
    mine = form_drafts.sent_form(form, language()) if form and form.account == str(request.account.pk) else None
    followed = following.followed([case], only_sent=frozenset([case.pk]))[0]
    recording.read(case, by=system_user(), at=request.now, via=f"portal account {request.account.pk}, as its sender")
    return page(request, "case_sent", case=case, followed=followed, mine=mine)


def _file(request: CitizenRequest, document: Document) -> HttpResponseBase:
    try:
        response = served(document, download=True)
    except documents.FileMissing as missing:
        raise Http404 from missing
    recording.read(document, by=system_user(), at=request.now, via=f"portal account {request.account.pk}")
    return response


def _given(given: dict[str, Any]) -> dict[str, Any]:
    files = [sending.File(one.name, one.read()) for one in given["uploads"]]
    return {"files": files, "words": given.get("words", "")}


urlpatterns = [
    path("cases/", listing, name="cases"),
    path("cases/add/", link, name="link"),
    path("cases/<str:reference>/", case, name="case"),
    path("cases/<str:reference>/asked/<int:number>/", answer, name="answer"),
    path("cases/<str:reference>/send/", send, name="send"),
    path("cases/<str:reference>/letters/<int:message_id>/", letter, name="letter"),
    path("cases/<str:reference>/files/<int:document_id>/", file, name="file"),
    path("cases/<str:reference>/remove/", unlink, name="unlink"),
]
