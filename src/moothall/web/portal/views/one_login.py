"""Signing in with GOV.UK One Login: out to the provider, and back."""

import json
from typing import Any

from cryptography.fernet import InvalidToken
from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from moothall.connectors.govuk_one_login import client
from moothall.connectors.govuk_one_login.client import OneLoginError, SignedIn
from moothall.connectors.govuk_one_login.settings import OneLogin
from moothall.core import sealed
from moothall.core.council.settings import read
from moothall.domain.citizens import proven
from moothall.domain.citizens.proven import Verified
from moothall.domain.citizens.rules import CitizenRefused, address
from moothall.web.portal import session
from moothall.web.portal.access import CitizenRequest, anybody
from moothall.web.portal.pages import onward, page

PURPOSE = "moothall.portal.one_login"
MINUTES = 60


@anybody
@require_safe
def out(request: CitizenRequest) -> HttpResponse:
    """Lead to the provider. What must come back is kept in this browser, sealed."""
    here = read(OneLogin)
    if not here.is_set:
        raise Http404
    language = "cy" if get_language() == "cy" else "en"
    try:
        begun = client.begin(here, redirect_uri=_back(request), language=language, identity=here.identity)
    except OneLoginError as refused:
        return _refused(request, str(refused), 503)
    kept = {**begun.kept, "next": onward(request), "language": language}
    if request.citizen_session:
        kept["account"] = request.account.pk
    response = redirect(begun.address)
    response.set_cookie(
        _name(),
        sealed.box(PURPOSE).encrypt(json.dumps(kept).encode()).decode(),
        max_age=MINUTES * 60,
        path="/",
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response


@anybody
@require_safe
def back(request: CitizenRequest) -> HttpResponse:
    """Lead onward once one is signed in. It is the provider that calls this address, so it answers GET and writes."""
    here = read(OneLogin)
    if not here.is_set:
        raise Http404
    try:
        kept = json.loads(sealed.box(PURPOSE).decrypt(request.COOKIES.get(_name(), "").encode(), ttl=MINUTES * 60))
    except (InvalidToken, ValueError):
        return _refused(
            request, _("This sign-in was not begun in this browser, or it took too long. Begin again."), 400
        )
    try:
        came = client.finish(here, kept=kept, came=request.GET.dict(), at=request.now)
        response = _inside(request, kept, came)
    except (OneLoginError, CitizenRefused) as refused:
        response = _refused(request, str(refused), 400)
    response.delete_cookie(_name(), path="/", samesite="Lax")
    return response


def _inside(request: CitizenRequest, kept: dict[str, Any], came: SignedIn) -> HttpResponse:
    who = came.identity
    verified = Verified(last_name=who.last_name, born=who.born, postcode=who.postcode) if who else None
    response = redirect(kept["next"])
    if request.citizen_session and kept.get("account") == request.account.pk:
        proven.join(request.account, subject=came.subject, verified=verified, at=request.now)
        return redirect("portal:account")
    account = proven.sign_in(
        subject=came.subject, email=came.email, verified=verified, language=kept["language"], at=request.now
    )
    session.begin(request, response, account)
    return response


def _back(request: CitizenRequest) -> str:
    """Where the provider sends somebody back to: one address for both languages, as it was registered."""
    return address(BACK) or request.build_absolute_uri(BACK)


def _name() -> str:
    return "__Host-one-login" if settings.SESSION_COOKIE_SECURE else "one-login"


def _refused(request: CitizenRequest, sentence: str, status: int) -> HttpResponse:
    return page(request, "one_login_refused", status=status, sentence=sentence)


BACK = "/account/one-login/back/"
urlpatterns = [
    path("account/one-login/", out, name="one_login"),
    path("account/one-login/back/", back, name="one_login_back"),
]
