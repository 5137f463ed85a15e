"""What a national register has of any authority, such as badges, and taking their holders over (CT-70)."""

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
from moothall.core.lists import actions as lists
from moothall.domain.cases import sight
from moothall.domain.cases.actions import CannotOpen
from moothall.domain.catalogue import catalogue
from moothall.domain.catalogue.models import Service
from moothall.domain.exchange import registers
from moothall.domain.exchange.models import Lookup
from moothall.domain.exchange.operations import SendError
from moothall.domain.exchange.registers import Entry, Register
from moothall.domain.people import duplicates
from moothall.domain.people.actions import OrganisationDetails
from moothall.domain.people.lists import REFERENCES
from moothall.kit import postcode
from moothall.kit.invalid import Invalid
from moothall.web.common.sent import READ_OR_SEND, sent
from moothall.web.components.forms import Form
from moothall.web.components.parts import Column, Row
from moothall.web.components.templatetags.components import day
from moothall.web.desk import questions
from moothall.web.desk.access import needs
from moothall.web.desk.finding import allow
from moothall.web.desk.forms.national import Import, RegisterSearch
from moothall.web.desk.request import DeskRequest

PAGE = "national"


@needs(Permission.SEARCH_NATIONALLY)
@READ_OR_SEND
def search(request: DeskRequest) -> HttpResponse:
    """Ask the national service, or read the kept answer to the same question."""
    register = _allowed(request)
    form = RegisterSearch(sent(request), called=_called(register))
    if form.is_valid():
        try:
            lookup = register.search(**form.cleaned_data, by=request.user, at=request.now)
        except (Invalid, SendError) as error:
            form.add_error(None, str(error))
        else:
            return redirect("desk:national_found", _keep(request, lookup))
    return _page(request, register, form)


@needs(Permission.SEARCH_NATIONALLY)
@require_safe
def found(request: DeskRequest, key: str) -> HttpResponse:
    """What an earlier question found, and when that was."""
    register, lookup = _lookup(request, key)
    asked = {**lookup.asked, "postcode": postcode.shown(lookup.asked.get("postcode", ""))}
    recording.searched(
        register.kind,
        by=request.user,
        at=request.now,
        via="desk national",
        found=len(lookup.found),
        asked=sorted(lookup.asked),
    )
    return _page(request, register, RegisterSearch(initial=asked, called=_called(register)), lookup=lookup, key=key)


@needs(Permission.SEARCH_NATIONALLY)
@require_POST
def refresh(request: DeskRequest, key: str) -> HttpResponse:
    """Ask the same question again."""
    register, lookup = _lookup(request, key)
    try:
        lookup = register.search(**lookup.asked, refresh=True, by=request.user, at=request.now)
    except (Invalid, SendError) as error:
        messages.error(request, str(error))
        return redirect("desk:national_found", key)
    return redirect("desk:national_found", _keep(request, lookup))


@needs(Permission.SEARCH_NATIONALLY, Permission.OPEN_CASES)
@READ_OR_SEND
def take_over(request: DeskRequest, key: str, row: int) -> HttpResponse:
    """Record the holder of what was found, with it and a case; the same again leads to the same case."""
    register, lookup = _lookup(request, key)
    service = register.service()
    allow(request, service, Permission.OPEN_CASES)
    if not 0 < row <= len(lookup.found):
        raise Http404
    entry = register.entries(lookup)[row - 1]
    likely = _likely(request, register, lookup.found[row - 1])
    people = [(str(one.customer.pk), _words(one)) for one in likely]
    form = Import(sent(request), sources=_sources(service), people=people)
    if form.is_valid():
        chosen = next(
            (one.customer for one in likely if str(one.customer.pk) == form.cleaned_data.get("customer")), None
        )
        try:
            source = form.cleaned_data["source"]
            case = register.take_over(entry.number, source=source, customer=chosen, by=request.user, at=request.now)
        except (Invalid, SendError, CannotOpen) as error:
            form.add_error(None, str(error))
        else:
            messages.success(
                request, _("The holder is recorded with %s. Start the workflow that is right.") % entry.number
            )
            return redirect("desk:case", case.reference)
    recording.searched(register.kind, by=request.user, at=request.now, via="desk national", found=1, asked=["number"])
    if likely:
        recording.read(*(one.customer for one in likely), by=request.user, at=request.now, via="desk national.import")
    page = {
        "thing": register.thing,
        "form": form,
        "likely": likely,
        "rows": _facts(register, entry),
        "key": key,
        "failed": bool(form.errors),
    }
    return TemplateResponse(request, "desk/national_import.html", page, status=422 if form.errors else 200)


def _likely(request: DeskRequest, register: Register, row: dict[str, Any]) -> list[duplicates.Likely]:
    """Whom one may see here that the holder may be; nobody when it is recorded already."""
    held = register.holder(row)
    if held is None:
        return []
    (details, home), among = held, sight.visible_people(request.user)
    if isinstance(details, OrganisationDetails):
        return duplicates.of_organisation(details, postcode=home, among=among)
    return duplicates.of_person(details, postcode=home, among=among) if details.last_name else []


def _words(one: duplicates.Likely) -> str:
    born = one.customer.person.date_of_birth if one.customer.kind == "person" else None
    named = ", ".join(part for part in (one.customer.name, day(born) if born else "") if part)
    return f"{named} ({', '.join(one.reasons)})"


def _page(
    request: DeskRequest, register: Register, form: Form, *, lookup: Lookup | None = None, key: str = ""
) -> HttpResponse:
    lines = _lines(request, register, lookup) if lookup else []
    page = {
        "thing": register.thing,
        "form": form,
        "failed": bool(form.errors),
        "lookup": lookup,
        "key": key,
        "lines": lines,
        "may_import": request.user.may(Permission.OPEN_CASES, register.service()),
        "columns": [
            Column(register.thing),
            Column(_("Name")),
            Column(_("Postcode")),
            Column(_("Authority")),
            Column(_("Status")),
            Column(_("Until")),
            Column(_("Here"), hidden=True),
        ],
    }
    return TemplateResponse(request, "desk/national.html", page, status=422 if form.errors else 200)


def _lines(request: DeskRequest, register: Register, lookup: Lookup) -> list[tuple[int, Entry, int | None]]:
    """Each row found with its number, from 1, and who has it here, where one may see them."""
    found = register.entries(lookup)
    numbers = [one.number for one in found]
    people = sight.visible_people(request.user).filter(
        references__type=register.numbers, references__number__in=numbers
    )
    ours = dict(people.values_list("references__number", "pk"))
    return [(row, one, ours.get(one.number)) for row, one in enumerate(found, start=1)]


def _facts(register: Register, entry: Entry) -> list[Row]:
    facts = [
        (register.thing, entry.number),
        (_("Name"), entry.name),
        (_("Postcode"), entry.postcode),
        (_("Authority"), entry.authority),
        (_("Status"), entry.status),
        (_("Until"), day(entry.expires)),
    ]
    return [Row(key, value) for key, value in facts if value]


def _called(register: Register) -> str:
    """What its numbers are called."""
    return lists.labels(REFERENCES.key).get(register.numbers, _("Number"))


def _keep(request: DeskRequest, lookup: Lookup) -> str:
    return questions.keep(request, PAGE, {"lookup": lookup.pk}, at=request.now)


def _lookup(request: DeskRequest, key: str) -> tuple[Register, Lookup]:
    register = _allowed(request)
    asked = questions.read(request, PAGE, key, at=request.now)
    rows = Lookup.objects.filter(connector__key=register.key, kind=register.kind, case=None).select_related("by")
    lookup = rows.filter(pk=asked["lookup"]).first()
    if lookup is None:
        raise Http404
    return register, lookup


def _allowed(request: DeskRequest) -> Register:
    """The register, for who may search it. Raises Http404 where there is none."""
    register = registers.first()
    if register is None:
        raise Http404
    allow(request, register.service(), Permission.SEARCH_NATIONALLY)
    return register


def _sources(service: str) -> list[tuple[str, str]]:
    row = Service.objects.filter(key=service).first()
    if row is None or row.current_id is None:
        return []
    return [(source.key, source.label) for source in catalogue.manifest(row.current_id).sources]


urlpatterns = [
    path("national/", search, name="national"),
    path("national/<slug:key>/", found, name="national_found"),
    path("national/<slug:key>/refresh/", refresh, name="national_refresh"),
    path("national/<slug:key>/<int:row>/import/", take_over, name="national_import"),
]
