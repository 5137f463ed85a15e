"""What belongs to a customer's record: relationships, tags, an organisation's sites and vehicles (CT-2, CT-6, CT-51)."""

from collections.abc import Callable, Iterable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext as _

from moothall.core.accounts.permissions import Permission
from moothall.core.audit import recording
from moothall.core.lists import actions as lists
from moothall.core.lists.models import Tag
from moothall.domain.cases import sight, tagging
from moothall.domain.people import needs as needs_of
from moothall.domain.people import organisations, reaching, relationships
from moothall.domain.people.lists import NEEDS
from moothall.domain.people.models import Customer, Relationship, Residence, Vehicle
from moothall.kit import text
from moothall.kit.invalid import Invalid
from moothall.web.common.sent import READ_OR_SEND, sent
from moothall.web.desk import addresses, customer_form, customers, looking
from moothall.web.desk.access import needs
from moothall.web.desk.forms.ties import CustomerTags, NewSite, NewVehicle, Relate
from moothall.web.desk.request import DeskRequest

MOST_FOUND = 20


@needs(Permission.EDIT_PEOPLE, Permission.VIEW_PEOPLE)
@READ_OR_SEND
def relate(request: DeskRequest, customer_id: int) -> HttpResponse:
    """Record what the customer is to somebody who is recorded as well: look for them, choose, say what."""
    found = customers.editable(request, customer_id)
    posted = request.method == "POST"
    people, why = _looked_for(request, found, text.salvage(request.POST.get("who", ""))) if posted else ([], "")
    saving = posted and request.POST.get("step") == "save" and bool(people)
    form = Relate(request.POST if posted else None, customer=found, found=people)
    if posted and not saving:
        form = Relate(initial={"who": request.POST.get("who", "")}, customer=found, found=people)
        if not people:
            form = Relate(request.POST, customer=found, found=[])
            if form.is_valid():
                form.add_error("who", why or _("Nobody else was found. Check the spelling, or record them first."))
    elif saving and form.is_valid():
        given = form.cleaned_data
        other = next(one for one in people if str(one.pk) == given["other"])
        try:
            said = {name: given[name] for name in ("kind", "role", "from_date")}
            relationships.relate(found, other, **said, by=request.user, at=request.now)
        except Invalid as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("The relationship is recorded."))
            return redirect("desk:customer", found.pk)
    recording.read(found, by=request.user, at=request.now, via="desk customer.relate")
    failed = bool(form.errors)
    page = {"customer": found, "form": form, "failed": failed}
    return TemplateResponse(request, "desk/customer_relate.html", page, status=422 if failed else 200)


@needs(Permission.EDIT_PEOPLE, Permission.VIEW_PEOPLE)
@READ_OR_SEND
def tags(request: DeskRequest, customer_id: int) -> HttpResponse:
    """Choose the customer's tags; those that workflows set are not offered."""
    found = customers.editable(request, customer_id)
    rows = Tag.objects.filter(applies_to=Tag.Applies.CUSTOMER, system=False).order_by("label")
    mine = request.user.reached(Permission.EDIT_PEOPLE)
    offered = [tag for tag in rows if tag.key in found.tags or (tag.retired_on is None and tag.is_of(mine))]
    chosen = {tag.key for tag in offered} & set(found.tags)
    form = CustomerTags(sent(request), offered=offered, initial={"tags": sorted(chosen)})

    def act(given: dict[str, Any]) -> None:
        wanted = set(given["tags"])
        tagging.tag_customer_alone(found, set=wanted - chosen, remove=chosen - wanted, by=request.user, at=request.now)

    return customer_form.asked(request, found, form, act, title=_("Tags"), done=_("The tags are changed."))


@needs(Permission.EDIT_PEOPLE, Permission.VIEW_PEOPLE)
@READ_OR_SEND
def site(request: DeskRequest, customer_id: int) -> HttpResponse:
    """Add a site of an organisation."""
    found = _organisation(request, customer_id)
    step = addresses.looking(request)
    form = NewSite(step.data)

    def act(given: dict[str, Any]) -> None:
        if lines := form.lines():
            organisations.add_site(found, lines, from_date=given["from_date"], by=request.user, at=request.now)

    return customer_form.asked(
        request, found, form, act, title=_("New site"), done=_("The site is recorded."), step=step
    )


@needs(Permission.EDIT_PEOPLE, Permission.VIEW_PEOPLE)
@READ_OR_SEND
def vehicle(request: DeskRequest, customer_id: int) -> HttpResponse:
    """Add a vehicle of an organisation."""
    found = _organisation(request, customer_id)
    form = NewVehicle(sent(request))

    def act(given: dict[str, Any]) -> None:
        organisations.add_vehicle(found, **given, by=request.user, at=request.now)

    return customer_form.asked(request, found, form, act, title=_("New vehicle"), done=_("The vehicle is recorded."))


@needs(Permission.EDIT_PEOPLE, Permission.VIEW_PEOPLE)
@READ_OR_SEND
def end(request: DeskRequest, customer_id: int, what: str, row_id: int) -> HttpResponse:
    """End a relationship, a site, a vehicle, a way to reach them, a number or a need, after a question; it stays on record."""
    found = customers.editable(request, customer_id)
    if what == "relationship":
        one = next((one for one in relationships.of(found, most=customers.MOST) if one.row.pk == row_id), None)
        if one is None:
            raise Http404
        seen = sight.visible_people(request.user).filter(pk=one.other.pk).exists()
        row: Any = one.row
        words = f"{one.text} {one.other.name if seen else customers.hidden()}"
        act: Callable[..., None] = relationships.end
    elif what == "site":
        row, act = _row(found.residences.filter(purpose=Residence.Purpose.SITE), row_id), organisations.end_site
        words = ", ".join(row.address.lines)
    elif what == "vehicle":
        row, act = _row(found.vehicles.all(), row_id), organisations.end_vehicle
        words = f"{row.registration} {row.description}".strip()
    elif what == "contact":
        row, act = _row(found.contact_details.all(), row_id), reaching.end_contact
        words = row.value
    elif what == "reference":
        row, act = _row(found.references.all(), row_id), reaching.end_reference
        words = row.number
    elif what == "need":
        row, act = _row(found.needs.all(), row_id), needs_of.end_need
        words = f"{lists.labels(NEEDS.key).get(row.kind, row.kind)} {row.text}".strip()
    else:
        raise Http404
    if request.method == "POST":
        try:
            act(row, by=request.user, at=request.now)
        except Invalid as error:
            messages.error(request, str(error))
        else:
            messages.success(request, _("It has ended."))
        return redirect("desk:customer", found.pk)
    recording.read(found, by=request.user, at=request.now, via="desk customer.end")
    titles = {
        "relationship": _("End this relationship"),
        "site": _("End this site"),
        "vehicle": _("End this vehicle"),
        "contact": _("End this contact detail"),
        "reference": _("End this number"),
        "need": _("End this communication need"),
    }
    page = {"customer": found, "title": titles[what], "what": words}
    return TemplateResponse(request, "desk/customer_end.html", page)


def _row(rows: Any, row_id: int) -> Relationship | Residence | Vehicle | Any:
    found = rows.filter(pk=row_id, to_date=None).first()
    if found is None:
        raise Http404
    return found


def _looked_for(request: DeskRequest, customer: Customer, asked: str) -> tuple[list[Customer], str]:
    """Customers one may see who are meant by what was typed, without the customer themselves; or why none can be found."""
    if not asked.strip() or len(asked) > 200:
        return [], ""
    try:
        found = looking.look(asked, request.user)
    except Invalid as wrong:
        return [], str(wrong)
    people: Iterable[Customer] = [one for one in found.people if one.pk != customer.pk]
    recording.searched(
        "customer", by=request.user, at=request.now, via="desk relate", found=len(found.people), asked=[found.asked]
    )
    return list(people)[:MOST_FOUND], ""


def _organisation(request: DeskRequest, customer_id: int) -> Customer:
    found = customers.editable(request, customer_id)
    if found.kind != Customer.Kind.ORGANISATION:
        raise Http404
    return found


urlpatterns = [
    path("customers/<int:customer_id>/relationships/", relate, name="customer_relate"),
    path("customers/<int:customer_id>/tags/", tags, name="customer_tags"),
    path("customers/<int:customer_id>/sites/", site, name="customer_site"),
    path("customers/<int:customer_id>/vehicles/", vehicle, name="customer_vehicle"),
    path("customers/<int:customer_id>/<slug:what>/<int:row_id>/end/", end, name="customer_end"),
]
