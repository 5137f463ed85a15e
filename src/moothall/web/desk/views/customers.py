"""The record of a customer: who they are, their badges and cases, how they are reached (CT-2), and putting it right (CT-8)."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from moothall.core.accounts.permissions import Permission
from moothall.core.audit import recording
from moothall.domain.cases import corrected, heed, sight
from moothall.domain.exchange import registers
from moothall.domain.exchange.operations import SendError
from moothall.domain.people import actions, corrections, organisations
from moothall.domain.people.models import Customer, ExternalReference, Residence
from moothall.kit.calendars import LONDON
from moothall.kit.invalid import Invalid
from moothall.web.common import paging
from moothall.web.common.sent import READ_OR_SEND, sent
from moothall.web.components.forms import Form
from moothall.web.components.parts import Column, Link, Row, numbered, with_query
from moothall.web.components.templatetags.components import day
from moothall.web.desk import addresses, customer_form, customers, duplicates, national_record
from moothall.web.desk.access import needs
from moothall.web.desk.case_timeline import KINDS
from moothall.web.desk.forms.customers import ChangeIdentity, ChangeNames, ChangeOrganisation, Moved, Reached
from moothall.web.desk.request import DeskRequest
from moothall.web.desk.views.search import case_columns

PAGE = 50


@needs(Permission.VIEW_PEOPLE)
@require_safe
def customer(request: DeskRequest, customer_id: int) -> HttpResponse:
    """One person or organisation."""
    found = customers.named(request, customer_id)
    recording.read(found, by=request.user, at=request.now, via="desk customer")
    is_person, may_edit = found.kind == Customer.Kind.PERSON, request.user.may(Permission.EDIT_PEOPLE)
    change = reverse("desk:customer_change", args=[found.pk]) if may_edit else ""
    held = heed.of(found.pk, user=request.user, on=request.now.astimezone(LONDON).date())
    rows = (
        customers.person_rows(found.person, held, change=change)
        if is_person
        else customers.organisation_rows(found, change=change)
    )
    most = customers.WHOLE if "whole" in request.GET else customers.MOST
    listed: dict[str, list[Any]] = {
        "references": customers.references(found, most=most),
        "cases": list(customers.cases(found, request.user)[:most]),
        "ways": customers.ways(found, most=most),
        "homes": customers.homes(found, most=most),
        "ties": customers.ties(found, request.user, most=most),
        "fleet": customers.fleet(found, most=most) if not is_person else [],
    }
    page = {
        **listed,
        "cut": most if any(len(rows) >= most for rows in listed.values()) else 0,
        "whole": most == customers.WHOLE,
        "customer": found,
        "rows": [*rows, *customers.accounts(found)],
        "heed": held,
        "may_record_death": is_person and request.user.may(Permission.RECORD_DEATHS),
        "tags": customers.tags(found),
        "moments": customers.Happened(found, request.user).moments(0, customers.LATEST),
        "dealings": customers.earlier_dealings(found, request.user),
        "earlier": customers.earlier(found.person) if is_person else [],
        "was": [] if is_person else customers.was(found),
        "may_edit": may_edit,
        "merges": duplicates.standing(found) if request.user.may(Permission.MERGE_PEOPLE) else [],
        "may_merge": request.user.may(Permission.MERGE_PEOPLE),
        "may_open": request.user.may(Permission.OPEN_CASES),
        **_columns(),
    }
    return TemplateResponse(request, "desk/customer.html", page)


def _columns() -> dict[str, list[Column]]:
    """The columns of each table of the page."""
    return {
        "reference_columns": [
            Column(_("Number")),
            Column(_("Kind")),
            Column(_("Status")),
            Column(_("From")),
            Column(_("Until")),
            Column(_("End"), hidden=True),
        ],
        "case_columns": case_columns(),
        "way_columns": [
            Column(_("Kind")),
            Column(_("Number or address")),
            Column(_("From")),
            Column(_("Until")),
            Column(_("Change"), hidden=True),
        ],
        "home_columns": [
            Column(_("Address")),
            Column(_("For")),
            Column(_("From")),
            Column(_("Until")),
            Column(_("End"), hidden=True),
        ],
        "tie_columns": [
            Column(_("What")),
            Column(_("Who")),
            Column(_("From")),
            Column(_("Until")),
            Column(_("End"), hidden=True),
        ],
        "fleet_columns": [
            Column(_("Registration mark")),
            Column(_("What it is")),
            Column(_("From")),
            Column(_("Until")),
            Column(_("End"), hidden=True),
        ],
        "dealing_columns": [
            Column(_("What it was about")),
            Column(_("Kind")),
            Column(_("From")),
            Column(_("Until")),
            Column(_("How it stood")),
            Column(_("Recorded in")),
        ],
        "was_columns": [
            Column(_("What")),
            Column(_("What it was")),
            Column(_("Until")),
            Column(_("Changed by")),
            Column(_("Why")),
        ],
        "earlier_columns": [Column(_("Name")), Column(_("Until")), Column(_("Changed by")), Column(_("Why"))],
    }


@needs(Permission.EDIT_PEOPLE)
@READ_OR_SEND
def change(request: DeskRequest, customer_id: int) -> HttpResponse:
    """Put names right, and with a permission of its own the date of birth and National Insurance number of a person."""
    found = customers.editable(request, customer_id)
    form, title = _change_form(request, found)

    def act(given: dict[str, Any]) -> None:
        said = {name: given.pop(name, "") for name in ("reason", "evidence", "version")}
        corrected.correct(found, changes=given, by=request.user, at=request.now, **said)

    return customer_form.asked(request, found, form, act, title=title, done=_("The change is recorded."))


def _change_form(request: DeskRequest, found: Customer) -> tuple[Form, str]:
    """What can be changed of a person or an organisation, as it is now, and what the page is called."""
    data = sent(request)
    if found.kind == Customer.Kind.ORGANISATION:
        about = found.organisation
        now = {"name": found.name, "charity_number": about.charity_number, "contact_name": about.contact_name}
        version = {"version": organisations.version_of(found)}
        return ChangeOrganisation(data, initial=now | version), _("Change what it is called")
    may_correct = sight.people_within(request.user, Permission.CORRECT_PEOPLE).filter(pk=found.pk).exists()
    kind = ChangeIdentity if may_correct else ChangeNames
    version = {"version": corrections.version_of(found.person)}
    shown = {name: getattr(found.person, name) for name in kind.base_fields if hasattr(found.person, name)}
    return kind(data, initial={**shown, **version}), _("Put names right")


@needs(Permission.EDIT_PEOPLE)
@READ_OR_SEND
def address(request: DeskRequest, customer_id: int) -> HttpResponse:
    """Say where somebody lives or gets letters; what was is kept."""
    found = customers.editable(request, customer_id)
    looking = addresses.looking(request)
    form = Moved(looking.data)

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

    said = {"title": _("New address"), "done": _("The address is recorded.")}
    return customer_form.asked(request, found, form, act, step=looking, **said)


@needs(Permission.EDIT_PEOPLE)
@READ_OR_SEND
def contact(request: DeskRequest, customer_id: int) -> HttpResponse:
    """Say how somebody is reached; what it replaces is kept."""
    found = customers.editable(request, customer_id)
    form = Reached(sent(request))

    def act(given: dict[str, Any]) -> None:
        actions.set_contact(found, form.contact(), verified=given["verified"], by=request.user, at=request.now)

    return customer_form.asked(
        request, found, form, act, title=_("New contact detail"), done=_("The contact detail is recorded.")
    )


@needs(Permission.VIEW_PEOPLE)
@require_safe
def happened(request: DeskRequest, customer_id: int) -> HttpResponse:
    """What happened on all cases of a customer, and before, in one line of time; by kind when one is chosen."""
    found = customers.named(request, customer_id)
    if (kind := request.GET.get("kind", "")) not in {"", customers.EARLIER, *KINDS}:
        raise Http404
    lines = customers.Happened(found, request.user, kind=kind)
    here = paging.page(request.GET, count=lines.count(), size=PAGE)
    recording.read(found, by=request.user, at=request.now, via="desk customer.timeline")
    chosen = {"": _("Everything"), **{key: str(name) for key, name in KINDS.items()}}
    chosen[customers.EARLIER] = _("Earlier contacts and cases")
    shown = {
        "customer": found,
        "entries": lines.moments(here.before, here.before + PAGE),
        "kinds": [
            Link(name, request.path + with_query(request.GET, kind=key or None, page=None))
            for key, name in chosen.items()
        ],
        "chosen": chosen[kind],
        "pages": numbered(page=here.number, last=here.last, query=request.GET),
    }
    return TemplateResponse(request, "desk/customer_timeline.html", shown)


@needs(Permission.VIEW_PEOPLE)
@READ_OR_SEND
def badge(request: DeskRequest, customer_id: int, reference_id: int) -> HttpResponse:
    """One badge, as recorded here and as the national service holds it; a POST asks the service anew.

    What nobody has asked yet is asked by a script as the page opens, and once only: an answer to htmx does not ask again.
    """
    found = customers.named(request, customer_id)
    one = next((one for one in customers.references(found, most=customers.WHOLE) if one.row.pk == reference_id), None)
    register = registers.of_numbers(one.row.type) if one else None
    if one is None or register is None:
        raise Http404
    may_ask = request.user.may(Permission.SEARCH_NATIONALLY, register.service())
    if request.method == "POST":
        if not may_ask:
            raise PermissionDenied(_("This needs the permission %s.") % Permission.SEARCH_NATIONALLY)
        try:
            register.ask(one.row.number, by=request.user, at=request.now)
        except (Invalid, SendError) as error:
            messages.error(request, str(error))
        else:
            _say_what_changed(request, one.row)
        return redirect("desk:customer_badge", found.pk, one.row.pk)
    recording.read(found, by=request.user, at=request.now, via="desk customer.badge")
    kept = register.kept(one.row.number) if may_ask else None
    facts = [
        (_("Status"), one.status),
        (_("From"), day(one.row.from_date)),
        (_("Until"), day(one.row.to_date)),
        (_("Replaces"), one.row.replaces.number if one.row.replaces else ""),
    ]
    page = {
        "customer": found,
        "badge": one.row,
        "thing": register.thing,
        "rows": [Row(key, value) for key, value in facts if value],
        "may_ask": may_ask,
        "record": kept,
        "record_rows": national_record.rows(register, kept),
        "differs": national_record.differs(register, kept, one.row),
        "ask_now": kept is None and not request.htmx,
    }
    return TemplateResponse(request, "desk/customer_badge.html", page)


def _say_what_changed(request: DeskRequest, badge: ExternalReference) -> None:
    before = badge.status
    badge.refresh_from_db(fields=["status"])
    if badge.status != before:
        said = _("The national service says that the badge is %(status)s. Its status here follows: it was %(before)s.")
        messages.success(request, said % {"status": badge.status, "before": before or _("not recorded")})


urlpatterns = [
    path("customers/<int:customer_id>/", customer, name="customer"),
    path("customers/<int:customer_id>/timeline/", happened, name="customer_timeline"),
    path("customers/<int:customer_id>/badges/<int:reference_id>/", badge, name="customer_badge"),
    path("customers/<int:customer_id>/change/", change, name="customer_change"),
    path("customers/<int:customer_id>/address/", address, name="customer_address"),
    path("customers/<int:customer_id>/contact/", contact, name="customer_contact"),
]
