"""What a citizen and officers write to one another on a case, and changes of details citizens ask for (BEST-32, ACC-1)."""

from typing import Any
from uuid import uuid4

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from moothall.core.accounts.permissions import Permission
from moothall.domain.cases import sight
from moothall.domain.citizens import details, talking, telling
from moothall.domain.citizens.models import DetailChange
from moothall.domain.citizens.rules import CitizenRefused
from moothall.domain.people.actions import NinoTaken
from moothall.domain.people.corrections import ChangedMeanwhile
from moothall.kit.invalid import Invalid
from moothall.web.common.sent import READ_OR_SEND, sent
from moothall.web.components.forms import Form, Text
from moothall.web.components.parts import Row
from moothall.web.desk import customers
from moothall.web.desk.access import needs
from moothall.web.desk.case_page import case_page, may_see
from moothall.web.desk.request import DeskRequest

MOST = 200
LABELS = {
    "title": gettext_lazy("Title"),
    "first_names": gettext_lazy("First names"),
    "last_name": gettext_lazy("Last name"),
    "known_as": gettext_lazy("Known as"),
    "address": gettext_lazy("Address"),
}


class Answer(Form):
    """A message to the customer."""

    once = forms.UUIDField(widget=forms.HiddenInput)
    words = Text(
        label=gettext_lazy("Message to the customer"),
        help_text=gettext_lazy("Plain text. They get an e-mail that there is a message, and read it in their account."),
        max_length=talking.LONGEST,
        error_messages={"required": gettext_lazy("Write your message.")},
    )


class Decide(Form):
    """Whether a change of details is made, and by what one goes."""

    do = forms.ChoiceField(
        label=gettext_lazy("What do you decide?"),
        choices=[("confirm", gettext_lazy("Make the change")), ("refuse", gettext_lazy("Leave it as it is"))],
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose what you decide.")},
    )
    why = Text(
        label=gettext_lazy("What you saw that shows it, or why it is not changed"),
        help_text=gettext_lazy("The customer reads why it is not changed."),
        max_length=2000,
        required=False,
    )


@needs(Permission.VIEW_ONLINE_MESSAGES)
@READ_OR_SEND
def online(request: DeskRequest, reference: str) -> HttpResponse:
    """What was written to and fro, the newest first, and a box to answer in."""
    posted = request.method == "POST"
    page = case_page(request, reference, "online", *([Permission.SEND_MESSAGES] if posted else []))
    case = page["case"]
    form = Answer(request.POST if posted else None, initial={"once": uuid4()})
    if form.is_bound and form.is_valid():
        try:
            talking.answer(case, **form.cleaned_data, by=request.user, at=request.now)
        except CitizenRefused as refused:
            form.add_error("words", str(refused))
        else:
            messages.success(request, _("The message is in the customer's account."))
            return redirect("desk:case_online", case.reference)
    written = list(talking.written(case)[:MOST])
    given = {
        "form": form,
        "failed": form.is_bound,
        "written": written,
        "unread": any(one.by_id is None and one.seen_at is None for one in written),
        "may_write": may_see(request, case, Permission.SEND_MESSAGES),
        "followed": bool(telling.followers(case)),
    }
    return TemplateResponse(request, "desk/case_online.html", {**page, **given}, status=422 if form.is_bound else 200)


@needs(Permission.VIEW_ONLINE_MESSAGES)
@require_POST
def seen(request: DeskRequest, reference: str) -> HttpResponse:
    """What the customer wrote was read."""
    page = case_page(request, reference, "online", Permission.SEND_MESSAGES)
    talking.seen_by_officer(page["case"], at=request.now)
    return redirect("desk:case_online", page["case"].reference)


@needs(Permission.EDIT_PEOPLE, Permission.VIEW_PEOPLE)
@require_safe
def asked(request: DeskRequest) -> HttpResponse:
    """The changes of details that wait, the oldest first, of customers the user may change."""
    mine = sight.people_within(request.user, Permission.EDIT_PEOPLE).values("pk")
    rows = DetailChange.objects.filter(state=DetailChange.State.OPEN, customer__in=mine).select_related("customer")
    return TemplateResponse(
        request, "desk/details_asked.html", {"waiting": list(rows.order_by("asked_at", "pk")[:MOST])}
    )


@needs(Permission.EDIT_PEOPLE, Permission.VIEW_PEOPLE)
@READ_OR_SEND
def decide(request: DeskRequest, customer_id: int, change_id: int) -> HttpResponse:
    """One change of details that a customer asked for: made, or not."""
    customer = customers.editable(request, customer_id)
    change = DetailChange.objects.filter(customer=customer, pk=change_id).first()
    if change is None:
        raise Http404
    form = Decide(sent(request))
    if form.is_bound and form.is_valid():
        try:
            _decide(request, change, form.cleaned_data)
        except (CitizenRefused, Invalid, ChangedMeanwhile, NinoTaken) as refused:
            form.add_error("why", str(refused))
        else:
            messages.success(request, _("It is decided."))
            return redirect("desk:customer", customer.pk)
    given = {"customer": customer, "change": change, "rows": _rows(change), "form": form, "failed": form.is_bound}
    return TemplateResponse(request, "desk/details_decide.html", given, status=422 if form.is_bound else 200)


def _decide(request: DeskRequest, change: DetailChange, given: dict[str, Any]) -> None:
    if given["do"] == "confirm":
        details.confirm(change, evidence=given["why"], by=request.user, at=request.now)
    else:
        details.refuse(change, reason=given["why"], by=request.user, at=request.now)


def _rows(change: DetailChange) -> list[Row]:
    """What was asked for, and what the customer says about it."""
    rows = []
    for name, value in change.facts.items():
        said = ", ".join(part for part in value.values() if part) if isinstance(value, dict) else value
        rows.append(Row(str(LABELS.get(name, name)), said or _("none")))
    return [*rows, Row(_("What the customer says"), change.words)] if change.words else rows


urlpatterns = [
    path("cases/<str:reference>/online/", online, name="case_online"),
    path("cases/<str:reference>/online/read/", seen, name="case_online_read"),
    path("details-asked/", asked, name="details_asked"),
    path("customers/<int:customer_id>/asked/<int:change_id>/", decide, name="details_decide"),
]
