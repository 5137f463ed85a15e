"""What somebody keeps of their account: password, address, where they are signed in, and whether it is there at all."""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from moothall.connectors.govuk_one_login.settings import OneLogin
from moothall.core.council.settings import read
from moothall.domain.citizens import earlier as earlier_accounts
from moothall.domain.citizens import factors, keeping, sessions
from moothall.domain.citizens.registering import LinkDead
from moothall.web.api.request import network_address
from moothall.web.common.sent import READ_OR_SEND, sent
from moothall.web.portal import session
from moothall.web.portal.access import CitizenRequest, citizens
from moothall.web.portal.forms import ChangeEmail, ChangePassword, Earlier, Proven, Sure
from moothall.web.portal.pages import asking, page


@citizens
@require_safe
def account(request: CitizenRequest) -> HttpResponse:
    """The account: its address, password, second step and sessions."""
    living = list(sessions.living(request.account, at=request.now)[: sessions.MOST])
    return page(
        request,
        "account",
        living=living,
        left=factors.left(request.account),
        one_login=read(OneLogin).is_set,
        earlier=earlier_accounts.waiting(request.account),
    )


@citizens
@READ_OR_SEND
def earlier(request: CitizenRequest) -> HttpResponse:
    """An account of the website before this one is joined to this account."""
    if earlier_accounts.waiting(request.account) is None:
        return redirect("portal:account")

    def act(given: dict[str, Any]) -> HttpResponse:
        earlier_accounts.confirm(request.account, **given, source=network_address(request), at=request.now)
        return done("portal:cases", "joined")

    title = _("Your account on our earlier website")
    button = _("Join it to this account")
    return asking(
        request, Earlier(sent(request)), act, title=title, button=button, template="earlier", back="portal:account"
    )


@sensitive_post_parameters("current", "password")
@citizens
@READ_OR_SEND
def password(request: CitizenRequest) -> HttpResponse:
    """A new password, for who knows the present one."""

    def act(given: dict[str, Any]) -> HttpResponse:
        _prove(request, given)
        assert request.citizen_session is not None
        keeping.change_password(
            request.account, password=given["password"], session=request.citizen_session, at=request.now
        )
        return done("portal:account", "password")

    form = ChangePassword(sent(request), has_password=bool(request.account.password))
    return asking(
        request, form, act, title=_("Change your password"), button=_("Change password"), back="portal:account"
    )


@sensitive_post_parameters("current")
@citizens
@READ_OR_SEND
def email(request: CitizenRequest) -> HttpResponse:
    """A new address, once the link sent to it was followed."""

    def act(given: dict[str, Any]) -> HttpResponse:
        _prove(request, given)
        keeping.ask_for_email(request.account, email=given["email"], source=network_address(request), at=request.now)
        return redirect("portal:email_sent")

    form = ChangeEmail(sent(request), has_password=bool(request.account.password))
    return asking(
        request, form, act, title=_("Change your e-mail address"), button=_("Continue"), back="portal:account"
    )


@citizens
@require_safe
def email_sent(request: CitizenRequest) -> HttpResponse:
    """The same for every address."""
    return page(request, "sent", title=_("Check your e-mail"), again="portal:email")


@citizens
@READ_OR_SEND
def new_email(request: CitizenRequest, secret: str) -> HttpResponse:
    """The link that came to the new address."""
    if request.method == "POST":
        try:
            keeping.confirm_email(secret, account=request.account, at=request.now)
        except LinkDead:
            return page(request, "dead_link", status=404, again="portal:email")
        return done("portal:account", "email")
    return page(request, "new_email")


@citizens
@require_POST
def end_session(request: CitizenRequest, session_id: int) -> HttpResponse:
    """Sign another browser out."""
    found = sessions.living(request.account, at=request.now).filter(pk=session_id).first()
    if found is None:
        raise Http404
    sessions.end(found, at=request.now)
    return done("portal:account", "ended")


@sensitive_post_parameters("current")
@citizens
@READ_OR_SEND
def delete(request: CitizenRequest) -> HttpResponse:
    """Delete the account; the page says what is kept."""

    class Delete(Proven, Sure):
        """The password, and that one is sure."""

    def act(given: dict[str, Any]) -> HttpResponse:
        _prove(request, given)
        keeping.delete(request.account, at=request.now)
        response = redirect("portal:signed_out")
        session.forget(response)
        return response

    form = Delete(sent(request), has_password=bool(request.account.password))
    title = _("Delete your account")
    return asking(
        request, form, act, title=title, button=_("Delete my account"), template="delete", back="portal:account"
    )


def _prove(request: CitizenRequest, given: dict[str, Any]) -> None:
    keeping.prove(request.account, given.get("current", ""), source=network_address(request), at=request.now)


def done(name: str, word: str, *places: Any) -> HttpResponse:
    """Lead to a page, which says that this was done."""
    return redirect(f"{reverse(name, args=places)}?done={word}")


urlpatterns = [
    path("account/", account, name="account"),
    path("account/password/", password, name="password"),
    path("account/earlier/", earlier, name="earlier"),
    path("account/email/", email, name="email"),
    path("account/email/sent/", email_sent, name="email_sent"),
    path("account/new-email/<str:secret>/", new_email, name="new_email"),
    path("account/sessions/<int:session_id>/end/", end_session, name="end_session"),
    path("account/delete/", delete, name="delete"),
]
