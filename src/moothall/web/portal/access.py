"""How a page of the portal says who may see it. None is there unless the council opened its portal."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode

from moothall.core.council.settings import read
from moothall.domain.citizens.models import Account, Session
from moothall.domain.citizens.rules import Portal
from moothall.web.ops.access import who_may_call
from moothall.web.portal import session

Page = Callable[..., HttpResponseBase]
CITIZENS = "Citizens who are signed in at the portal, each what is theirs"


class CitizenRequest(HttpRequest):
    """A request of a citizen. `now` is read once, on arrival."""

    now: Any
    citizen_session: Session | None

    account: Account


def anybody(page: Page) -> Page:
    """Whoever comes may see the page; `request.citizen_session` tells who is signed in, if anybody is."""

    @wraps(page)
    def shown(request: CitizenRequest, *args: Any, **named: Any) -> HttpResponseBase:
        _opened()
        request.citizen_session = session.holder(request)
        if request.citizen_session:
            request.account = request.citizen_session.account
        return page(request, *args, **named)

    return who_may_call("Anybody, while the council's portal is open: it shows nothing of a person")(shown)


def citizens(page: Page) -> Page:
    """Only a citizen who is signed in may see the page; others are sent to sign in, and back."""

    @wraps(page)
    def shown(request: CitizenRequest, *args: Any, **named: Any) -> HttpResponseBase:
        _opened()
        found = session.holder(request)
        if found is None:
            onward = request.get_full_path() if request.method in {"GET", "HEAD"} else reverse("portal:cases")
            late = {"late": "1"} if session.name() in request.COOKIES else {}
            response = redirect(f"{reverse('portal:sign_in')}?{urlencode({'next': onward, **late})}")
            session.forget(response)
            return response
        request.citizen_session, request.account = found, found.account
        return page(request, *args, **named)

    return who_may_call(CITIZENS)(shown)


def _opened() -> None:
    if not read(Portal).open:
        raise Http404
