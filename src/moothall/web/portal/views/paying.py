"""Paying what was asked for, by whoever has the link: out to the card page, and back (FRM-9, BEST-40)."""

import json
from typing import Any

from cryptography.fernet import InvalidToken
from django.conf import settings
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from moothall.core import sealed
from moothall.domain.citizens import limits, owed, returning
from moothall.domain.citizens.limits import TooManyTries
from moothall.domain.citizens.owed import Owed
from moothall.domain.citizens.rules import address
from moothall.domain.payments.actions import PaymentRefused
from moothall.domain.payments.models import Payment
from moothall.domain.payments.providers import ProviderError
from moothall.kit import money
from moothall.web.api.request import network_address
from moothall.web.common.sent import READ_OR_SEND, sent
from moothall.web.portal.access import CitizenRequest, anybody
from moothall.web.portal.filling import language
from moothall.web.portal.forms import Invite
from moothall.web.portal.pages import asking, page

PURPOSE = "moothall.portal.paying"
MINUTES = 180
BACK = "/pay/back/"
"""Where the provider sends payers back to: one address for all, so that it is told no secret."""


@anybody
@READ_OR_SEND
def pay(request: CitizenRequest, secret: str) -> HttpResponseBase:
    """What is to be paid, and the way to the card page; or that it was paid."""
    found, problem, status = _found(secret), "", 200
    if request.method == "POST":
        try:
            limits.spend_form("pay", secret, source=network_address(request), at=request.now)
            return leave(request, found.payment, onward=request.path)
        except TooManyTries:
            problem, status = _("There were too many tries. Wait a quarter of an hour before you try again."), 429
        except (PaymentRefused, ProviderError):
            problem, status = _("Nothing can be paid by card at this moment. Nothing was taken. Try again later."), 503
    return _private(page(request, "pay", status=status, problem=problem, by_card=owed.by_card(), **_said(found)))


@anybody
@READ_OR_SEND
def invite(request: CitizenRequest, secret: str) -> HttpResponseBase:
    """Have the link sent to somebody who pays."""
    found = _found(secret)
    here = reverse("portal:pay", args=[secret])
    if not found.waited_for:
        return redirect(here)

    def act(given: dict[str, Any]) -> HttpResponse:
        returning.ask_to_pay(
            email=given["email"],
            path=here,
            purpose=found.payment.purpose,
            amount=money.display(found.payment.pence),
            language=language(),
            source=network_address(request),
            at=request.now,
        )
        return page(request, "pay_invited", back=here)

    title = _("Ask somebody else to pay")
    answer = asking(
        request, Invite(sent(request)), act, title=title, button=_("Send the link"), template="pay_invite", back=here
    )
    return _private(answer)


@anybody
@require_safe
def back(request: CitizenRequest) -> HttpResponseBase:
    """The payer is back from the card page: how it went is asked there. It is the provider that calls this address by GET."""
    try:
        kept = json.loads(sealed.box(PURPOSE).decrypt(request.COOKIES.get(_name(), "").encode(), ttl=MINUTES * 60))
    except (InvalidToken, ValueError):
        return page(request, "pay_back")
    owed.came_back(kept["payment"], at=request.now)
    response = redirect(kept["onward"])
    response.delete_cookie(_name(), path="/", samesite="Lax")
    return response


def leave(request: CitizenRequest, payment: Payment, *, onward: str) -> HttpResponse:
    """Lead to the card page, from which one comes back to `onward`. Raises PaymentRefused, ProviderError.

    A page that leads on, since a form may lead to no other site.
    """
    return_url = address(BACK) or request.build_absolute_uri(BACK)
    there = owed.begin(payment, return_url=return_url, language=language(), at=request.now)
    response = page(request, "pay_leave", there=there)
    response["Refresh"] = f"0; url={there}"
    kept = json.dumps({"payment": payment.pk, "onward": onward})
    response.set_cookie(
        _name(),
        sealed.box(PURPOSE).encrypt(kept.encode()).decode(),
        max_age=MINUTES * 60,
        path="/",
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return _private(response)


def _found(secret: str) -> Owed:
    found = owed.found(secret)
    if found is None:
        raise Http404
    return found


def _said(found: Owed) -> dict[str, Any]:
    return {"owed": found, "payment": found.payment, "reference": found.payment.case_link.case.reference}


def _private(response: HttpResponse) -> HttpResponse:
    """The secret of the address goes to no other site."""
    response["Referrer-Policy"] = "strict-origin"
    return response


def _name() -> str:
    return "__Host-paying" if settings.SESSION_COOKIE_SECURE else "paying"


urlpatterns = [
    path("pay/back/", back, name="pay_back"),
    path("pay/<str:secret>/", pay, name="pay"),
    path("pay/<str:secret>/ask/", invite, name="pay_invite"),
]
