"""The second step of signing in: turned on with an app, shown its recovery codes once, turned off."""

from io import BytesIO
from typing import Any

import segno
from django.core import signing
from django.http import HttpResponse
from django.urls import path
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters

from moothall.core.council.settings import Council, read
from moothall.domain.citizens import factors, keeping
from moothall.domain.citizens.rules import CitizenRefused
from moothall.web.api.request import network_address
from moothall.web.common.sent import READ_OR_SEND, sent
from moothall.web.portal.access import CitizenRequest, citizens
from moothall.web.portal.forms import Proven, TurnOn
from moothall.web.portal.pages import asking, page
from moothall.web.portal.views.account import done

SALT = "moothall.portal.factor"
MINUTES = 30


@sensitive_post_parameters("code", "secret")
@citizens
@READ_OR_SEND
def turn_on(request: CitizenRequest) -> HttpResponse:
    """Set an app up by its QR code or by typing, and show one code of it. The secret travels signed, tied to the account."""
    form = TurnOn(sent(request))
    secret = _opened(request, form.data.get("secret", "")) or factors.new_secret()
    if not form.is_bound:
        form = TurnOn(initial={"secret": signing.dumps([request.account.pk, secret], salt=SALT)})

    def act(given: dict[str, Any]) -> HttpResponse:
        if (kept := _opened(request, given["secret"])) is None:
            raise CitizenRefused(_("That took too long. Begin again."))
        codes = factors.turn_on(request.account, secret=kept, code=given["code"], at=request.now)
        return page(request, "recovery_codes", codes=codes)

    council = read(Council).name or "Moothall"
    picture = _picture(factors.address(secret, email=request.account.email, council=council))
    return asking(
        request,
        form,
        act,
        title=_("Ask for a code when I sign in"),
        button=_("Turn on"),
        template="factor",
        picture=picture,
        typed=" ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
        back="portal:account",
    )


@sensitive_post_parameters("current")
@citizens
@READ_OR_SEND
def turn_off(request: CitizenRequest) -> HttpResponse:
    """Ask for the password alone again."""

    def act(given: dict[str, Any]) -> HttpResponse:
        keeping.prove(request.account, given.get("current", ""), source=network_address(request), at=request.now)
        factors.turn_off(request.account, at=request.now)
        return done("portal:account", "code_off")

    form = Proven(sent(request), has_password=bool(request.account.password))
    return asking(request, form, act, title=_("Ask for no code any more"), button=_("Turn off"), back="portal:account")


def _opened(request: CitizenRequest, signed: str) -> str | None:
    try:
        account, secret = signing.loads(signed, salt=SALT, max_age=MINUTES * 60)
    except (signing.BadSignature, ValueError):
        return None
    return str(secret) if account == request.account.pk else None


def _picture(text: str) -> SafeString:
    """A QR code as SVG in the page: nothing is fetched, and nothing of it is kept."""
    made = BytesIO()
    segno.make(text, error="m").save(
        made, kind="svg", scale=4, border=4, xmldecl=False, svgns=True, nl=False, light="white", title=_("QR code")
    )
    return mark_safe(made.getvalue().decode())  # noqa: S308 - made here, of modules alone


urlpatterns = [
    path("account/code/", turn_on, name="turn_on"),
    path("account/code/off/", turn_off, name="turn_off"),
]
