"""Letters that came back, and addresses that are doubtful since."""

from typing import Any

from django.contrib import messages as told
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from moothall.core.accounts.permissions import Permission
from moothall.core.audit import recording
from moothall.domain.cases import returned, sight
from moothall.domain.messages.models import Message, Returned
from moothall.domain.people import doubts
from moothall.kit.invalid import Invalid
from moothall.web.common.sent import sent
from moothall.web.desk import customers
from moothall.web.desk.access import needs
from moothall.web.desk.case_page import case_page
from moothall.web.desk.forms.messages import CameBack, RightAfterAll
from moothall.web.desk.request import DeskRequest

METHODS = ["GET", "HEAD", "POST"]


@needs(Permission.SEND_MESSAGES, Permission.VIEW_DOCUMENTS)
@require_http_methods(METHODS)
def came_back(request: DeskRequest, reference: str, message_id: int) -> HttpResponse:
    """Record that a letter came back: when and why. The address is doubtful from then."""
    page = case_page(request, reference, "workflow", Permission.SEND_MESSAGES, Permission.VIEW_DOCUMENTS)
    case = page["case"]
    letter = sight.visible_messages(request.user).filter(case_link__case=case, pk=message_id).first()
    if letter is None or letter.channel != Message.Channel.LETTER or letter.sent_at is None:
        raise Http404
    start = {"on": timezone.localdate(request.now)}
    form = CameBack(request.POST) if request.method == "POST" else CameBack(initial=start)
    if form.is_valid():
        given = form.cleaned_data
        try:
            returned.came_back(
                letter,
                reason=Returned.WhyReturned(given["reason"]),
                on=given["on"],
                note=given["note"],
                by=request.user,
                at=request.now,
            )
        except Invalid as error:
            form.add_error("on", str(error))
        else:
            told.success(request, _("It is recorded that the letter came back."))
            return redirect("desk:message", case.reference, letter.pk)
    to = ", ".join([letter.to_name, *letter.to_lines])
    shown = {**page, "form": form, "title": _("This letter came back"), "button": _("Record it"), "version": ""}
    failed = bool(form.errors)
    told_first = _("“%(subject)s” to %(to)s") % {"subject": letter.subject, "to": to}
    return TemplateResponse(
        request,
        "desk/workflow_act.html",
        {**shown, "told": told_first, "failed": failed},
        status=422 if failed else 200,
    )


@needs(Permission.EDIT_PEOPLE)
@require_http_methods(METHODS)
def right(request: DeskRequest, customer_id: int, residence_id: int) -> HttpResponse:
    """Say that a doubtful address is right after all."""
    found = customers.editable(request, customer_id)
    home = next((one for one in doubts.of(found) if one.pk == residence_id), None)
    if home is None:
        if request.method == "POST":
            return redirect("desk:customer", found.pk)  # sent twice: it is done
        raise Http404
    form = RightAfterAll(sent(request))
    if form.is_valid():
        doubts.settle(home, reason=form.cleaned_data["reason"], by=request.user, at=request.now)
        told.success(request, _("The address is no longer doubtful."))
        return redirect("desk:customer", found.pk)
    recording.read(found, by=request.user, at=request.now, via="desk customer.address_right")
    failed = bool(form.errors)
    title = _("%s is right after all") % ", ".join(home.address.lines)
    page = {"customer": found, "form": form, "title": title, "failed": failed}
    return TemplateResponse(request, "desk/customer_form.html", page, status=422 if failed else 200)


urlpatterns: list[Any] = [
    path("cases/<str:reference>/messages/<int:message_id>/returned/", came_back, name="message_returned"),
    path("customers/<int:customer_id>/addresses/<int:residence_id>/right/", right, name="address_right"),
]
