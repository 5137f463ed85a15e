"""Opening a case by hand: the customer (an organisation with its sites and vehicles), the case, its documents, its workflow (CT-6, CT-7).

Each step is kept when it is done, so that nothing is lost by going back or away; what is typed of a new customer stays
in the form until it is recorded.
"""

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from moothall.core.accounts.permissions import Permission
from moothall.core.audit import recording
from moothall.domain.cases import actions as cases
from moothall.domain.cases import duplicates as case_duplicates
from moothall.domain.cases import numbers, progress, sight
from moothall.domain.cases.models import Case, RelatedCase, Run
from moothall.domain.catalogue import catalogue
from moothall.domain.catalogue.models import Service
from moothall.domain.people import actions, duplicates
from moothall.domain.people.models import Customer, Residence
from moothall.domain.workflow import permits, published
from moothall.kit.calendars import LONDON
from moothall.kit.invalid import Invalid
from moothall.web.common import maps
from moothall.web.common.sent import READ_OR_SEND, sent
from moothall.web.components.parts import Step
from moothall.web.desk import addresses, customers, pressed, uploading
from moothall.web.desk.access import needs
from moothall.web.desk.finding import case_read
from moothall.web.desk.forms.create import Documents, NewCase, Start
from moothall.web.desk.forms.customers import NewOrganisation, NewPerson
from moothall.web.desk.request import DeskRequest
from moothall.web.desk.views.earlier import NEEDED, OPENING

FORMS: dict[str, type[NewPerson] | type[NewOrganisation]] = {
    "person": NewPerson,
    "organisation": NewOrganisation,
}


@needs(Permission.EDIT_PEOPLE, Permission.VIEW_PEOPLE)
@READ_OR_SEND
def person(request: DeskRequest) -> HttpResponse:
    """Record a person; who they may be already is shown first."""
    return _customer(request, "person")


@needs(Permission.EDIT_PEOPLE, Permission.VIEW_PEOPLE)
@READ_OR_SEND
def organisation(request: DeskRequest) -> HttpResponse:
    """Record an organisation; which it may be already is shown first."""
    return _customer(request, "organisation")


@needs(Permission.OPEN_CASES, Permission.EDIT_PEOPLE, Permission.VIEW_PEOPLE)
@require_safe
def premises(request: DeskRequest, customer_id: int) -> HttpResponse:
    """The sites and vehicles of an organisation, with ways to add more; then its case."""
    found = customers.editable(request, customer_id)
    if found.kind != Customer.Kind.ORGANISATION:
        raise Http404
    recording.read(found, by=request.user, at=request.now, via="desk create.premises")
    sites = found.residences.filter(purpose=Residence.Purpose.SITE, to_date=None).select_related("address")
    page = {
        "customer": found,
        "sites": sites.order_by("-from_date", "-id")[: customers.MOST],
        "fleet": [one for one in customers.fleet(found) if one.to_date is None],
        "steps": _steps(0),
        "opening": OPENING,
    }
    return TemplateResponse(request, "desk/create_premises.html", page)


@needs(Permission.OPEN_CASES, Permission.VIEW_PEOPLE)
@READ_OR_SEND
def case(request: DeskRequest, customer_id: int) -> HttpResponse:
    """Open a case for a customer, filled in from an earlier one if they like."""
    customer = customers.named(request, customer_id)
    earlier = list(customers.cases(customer, request.user)[: customers.MOST])
    form = NewCase(
        sent(request),
        offered=_offered(request, earlier),
        initial={"earlier": request.GET.get("from", "")[:40]},
    )
    if before := pressed.made(request):
        return redirect("desk:create_documents", before)
    twice: list[cases.Similar] = []
    if form.is_valid():
        service, kind = form.cleaned_data["type"].split(".")
        twice = _twice(request, customer, service)
    sure = request.POST.get("sure") == _references(twice)
    if form.is_valid() and (sure or not twice):
        filled = next((one for one in earlier if one.reference == form.cleaned_data.get("earlier")), None)
        try:
            source = form.cleaned_data["source"]
            reference = pressed.once(
                request,
                lambda: _open(request, customer, service=service, type=kind, source=source, filled=filled).reference,
            )
        except (cases.CannotOpen, cases.CannotChange, Invalid) as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("%s is open.") % reference)
            if filled and all(request.user.may(one, service) for one in NEEDED):
                beside = reverse("desk:case_earlier", args=[reference, filled.reference])
                return redirect(f"{beside}?{OPENING}")
            return redirect("desk:create_documents", reference)
    recording.read(customer, by=request.user, at=request.now, via="desk create.case")
    failed = bool(form.errors)
    page = {
        "form": form,
        "customer": customer,
        "failed": failed,
        "steps": _steps(1),
        "twice": twice,
        "sure": _references(twice),
        "key": pressed.key(),
    }
    return TemplateResponse(request, "desk/create_case.html", page, status=422 if failed else 200)


@needs(Permission.OPEN_CASES, Permission.ADD_DOCUMENTS)
@READ_OR_SEND
def documents(request: DeskRequest, reference: str) -> HttpResponse:
    """Put documents on the case; each that is taken stays, whatever is wrong with another."""
    found = case_read(request, reference, Permission.OPEN_CASES, Permission.ADD_DOCUMENTS, via="create.documents")
    posted = request.method == "POST"
    tags = uploading.settable(uploading.tags(), found)
    form = Documents(tags, request.POST, request.FILES) if posted else Documents(tags)
    if posted and form.is_valid():
        uploading.add(request, found, form)
        if form.is_valid():
            again = "more" in request.POST
            return redirect("desk:create_documents" if again else "desk:create_workflow", found.reference)
    kept = sight.visible_documents(request.user).filter(case_link__case=found).order_by("id")[:200]
    failed = bool(form.errors)
    upload = reverse("desk:case_upload", args=[found.reference])
    page = {"form": form, "case": found, "kept": kept, "failed": failed, "steps": _steps(2), "upload": upload}
    return TemplateResponse(request, "desk/create_documents.html", page, status=422 if failed else 200)


@needs(Permission.OPEN_CASES, Permission.VIEW_CASES)
@READ_OR_SEND
def workflow(request: DeskRequest, reference: str) -> HttpResponse:
    """Start the workflow of the case's type, or another that one may start."""
    found = case_read(request, reference, Permission.OPEN_CASES, via="create.workflow")
    usual, offered = _workflows(request, found)
    form = Start(sent(request), workflows=offered, initial={"workflow": usual or None})
    if form.is_valid():
        chosen = form.cleaned_data["workflow"]
        try:
            with transaction.atomic():
                Case.objects.select_for_update(no_key=True).get(pk=found.pk)
                by_hand = chosen != usual or Run.objects.filter(case=found).exists()
                progress.start(found, chosen, by=request.user, at=request.now, by_hand=by_hand)
        except (progress.NotAllowed, progress.AlreadyGoing) as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("The workflow is started."))
            return redirect("desk:case", found.reference)
    failed = bool(form.errors)
    page = {"form": form, "case": found, "offered": offered, "failed": failed, "steps": _steps(3)}
    return TemplateResponse(request, "desk/create_workflow.html", page, status=422 if failed else 200)


def _twice(request: DeskRequest, customer: Customer, service: str) -> list[cases.Similar]:
    """Open cases that the one about to be opened may be a duplicate of (BEST-8)."""
    home = customer.address_on(request.now.astimezone(LONDON).date())
    row = Service.objects.get(key=service)
    postcode = home.postcode if home else ""
    return case_duplicates.of_customer(customer, service=row.pk, user=request.user, postcode=postcode)


def _references(twice: list[cases.Similar]) -> str:
    return ",".join(one.case.reference for one in twice)


def _customer(request: DeskRequest, kind: str) -> HttpResponse:
    if before := pressed.made(request):
        return _recorded(request, kind, int(before))
    looking = addresses.looking(request)
    form = FORMS[kind](looking.data)
    if looking.asked:
        form.go_on()
    likely: list[duplicates.Likely] = []
    if not looking.asked and form.is_valid():
        likely = _likely(request, form)
        if isinstance(form, NewPerson) and (taken := _taken(form, likely)):
            form.add_error("nino", str(actions.NinoTaken(taken.pk)))
            form.taken, likely = taken, []
    if not looking.asked and form.is_valid():
        sure = request.POST.get("sure") == ",".join(str(one.customer.pk) for one in likely)
        if (not likely or sure) and (customer := _record(request, form)):
            messages.success(request, _("%s is recorded.") % customer.name)
            return _recorded(request, kind, customer.pk)
    if isinstance(form, NewPerson) and form.taken:
        recording.read(form.taken, by=request.user, at=request.now, via="desk create.taken")
    if likely:
        recording.read(*(one.customer for one in likely), by=request.user, at=request.now, via="desk create.duplicates")
    failed = bool(form.errors)
    page = {
        "form": form,
        "finder": looking.finder,
        "kind": kind,
        "taken": form.taken if isinstance(form, NewPerson) else None,
        "likely": likely,
        "sure": ",".join(str(one.customer.pk) for one in likely),
        "failed": failed,
        "steps": _steps(0),
        "key": pressed.key(),
    }
    return maps.allow(TemplateResponse(request, "desk/create_customer.html", page, status=422 if failed else 200))


def _recorded(request: DeskRequest, kind: str, number: int) -> HttpResponse:
    """On to the case of who was recorded."""
    opening = "desk:create_premises" if kind == "organisation" else "desk:create_case"
    return redirect(opening if request.user.may(Permission.OPEN_CASES) else "desk:customer", number)


def _likely(request: DeskRequest, form: NewPerson | NewOrganisation) -> list[duplicates.Likely]:
    among, postcode = sight.visible_people(request.user), form.cleaned_data["postcode"]
    if isinstance(form, NewPerson):
        return duplicates.of_person(form.details(), postcode=postcode, among=among)
    return duplicates.of_organisation(form.details(), postcode=postcode, among=among)


def _taken(form: NewPerson, likely: list[duplicates.Likely]) -> Customer | None:
    """Who has the National Insurance number already, of those one may see."""
    holder = actions.nino_holder(form.details().nino)
    return next((one.customer for one in likely if one.customer.pk == holder), None)


def _record(request: DeskRequest, form: NewPerson | NewOrganisation) -> Customer | None:
    by, at, address, contacts = request.user, request.now, form.lines(), form.contacts()

    def made() -> str:
        if isinstance(form, NewOrganisation):
            details = form.details()
            return str(actions.create_organisation(details, address=address, contacts=contacts, by=by, at=at).pk)
        person = form.details()
        with numbers.kept(person.nino, by=by, at=at):
            return str(actions.create_person(person, address=address, contacts=contacts, by=by, at=at).pk)

    try:
        return Customer.objects.get(pk=pressed.once(request, made))
    except actions.NinoTaken as error:
        form.add_error("nino", str(error))
        if isinstance(form, NewPerson):
            form.taken = sight.visible_people(by).filter(pk=error.customer).first()
    except (Invalid, numbers.Hidden, numbers.TooManyRefused) as error:
        form.add_error(None, str(error))
        numbers.note_refused(error, at=at)
    return None


def _offered(request: DeskRequest, earlier: list[Case]) -> dict[str, list[tuple[str, str]]]:
    """Types of the services one may open cases of, their sources, and the customer's cases."""
    services = [
        row
        for row in Service.objects.exclude(current=None).order_by("name")
        if request.user.may(Permission.OPEN_CASES, row.key)
    ]
    manifests = [catalogue.manifest(row.current_id) for row in services if row.current_id]
    many = len(manifests) > 1
    types = [
        (f"{manifest.key}.{kind.key}", f"{manifest.name}: {kind.label}" if many else kind.label)
        for manifest in manifests
        for kind in manifest.case_types
    ]
    sources = {source.key: source.label for manifest in manifests for source in manifest.sources}
    before = [(one.reference, f"{one.reference}, {one.opened_at:%-d %B %Y}") for one in earlier]
    return {
        "type": types,
        "source": list(sources.items()),
        "earlier": [("", _("No, it has nothing to do with one")), *before],
    }


def _open(
    request: DeskRequest, customer: Customer, *, service: str, type: str, source: str, filled: Case | None
) -> Case:
    """The case, open and without a workflow yet; linked to the earlier one, from which nothing is taken over yet."""
    by, at = request.user, request.now
    row = Service.objects.get(key=service)
    home = customer.address_on(at.astimezone(LONDON).date())
    with recording.because(action="case.opened", by=by, at=at):
        opened = cases.open_case(
            service=row,
            type=type,
            source=source,
            customer=customer,
            place=home if filled and home and home.pk == filled.place_id else None,
            start=False,
            by=by,
            at=at,
        )
        if filled:
            cases.link_cases(
                opened, filled, kind=RelatedCase.Kind.FOLLOWS, why=_("Started from the earlier case"), by=by, at=at
            )
    return opened


def _workflows(request: DeskRequest, found: Case) -> tuple[str, list[tuple[str, str]]]:
    """The workflow of the case's type, and all that one may start: it first, unless one was started already."""
    manifest = catalogue.manifest(found.service_version_id)
    named = next((kind.workflow for kind in manifest.case_types if kind.key == found.type), None)
    usual = "" if named is None or Run.objects.filter(case=found).exists() else named
    rows = found.service_version.workflows.order_by("workflow__key").values_list("workflow__key", "pk")
    offered = []
    for key, version in rows:
        short, definition = key.removeprefix(f"{manifest.key}."), published.workflow(version)
        if short == usual or permits.may(definition, request.user.group_keys, "start"):
            offered.append((short, definition.name))
    return usual, sorted(offered, key=lambda one: one[0] != usual)


def _steps(now: int) -> list[Step]:
    names = [_("Customer"), _("Case"), _("Documents"), _("Workflow")]
    return [Step(name, done=at < now, now=at == now) for at, name in enumerate(names)]


urlpatterns: list[Any] = [
    path("create/person/", person, name="create_person"),
    path("create/organisation/", organisation, name="create_organisation"),
    path("create/customers/<int:customer_id>/premises/", premises, name="create_premises"),
    path("create/customers/<int:customer_id>/case/", case, name="create_case"),
    path("create/cases/<str:reference>/documents/", documents, name="create_documents"),
    path("create/cases/<str:reference>/workflow/", workflow, name="create_workflow"),
]
