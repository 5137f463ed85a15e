"""The record of a customer: who they are, their badges and cases, how they are reached (CT-2), and putting it right (CT-8)."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from moothall.core.accounts.permissions import Permission
from moothall.core.audit import recording
from moothall.domain.cases import sight
from moothall.domain.people import actions, corrections
from moothall.domain.people.models import Customer, Residence
from moothall.kit.invalid import Invalid
from moothall.web.common import numbers
from moothall.web.components.forms import Form
from moothall.web.components.parts import Column
from moothall.web.desk import customers
from moothall.web.desk.access import needs
from moothall.web.desk.forms.customers import ChangeIdentity, ChangeNames, Moved, Reached
from moothall.web.desk.request import DeskRequest
from moothall.web.desk.views.search import case_columns

METHODS = ["GET", "HEAD", "POST"]
REFUSALS = (Invalid, corrections.ChangedMeanwhile, actions.NinoTaken, numbers.Hidden, numbers.TooManyRefused)


@needs(Permission.VIEW_PEOPLE)
@require_safe
def customer(request: DeskRequest, customer_id: int) -> HttpResponse:
    """One person or organisation."""
    found = customers.named(request, customer_id)
    recording.read(found, by=request.user, at=request.now, via="desk customer")
    is_person, may_edit = found.kind == Customer.Kind.PERSON, request.user.may(Permission.EDIT_PEOPLE)
    change = reverse("desk:customer_change", args=[found.pk]) if may_edit else ""
    rows = (
        customers.person_rows(found.person, change=change)
        if is_person
        else customers.organisation_rows(found.organisation)
    )
    cases = list(customers.cases(found, request.user)[: customers.MOST])
    page = {
        "customer": found,
        "rows": rows,
        "references": customers.references(found),
        "cases": cases,
        "ways": customers.ways(found),
        "homes": customers.homes(found),
        "moments": customers.interactions(found, request.user),
        "earlier": customers.earlier(found.person) if is_person else [],
        "may_edit": may_edit,
        "may_open": request.user.may(Permission.OPEN_CASES),
        "reference_columns": [
            Column(_("Number")),
            Column(_("Kind")),
            Column(_("Status")),
            Column(_("From")),
            Column(_("Until")),
        ],
        "case_columns": case_columns(),
        "way_columns": [Column(_("Kind")), Column(_("Number or address")), Column(_("From")), Column(_("Until"))],
        "home_columns": [Column(_("Address")), Column(_("For")), Column(_("From")), Column(_("Until"))],
        "earlier_columns": [Column(_("Name")), Column(_("Until")), Column(_("Changed by")), Column(_("Why"))],
    }
    return TemplateResponse(request, "desk/customer.html", page)


@needs(Permission.EDIT_PEOPLE)
@require_http_methods(METHODS)
def change(request: DeskRequest, customer_id: int) -> HttpResponse:
    """Put names right, and with a permission of its own the date of birth and National Insurance number."""
    found = _editable(request, customer_id)
    if found.kind != Customer.Kind.PERSON:
        raise PermissionDenied(_("%s is an organisation, whose name is not changed here.") % found.name)
    may_correct = sight.people_within(request.user, Permission.CORRECT_PEOPLE).filter(pk=found.pk).exists()
    kind = ChangeIdentity if may_correct else ChangeNames
    version = {"version": corrections.version_of(found.person)}
    shown = {name: getattr(found.person, name) for name in kind.base_fields if hasattr(found.person, name)}
    form = kind(request.POST) if request.method == "POST" else kind(initial={**shown, **version})

    def act(given: dict[str, Any]) -> None:
        reason, version = given.pop("reason"), given.pop("version")
        with transaction.atomic(), numbers.kept(given.get("nino"), by=request.user, at=request.now):
            corrections.change_person(
                found, changes=given, version=version, reason=reason, by=request.user, at=request.now
            )

    return _asked(request, found, form, act, title=_("Put names right"), done=_("The change is recorded."))


@needs(Permission.EDIT_PEOPLE)
@require_http_methods(METHODS)
def address(request: DeskRequest, customer_id: int) -> HttpResponse:
    """Say where somebody lives or gets letters; what was is kept."""
    found = _editable(request, customer_id)
    form = Moved(request.POST if request.method == "POST" else None)

    def act(given: dict[str, Any]) -> None:
        if lines := form.lines():
            actions.set_address(
                found,
                lines,
                purpose=Residence.Purpose(given["purpose"]),
                from_date=given["from_date"],
                to_date=given["to_date"],
                by=request.user,
                at=request.now,
            )

    return _asked(request, found, form, act, title=_("New address"), done=_("The address is recorded."))


@needs(Permission.EDIT_PEOPLE)
@require_http_methods(METHODS)
def contact(request: DeskRequest, customer_id: int) -> HttpResponse:
    """Say how somebody is reached; what it replaces is kept."""
    found = _editable(request, customer_id)
    form = Reached(request.POST if request.method == "POST" else None)

    def act(given: dict[str, Any]) -> None:
        actions.set_contact(found, form.contact(), verified=given["verified"], by=request.user, at=request.now)

    return _asked(request, found, form, act, title=_("New contact detail"), done=_("The contact detail is recorded."))


def _editable(request: DeskRequest, customer_id: int) -> Customer:
    found = customers.named(request, customer_id)
    if not sight.people_within(request.user, Permission.EDIT_PEOPLE).filter(pk=found.pk).exists():
        raise PermissionDenied(_("This needs the permission %s for this customer.") % Permission.EDIT_PEOPLE)
    return found


def _asked(request: DeskRequest, found: Customer, form: Form, act: Any, *, title: str, done: str) -> HttpResponse:
    if request.method == "POST" and form.is_valid():
        try:
            act(dict(form.cleaned_data))
        except REFUSALS as error:
            form.add_error(None, str(error))
            if isinstance(error, numbers.Hidden):
                numbers.note_refused(by=request.user, at=request.now)
        else:
            messages.success(request, done)
            return redirect("desk:customer", found.pk)
    recording.read(found, by=request.user, at=request.now, via="desk customer.change")
    failed = bool(form.errors)
    page = {"customer": found, "form": form, "title": title, "failed": failed}
    return TemplateResponse(request, "desk/customer_form.html", page, status=422 if failed else 200)


urlpatterns = [
    path("customers/<int:customer_id>/", customer, name="customer"),
    path("customers/<int:customer_id>/change/", change, name="customer_change"),
    path("customers/<int:customer_id>/address/", address, name="customer_address"),
    path("customers/<int:customer_id>/contact/", contact, name="customer_contact"),
]
