"""Messages between me and the officers of a case."""

from typing import Any
from uuid import uuid4

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from moothall.domain.citizens import talking
from moothall.web.api.request import network_address
from moothall.web.common.sent import READ_OR_SEND, sent
from moothall.web.portal.access import CitizenRequest, citizens
from moothall.web.portal.forms import Change, Write
from moothall.web.portal.pages import asking
from moothall.web.portal.views.account import done
from moothall.web.portal.views.cases import own

MOST_SHOWN = 200


@citizens
@READ_OR_SEND
def messages(request: CitizenRequest, reference: str) -> HttpResponse:
    """What was written to and fro, the newest first, and a box to write in."""
    case = own(request, reference)
    form = Write(sent(request), initial={"once": uuid4()})

    def act(given: dict[str, Any]) -> HttpResponse:
        talking.write(case, account=request.account, **given, source=network_address(request), at=request.now)
        return done("portal:messages", "written", case.reference)

    written = list(talking.written(case)[:MOST_SHOWN])
    unread = any(one.by_id and one.seen_at is None for one in written)
    return asking(
        request,
        form,
        act,
        title=_("Messages"),
        button=_("Send message"),
        template="messages",
        case=case,
        written=written,
        unread=unread,
    )


@citizens
@READ_OR_SEND
def change(request: CitizenRequest, reference: str) -> HttpResponse:
    """Ask for what was sent to be changed, or withdrawn. An officer deals with it, and answers."""
    case = own(request, reference)
    form = Change(sent(request), initial={"once": uuid4()})

    def act(given: dict[str, Any]) -> HttpResponse:
        talking.write(case, account=request.account, **given, source=network_address(request), at=request.now)
        return done("portal:messages", "written", case.reference)

    title = _("Change or withdraw this request")
    return asking(request, form, act, title=title, button=_("Send"), template="change", case=case)


@citizens
@require_POST
def read(request: CitizenRequest, reference: str) -> HttpResponse:
    """What officers wrote was read."""
    case = own(request, reference)
    talking.seen_by_citizen(case, at=request.now)
    return redirect("portal:messages", case.reference)


urlpatterns = [
    path("cases/<str:reference>/messages/", messages, name="messages"),
    path("cases/<str:reference>/change/", change, name="change"),
    path("cases/<str:reference>/messages/read/", read, name="messages_read"),
]
