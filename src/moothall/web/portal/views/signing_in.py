"""Registering, signing in and out, and a forgotten password. What is answered never tells whether there is an account."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from moothall.connectors.govuk_one_login.settings import OneLogin
from moothall.core.council.settings import read
from moothall.domain.citizens import registering, sessions, signing_in, tickets
from moothall.domain.citizens.models import Account, Ticket
from moothall.domain.citizens.rules import Portal
from moothall.web.api.request import network_address
from moothall.web.common.sent import READ_OR_SEND, sent
from moothall.web.portal import session
from moothall.web.portal.access import CitizenRequest, anybody
from moothall.web.portal.forms import Code, Confirm, Forgotten, NewPassword, Register, SignIn
from moothall.web.portal.pages import asking, onward, page


@sensitive_post_parameters("password")
@anybody
@READ_OR_SEND
def register(request: CitizenRequest) -> HttpResponse:
    """An e-mail address and a password; a link goes to the address."""
    if not read(Portal).accounts:
        return page(request, "closed", status=404)

    def act(given: dict[str, Any]) -> HttpResponse:
        registering.register(**given, language=_language(), source=network_address(request), at=request.now)
        return redirect("portal:register_sent")

    return asking(
        request, Register(sent(request)), act, title=_("Create an account"), button=_("Continue"), template="register"
    )


@anybody
@require_safe
def register_sent(request: CitizenRequest) -> HttpResponse:
    """The same for every address."""
    return page(request, "sent", title=_("Check your e-mail"), again="portal:register")


@sensitive_post_parameters("password")
@anybody
@READ_OR_SEND
def confirm(request: CitizenRequest, secret: str) -> HttpResponse:
    """The link of a registration: with the password chosen then, the account is made and one is signed in."""
    if tickets.find(secret, Ticket.Purpose.REGISTER, at=request.now) is None:
        return _dead(request, "portal:register")

    def act(given: dict[str, Any]) -> HttpResponse:
        account = registering.confirm(secret, **given, source=network_address(request), at=request.now)
        return _inside(request, account, reverse("portal:cases"))

    return _private(
        asking(request, Confirm(sent(request)), act, title=_("Confirm your e-mail address"), button=_("Confirm"))
    )


@sensitive_post_parameters("password")
@anybody
@READ_OR_SEND
def sign_in(request: CitizenRequest) -> HttpResponse:
    """An e-mail address and its password; a code as well, where the account asks for one."""
    onto = onward(request)
    if request.method != "POST" and request.citizen_session:
        return redirect(onto)

    def act(given: dict[str, Any]) -> HttpResponse:
        first = signing_in.with_password(**given, source=network_address(request), at=request.now)
        if first.needs_code:
            return _ask_code(request, Code(initial={"step": first.step}), onto)
        return _inside(request, first.account, onto)

    return asking(
        request,
        SignIn(sent(request)),
        act,
        title=_("Sign in"),
        button=_("Sign in"),
        template="sign_in",
        next=onto,
        late="late" in request.GET,
        one_login=read(OneLogin).is_set,
    )


@sensitive_post_parameters("code")
@anybody
@require_POST
def code(request: CitizenRequest) -> HttpResponse:
    """The second step of signing in."""
    return _ask_code(request, Code(request.POST), onward(request))


@anybody
@require_POST
def sign_out(request: CitizenRequest) -> HttpResponse:
    """End the session of this browser."""
    if request.citizen_session:
        sessions.end(request.citizen_session, at=request.now)
    response = redirect("portal:signed_out")
    session.forget(response)
    return response


@anybody
@require_safe
def signed_out(request: CitizenRequest) -> HttpResponse:
    """That one is signed out."""
    return page(request, "signed_out")


@anybody
@READ_OR_SEND
def forgotten(request: CitizenRequest) -> HttpResponse:
    """The address a link to choose a new password goes to."""

    def act(given: dict[str, Any]) -> HttpResponse:
        registering.forgot(**given, language=_language(), source=network_address(request), at=request.now)
        return redirect("portal:forgotten_sent")

    form = Forgotten(sent(request))
    return asking(request, form, act, title=_("Choose a new password"), button=_("Send me a link"))


@anybody
@require_safe
def forgotten_sent(request: CitizenRequest) -> HttpResponse:
    """The same for every address."""
    return page(request, "sent", title=_("Check your e-mail"), again="portal:forgotten")


@sensitive_post_parameters("password")
@anybody
@READ_OR_SEND
def reset(request: CitizenRequest, secret: str) -> HttpResponse:
    """The link to choose a new password. One signs in with it afterwards, with a code where the account asks for one."""
    if tickets.find(secret, Ticket.Purpose.RESET, at=request.now) is None:
        return _dead(request, "portal:forgotten")

    def act(given: dict[str, Any]) -> HttpResponse:
        registering.reset(secret, **given, at=request.now)
        return redirect("portal:sign_in")

    return _private(
        asking(request, NewPassword(sent(request)), act, title=_("Choose a new password"), button=_("Continue"))
    )


@anybody
@require_POST
def stay(request: CitizenRequest) -> HttpResponse:
    """Nothing but a use of the session, so that it does not end; 403 when it has."""
    return HttpResponse(status=204 if request.citizen_session else 403)


def _ask_code(request: CitizenRequest, form: Code, onto: str) -> HttpResponse:
    def act(given: dict[str, Any]) -> HttpResponse:
        account = signing_in.with_code(**given, source=network_address(request), at=request.now)
        return _inside(request, account, onto)

    return asking(
        request,
        form,
        act,
        title=_("Enter a code"),
        button=_("Continue"),
        action=reverse("portal:code"),
        next=onto,
    )


def _inside(request: CitizenRequest, account: Account, onto: str) -> HttpResponse:
    response = redirect(onto)
    session.begin(request, response, account)
    return response


def _dead(request: CitizenRequest, again: str) -> HttpResponse:
    return _private(page(request, "dead_link", status=404, again=again))


def _private(response: HttpResponse) -> HttpResponse:
    """The secret of a link in the address is told to no other site; forms on such a page tell their site's name alone."""
    response["Referrer-Policy"] = "strict-origin"
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response


def _language() -> str:
    return "cy" if get_language() == "cy" else "en"


urlpatterns = [
    path("account/register/", register, name="register"),
    path("account/register/sent/", register_sent, name="register_sent"),
    path("account/confirm/<str:secret>/", confirm, name="confirm"),
    path("account/sign-in/", sign_in, name="sign_in"),
    path("account/sign-in/code/", code, name="code"),
    path("account/sign-out/", sign_out, name="sign_out"),
    path("account/signed-out/", signed_out, name="signed_out"),
    path("account/forgotten/", forgotten, name="forgotten"),
    path("account/forgotten/sent/", forgotten_sent, name="forgotten_sent"),
    path("account/reset/<str:secret>/", reset, name="reset"),
    path("account/stay/", stay, name="stay"),
]
