"""Letters that came back, and addresses that are doubtful since."""

from typing import Any

from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _

from moothall.core.accounts.permissions import Permission
from moothall.domain.cases import returned, sight
from moothall.domain.messages.models import Message, Returned
from moothall.domain.people import doubts
from moothall.web.common.sent import READ_OR_SEND, sent
from moothall.web.desk import customer_form, customers, own_page
from moothall.web.desk.access import needs
from moothall.web.desk.case_page import case_page
from moothall.web.desk.forms.messages import CameBack, RightAfterAll
from moothall.web.desk.request import DeskRequest


@needs(Permission.SEND_MESSAGES, Permission.VIEW_DOCUMENTS)
@READ_OR_SEND
def came_back(request: DeskRequest, reference: str, message_id: int) -> HttpResponseBase:
    """Record that a letter came back: when and why. The address is doubtful from then."""
    page = case_page(request, reference, "workflow", Permission.SEND_MESSAGES, Permission.VIEW_DOCUMENTS)
    case = page["case"]
    letter = sight.visible_messages(request.user).filter(case_link__case=case, pk=message_id).first()
    if letter is None or letter.channel != Message.Channel.LETTER or letter.sent_at is None:
        raise Http404

    def act(given: dict[str, Any]) -> str:
        reason = Returned.WhyReturned(given["reason"])
        returned.came_back(letter, reason=reason, on=given["on"], note=given["note"], by=request.user, at=request.now)
        return _("It is recorded that the letter came back.")

    start = {"on": timezone.localdate(request.now)}
    form = CameBack(request.POST) if request.method == "POST" else CameBack(initial=start)
    to = ", ".join([letter.to_name, *letter.to_lines])
    shown = {**page, "title": _("This letter came back"), "button": _("Record it"), "version": ""}
    shown["told"] = _("“%(subject)s” to %(to)s") % {"subject": letter.subject, "to": to}
    onward = ("desk:message", case.reference, letter.pk)
    return own_page.asked(request, form, act, template="desk/workflow_act.html", page=shown, onward=onward)


@needs(Permission.EDIT_PEOPLE)
@READ_OR_SEND
def right(request: DeskRequest, customer_id: int, residence_id: int) -> HttpResponse:
    """Say that a doubtful address is right after all."""
    found = customers.editable(request, customer_id)
    home = next((one for one in doubts.of(found) if one.pk == residence_id), None)
    if home is None:
        if request.method == "POST":
            return redirect("desk:customer", found.pk)  # sent twice: it is done
        raise Http404

    def act(given: dict[str, Any]) -> None:
        doubts.settle(home, reason=given["reason"], by=request.user, at=request.now)

    title = _("%s is right after all") % ", ".join(home.address.lines)
    form, done = RightAfterAll(sent(request)), _("The address is no longer doubtful.")
    return customer_form.asked(request, found, form, act, title=title, done=done)


urlpatterns: list[Any] = [
    path("cases/<str:reference>/messages/<int:message_id>/returned/", came_back, name="message_returned"),
    path("customers/<int:customer_id>/addresses/<int:residence_id>/right/", right, name="address_right"),
]
