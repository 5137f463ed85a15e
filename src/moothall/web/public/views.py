"""An opinion given by a link. Every link that leads nowhere is answered alike, whatever the reason.

The secret is in the address, so it goes no further: the record of requests has the route alone, and no address is told
to another site. Pages that are sent from tell their site's name and no more, which is what protects them from forgery;
all others tell nothing.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from moothall.core.accounts.actions import system_user
from moothall.core.council.settings import read
from moothall.domain.opinions import answering, codes
from moothall.domain.opinions.models import Opinion
from moothall.domain.opinions.rules import Opinions
from moothall.web.api.request import network_address
from moothall.web.common import opinions
from moothall.web.common.opinions import Door
from moothall.web.common.sent import READ_OR_SEND
from moothall.web.ops.access import who_may_call
from moothall.web.public import limits, proof
from moothall.web.public.forms import Code

Page = Callable[..., HttpResponseBase]
by_link = who_may_call("Whoever has the link that was sent to them, and the code that goes to the same address")


def guarded(page: Callable[..., HttpResponseBase]) -> Page:
    """Find the opinion of the link; a link that leads nowhere, and too many of them, never reach the page."""

    @wraps(page)
    def found(request: HttpRequest, secret: str, **named: Any) -> HttpResponseBase:
        source = network_address(request)
        if limits.reached(source):
            response: HttpResponseBase = _nowhere(request, status=429)
            response.headers["Retry-After"] = str(limits.SECONDS)
        elif (opinion := answering.by_token(secret, at=timezone.now())) is None:
            limits.failed(source)
            response = _nowhere(request)
        else:
            try:
                response = page(request, opinion, secret, **named)
            except Http404:
                response = _nowhere(request)
        found_it = response.status_code not in (404, 429) or request.method == "POST"
        response.headers["Referrer-Policy"] = "strict-origin" if found_it else "no-referrer"
        response.headers["X-Robots-Tag"] = "noindex, nofollow"
        return response

    return found


def proven(page: Callable[..., HttpResponseBase]) -> Page:
    """Ask a browser that was not seen before for the code, unless there is nothing to read any more."""

    @wraps(page)
    def shown(request: HttpRequest, opinion: Opinion, secret: str, **named: Any) -> HttpResponseBase:
        if opinion.state == Opinion.State.OPEN and read(Opinions).codes and not proof.given(request, opinion):
            return redirect("public:opinion_code", secret)
        return page(request, _door(opinion, secret), **named)

    return shown


@by_link
@READ_OR_SEND
@guarded
@proven
def opinion(request: HttpRequest, door: Door) -> HttpResponseBase:
    """What is asked, and the answer to be written."""
    return opinions.form_page(request, door)


@by_link
@READ_OR_SEND
@guarded
@proven
def review(request: HttpRequest, door: Door) -> HttpResponseBase:
    """The answer once more, before it is sent."""
    return opinions.review_page(request, door)


@by_link
@READ_OR_SEND
@guarded
@proven
def decline(request: HttpRequest, door: Door) -> HttpResponseBase:
    """To say that one cannot answer."""
    return opinions.decline_page(request, door)


@by_link
@require_safe
@guarded
@proven
def document(request: HttpRequest, door: Door, document_id: int) -> HttpResponseBase:
    """A document that was shown."""
    return opinions.file(request, door, document_id)


@by_link
@READ_OR_SEND
@guarded
def code(request: HttpRequest, opinion: Opinion, secret: str) -> HttpResponseBase:
    """A code is sent, and shown by whoever it came to."""
    onward = redirect("public:opinion", secret)
    if opinion.state != Opinion.State.OPEN or not read(Opinions).codes or proof.given(request, opinion):
        return onward
    now, sent, status = timezone.now(), "sent" in request.GET, 200
    form = Code(request.POST if "code" in request.POST else None)
    refusal = ""
    if form.is_bound:
        if form.is_valid() and codes.check(opinion, form.cleaned_data["code"], at=now):
            proof.give(onward, opinion)
            return onward
        if form.is_valid():
            form.add_error("code", _("This is not the code, or it is no longer good. You can have another sent."))
        status, sent = 422, True
    elif request.method == "POST":
        try:
            codes.send(opinion, at=now)
            return redirect(f"{reverse('public:opinion_code', args=[secret])}?sent")
        except codes.TooManyCodes as refused:
            refusal, status = str(refused), 429
    page = {
        "layout": "public/layout.html",
        "opinion": opinion,
        "form": form,
        "sent": sent,
        "refusal": refusal,
        "masked": _masked(opinion.email),
        "failed": form.is_bound,
    }
    return TemplateResponse(request, "public/opinion_code.html", page, status=status)


def _door(opinion: Opinion, secret: str) -> Door:
    names = {"form": "opinion", "review": "opinion_review", "decline": "opinion_decline"}
    return Door(
        opinion=opinion,
        by=system_user(),
        layout="public/layout.html",
        via=f"link of opinion {opinion.pk}",
        page=lambda name: reverse(f"public:{names[name]}", args=[secret]),
        file=lambda document_id: reverse("public:opinion_document", args=[secret, document_id]),
    )


def _nowhere(request: HttpRequest, *, status: int = 404) -> HttpResponse:
    response = TemplateResponse(request, "public/nowhere.html", {"many": status == 429}, status=status)
    return response.render()


def _masked(email: str) -> str:
    """d•••@example.org: enough for its owner to know which mailbox to open."""
    name, _at, domain = email.rpartition("@")
    return f"{name[:1]}•••@{domain}"
