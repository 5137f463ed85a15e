"""One way to reach somebody made sure of or put first, a number of another system, and where somebody was on a day (PPP-11 to 13)."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from moothall.core.accounts.permissions import Permission
from moothall.core.audit import recording
from moothall.domain.cases import numbers
from moothall.domain.people import actions, reaching
from moothall.domain.people.models import ContactDetail, Customer
from moothall.kit.invalid import Invalid
from moothall.web.common.sent import READ_OR_SEND, sent
from moothall.web.components.parts import Column
from moothall.web.desk import customer_form, customers
from moothall.web.desk.access import needs
from moothall.web.desk.forms.reached import MadeSure, NumberOf, OnADay
from moothall.web.desk.request import DeskRequest


@needs(Permission.EDIT_PEOPLE, Permission.VIEW_PEOPLE)
@require_POST
def prefer(request: DeskRequest, customer_id: int, row_id: int) -> HttpResponse:
    """Put a way to reach them first among those of its kind."""
    found = customers.editable(request, customer_id)
    try:
        reaching.prefer_contact(_way(found, row_id), by=request.user, at=request.now)
    except Invalid as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("It comes first now."))
    return redirect("desk:customer", found.pk)


@needs(Permission.EDIT_PEOPLE, Permission.VIEW_PEOPLE)
@READ_OR_SEND
def verify(request: DeskRequest, customer_id: int, row_id: int) -> HttpResponse:
    """Say how one made sure that it is theirs."""
    found = customers.editable(request, customer_id)
    way = _way(found, row_id)
    form = MadeSure(sent(request))
    if form.is_valid():
        try:
            reaching.verify_contact(way, how=form.cleaned_data["how"], by=request.user, at=request.now)
        except Invalid as error:
            form.add_error("how", str(error))
        else:
            messages.success(request, _("It is recorded that you made sure of it."))
            return redirect("desk:customer", found.pk)
    return customer_form.page(request, found, form, title=_("Made sure of %s") % way.value)


@needs(Permission.EDIT_PEOPLE, Permission.VIEW_PEOPLE)
@READ_OR_SEND
def reference(request: DeskRequest, customer_id: int) -> HttpResponse:
    """Record the number another system knows them by."""
    found = customers.editable(request, customer_id)

    def act(given: dict[str, Any]) -> None:
        with (
            recording.because(action="reference.set", by=request.user, at=request.now),
            numbers.kept(given["number"], by=request.user, at=request.now),
        ):
            actions.set_reference(found, **given, new=True, by=request.user, at=request.now)

    title, done = _("New number of another system"), _("The number is recorded.")
    return customer_form.asked(request, found, NumberOf(sent(request)), act, title=title, done=done)


@needs(Permission.VIEW_PEOPLE)
@require_safe
def on_a_day(request: DeskRequest, customer_id: int) -> HttpResponse:
    """Where somebody was on a day, for each purpose."""
    found = customers.named(request, customer_id)
    form = OnADay(request.GET if request.GET else None)
    rows = []
    if form.is_valid():
        rows = [(customers.purpose(row.purpose), row) for row in found.residences_on(form.cleaned_data["day"])]
    recording.read(found, by=request.user, at=request.now, via="desk customer.on_a_day")
    page = {
        "customer": found,
        "form": form,
        "failed": bool(form.errors),
        "asked": form.is_bound and not form.errors,
        "rows": rows,
        "columns": [Column(_("Address")), Column(_("For")), Column(_("From")), Column(_("Until"))],
    }
    return TemplateResponse(request, "desk/customer_on_a_day.html", page, status=422 if form.errors else 200)


def _way(found: Customer, row_id: int) -> ContactDetail:
    way = found.contact_details.filter(pk=row_id, to_date=None).first()
    if way is None:
        raise Http404
    return way


urlpatterns = [
    path("customers/<int:customer_id>/contacts/<int:row_id>/first/", prefer, name="customer_prefer"),
    path("customers/<int:customer_id>/contacts/<int:row_id>/sure/", verify, name="customer_verify"),
    path("customers/<int:customer_id>/numbers/", reference, name="customer_reference"),
    path("customers/<int:customer_id>/on-a-day/", on_a_day, name="customer_on_a_day"),
]
