"""Badges of any authority, as the national service has them, and taking their holders over (CT-70)."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from moothall.connectors.dft_blue_badge import KEY, badges, codes
from moothall.connectors.dft_blue_badge import search as national
from moothall.connectors.dft_blue_badge.errors import NationalError
from moothall.connectors.dft_blue_badge.reading import day
from moothall.connectors.dft_blue_badge.settings import NationalService
from moothall.core.accounts.permissions import Permission
from moothall.core.audit import recording
from moothall.core.council import settings as council
from moothall.domain.cases import sight
from moothall.domain.cases.actions import CannotOpen
from moothall.domain.catalogue import catalogue
from moothall.domain.catalogue.models import Service
from moothall.domain.exchange.models import Lookup
from moothall.domain.people import duplicates
from moothall.domain.people.actions import OrganisationDetails
from moothall.domain.people.matching import BADGE_NUMBER
from moothall.kit import postcode
from moothall.kit.invalid import Invalid
from moothall.web.common.sent import sent
from moothall.web.components.forms import Form
from moothall.web.components.parts import Column, Row
from moothall.web.components.templatetags.components import day as shown_day
from moothall.web.desk import questions
from moothall.web.desk.access import needs
from moothall.web.desk.finding import allow
from moothall.web.desk.forms.national import BadgeSearch, Import
from moothall.web.desk.request import DeskRequest

PAGE = "national"
METHODS = ["GET", "HEAD", "POST"]


@needs(Permission.SEARCH_NATIONALLY)
@require_http_methods(METHODS)
def search(request: DeskRequest) -> HttpResponse:
    """Ask the national service, or read the kept answer to the same question."""
    allow(request, _service(), Permission.SEARCH_NATIONALLY)
    form = BadgeSearch(sent(request))
    if form.is_valid():
        try:
            lookup = national.search(**form.cleaned_data, by=request.user, at=request.now)
        except (Invalid, NationalError) as error:
            form.add_error(None, str(error))
        else:
            return redirect("desk:national_found", _keep(request, lookup))
    return _page(request, form)


@needs(Permission.SEARCH_NATIONALLY)
@require_safe
def found(request: DeskRequest, key: str) -> HttpResponse:
    """The badges an earlier question found, and when that was."""
    lookup = _lookup(request, key)
    asked = sorted(lookup.asked)
    recording.searched(
        national.KIND, by=request.user, at=request.now, via="desk national", found=len(lookup.found), asked=asked
    )
    return _page(request, BadgeSearch(initial=lookup.asked), lookup=lookup, key=key)


@needs(Permission.SEARCH_NATIONALLY)
@require_POST
def refresh(request: DeskRequest, key: str) -> HttpResponse:
    """Ask the same question again."""
    lookup = _lookup(request, key)
    try:
        lookup = national.search(**lookup.asked, refresh=True, by=request.user, at=request.now)
    except (Invalid, NationalError) as error:
        messages.error(request, str(error))
        return redirect("desk:national_found", key)
    return redirect("desk:national_found", _keep(request, lookup))


@needs(Permission.SEARCH_NATIONALLY, Permission.OPEN_CASES)
@require_http_methods(METHODS)
def take_over(request: DeskRequest, key: str, row: int) -> HttpResponse:
    """Record the holder of a badge found, with the badge and a case; the same badge again leads to the same case."""
    lookup, service = _lookup(request, key), _service()
    allow(request, service, Permission.OPEN_CASES)
    if not 0 < row <= len(lookup.found):
        raise Http404
    badge = lookup.found[row - 1]
    likely = _likely(request, badge)
    people = [(str(one.customer.pk), _words(one)) for one in likely]
    form = Import(sent(request), sources=_sources(service), people=people)
    if form.is_valid():
        chosen = next(
            (one.customer for one in likely if str(one.customer.pk) == form.cleaned_data.get("customer")), None
        )
        try:
            fetched = national.fetch(str(badge["badgeNumber"]))
            case = national.take_over(
                fetched, source=form.cleaned_data["source"], customer=chosen, by=request.user, at=request.now
            )
        except (Invalid, NationalError, CannotOpen) as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("The holder is recorded with this badge. Start the workflow that is right."))
            return redirect("desk:case", case.reference)
    recording.searched(national.KIND, by=request.user, at=request.now, via="desk national", found=1, asked=["number"])
    if likely:
        recording.read(*(one.customer for one in likely), by=request.user, at=request.now, via="desk national.import")
    page = {"form": form, "likely": likely, "rows": _facts(badge), "key": key, "failed": bool(form.errors)}
    return TemplateResponse(request, "desk/national_import.html", page, status=422 if form.errors else 200)


def _likely(request: DeskRequest, badge: dict[str, Any]) -> list[duplicates.Likely]:
    """Whom one may see here that the holder of the badge may be; nobody when the badge is recorded already."""
    if badges.recorded(str(badge.get("badgeNumber") or "")):
        return []
    details, home = national.holder_of(badge)
    among = sight.visible_people(request.user)
    if isinstance(details, OrganisationDetails):
        return duplicates.of_organisation(details, postcode=home, among=among)
    return duplicates.of_person(details, postcode=home, among=among) if details.last_name else []


def _words(one: duplicates.Likely) -> str:
    born = one.customer.person.date_of_birth if one.customer.kind == "person" else None
    named = ", ".join(part for part in (one.customer.name, shown_day(born) if born else "") if part)
    return f"{named} ({', '.join(one.reasons)})"


def _page(request: DeskRequest, form: Form, *, lookup: Lookup | None = None, key: str = "") -> HttpResponse:
    lines = _lines(request, lookup) if lookup else []
    page = {
        "form": form,
        "failed": bool(form.errors),
        "lookup": lookup,
        "key": key,
        "lines": lines,
        "may_import": request.user.may(Permission.OPEN_CASES, _service()),
        "columns": [
            Column(_("Badge")),
            Column(_("Name")),
            Column(_("Postcode")),
            Column(_("Authority")),
            Column(_("Status")),
            Column(_("Until")),
            Column(_("Here"), hidden=True),
        ],
    }
    return TemplateResponse(request, "desk/national.html", page, status=422 if form.errors else 200)


def _lines(request: DeskRequest, lookup: Lookup) -> list[dict[str, Any]]:
    authorities = codes.labels().get("LA", {})
    numbers = [str(badge.get("badgeNumber") or "").upper() for badge in lookup.found]
    people = sight.visible_people(request.user).filter(references__type=BADGE_NUMBER, references__number__in=numbers)
    ours = dict(people.values_list("references__number", "pk"))
    return [
        {
            "row": row,
            "number": number,
            "name": badge.get("name") or "",
            "postcode": postcode.shown(badge.get("postCode") or ""),
            "authority": authorities.get(
                str(badge.get("localAuthorityShortCode")), badge.get("localAuthorityShortCode")
            ),
            "status": _status(badge),
            "until": _until(badge),
            "customer": ours.get(number),
        }
        for row, (number, badge) in enumerate(zip(numbers, lookup.found, strict=True), start=1)
    ]


def _facts(badge: dict[str, Any]) -> list[Row]:
    authority = str(badge.get("localAuthorityShortCode") or "")
    facts = [
        (_("Badge"), badge.get("badgeNumber")),
        (_("Name"), badge.get("name")),
        (_("Postcode"), postcode.shown(badge.get("postCode") or "")),
        (_("Authority"), codes.labels().get("LA", {}).get(authority, authority)),
        (_("Status"), _status(badge)),
        (_("Until"), _until(badge)),
    ]
    return [Row(key, value) for key, value in facts if value]


def _status(badge: dict[str, Any]) -> str:
    code = str(badge.get("statusCode") or "")
    return (codes.status(code) or code).replace("_", " ").capitalize()


def _until(badge: dict[str, Any]) -> str:
    ends = day(badge.get("expiryDate"))
    return shown_day(ends) if ends else ""


def _keep(request: DeskRequest, lookup: Lookup) -> str:
    return questions.keep(request, PAGE, {"lookup": lookup.pk}, at=request.now)


def _lookup(request: DeskRequest, key: str) -> Lookup:
    allow(request, _service(), Permission.SEARCH_NATIONALLY)
    asked = questions.read(request, PAGE, key, at=request.now)
    rows = Lookup.objects.filter(connector__key=KEY, kind=national.KIND, case=None).select_related("by")
    lookup = rows.filter(pk=asked["lookup"]).first()
    if lookup is None:
        raise Http404
    return lookup


def _service() -> str:
    return council.read(NationalService).service


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
