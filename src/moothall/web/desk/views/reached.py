"""One way to reach somebody made sure of or put first, a number of another system, and where somebody was on a day (PPP-11 to 13)."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from moothall.core.accounts.permissions import Permission
from moothall.core.audit import recording
from moothall.domain.cases import numbers
from moothall.domain.people import actions, reaching
from moothall.domain.people.models import ContactDetail, Customer
from moothall.domain.people.references import ReferenceTaken
from moothall.kit.invalid import Invalid
from moothall.web.common.sent import sent
from moothall.web.components.forms import Form
from moothall.web.components.parts import Column
from moothall.web.desk import customers
from moothall.web.desk.access import needs
from moothall.web.desk.forms.reached import MadeSure, NumberOf, OnADay
from moothall.web.desk.request import DeskRequest

METHODS = ["GET", "HEAD", "POST"]


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
@require_http_methods(METHODS)
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
    return _page(request, found, form, title=_("Made sure of %s") % way.value)


@needs(Permission.EDIT_PEOPLE, Permission.VIEW_PEOPLE)
@require_http_methods(METHODS)
def reference(request: DeskRequest, customer_id: int) -> HttpResponse:
    """Record the number another system knows them by."""
    found = customers.editable(request, customer_id)
    form = NumberOf(sent(request))
    if form.is_valid():
        given = form.cleaned_data
        try:
            with (
                recording.because(action="reference.set", by=request.user, at=request.now),
                numbers.kept(given["number"], by=request.user, at=request.now),
            ):
                actions.set_reference(found, **given, new=True, by=request.user, at=request.now)
        except (Invalid, ReferenceTaken, numbers.Hidden, numbers.TooManyRefused) as error:
            form.add_error(None, str(error))
            numbers.note_refused(error, at=request.now)
        else:
            messages.success(request, _("The number is recorded."))
            return redirect("desk:customer", found.pk)
    return _page(request, found, form, title=_("New number of another system"))


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


def _page(request: DeskRequest, found: Customer, form: Form, *, title: str) -> HttpResponse:
    recording.read(found, by=request.user, at=request.now, via="desk customer.change")
    failed = bool(form.errors)
    page = {"customer": found, "form": form, "title": title, "opening": False, "failed": failed}
    return TemplateResponse(request, "desk/customer_form.html", page, status=422 if failed else 200)


urlpatterns = [
    path("customers/<int:customer_id>/contacts/<int:row_id>/first/", prefer, name="customer_prefer"),
    path("customers/<int:customer_id>/contacts/<int:row_id>/sure/", verify, name="customer_verify"),
    path("customers/<int:customer_id>/numbers/", reference, name="customer_reference"),
    path("customers/<int:customer_id>/on-a-day/", on_a_day, name="customer_on_a_day"),
]
