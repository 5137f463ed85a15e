"""The map: cases of the work list where they are, the council's properties and wards; and places found for it (PPP-24)."""

from typing import Any

from django import forms
from django.http import Http404, HttpResponse, JsonResponse, QueryDict
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_safe

from moothall.core.accounts.permissions import Permission
from moothall.core.audit import recording
from moothall.domain.cases import mapped as cases_mapped
from moothall.domain.places import boundaries, mapped
from moothall.domain.places.mapped import MOST
from moothall.kit.grid import Bounds, InvalidPoint
from moothall.web.common import address_finder, maps
from moothall.web.common.addresses import address
from moothall.web.common.sent import READ_OR_SEND, sent
from moothall.web.components.forms import Form
from moothall.web.components.parts import Pin, with_query
from moothall.web.desk.access import needs, signed_in
from moothall.web.desk.request import DeskRequest
from moothall.web.desk.work_lists import WorkList, listed

SIDES = ("west", "south", "east", "north")
FILTERS = ("service", "stage")


class Shown(Form):
    """What of the map is shown besides what the work list asks for."""

    ward = forms.ChoiceField(label=gettext_lazy("Ward"), required=False)
    places = forms.BooleanField(
        label=gettext_lazy("Show properties too, where the map is close enough"), required=False
    )

    def __init__(self, given: QueryDict) -> None:
        super().__init__(given, auto_id="map_%s")
        field = self.fields["ward"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("Any")), *boundaries.named().items()]


class Find(Form):
    """A place to be found."""

    find_place = forms.CharField(
        label=gettext_lazy("Find a place"),
        help_text=gettext_lazy("A postcode, an address, or a point such as 530000, 180000 or 51.5074, -0.1278."),
        max_length=200,
        error_messages={"required": gettext_lazy("Enter what to find.")},
    )


@needs(Permission.VIEW_WORK, Permission.VIEW_CASES, Permission.VIEW_PEOPLE)
@READ_OR_SEND
def desk_map(request: DeskRequest) -> HttpResponse:
    """The map with its list; to a script that follows the map, the list alone. What is sent is a place to find."""
    given = request.GET.copy()
    given.setdefault("tab", "all")
    given.pop("ward", None)  # it is that of the case on the map, and not only of where its customer lives
    found, form = listed(given, user=request.user, now=request.now), Shown(request.GET)
    find = Find(sent(request))
    failed = not found.form.is_valid() or not form.is_valid() or (find.is_bound and not find.is_valid())
    shown: dict[str, Any] = _shown(request, found, form) if not failed else {"pins": [], "said": ""}
    if find.is_bound and not failed:
        shown["found"] = _places(find.cleaned_data["find_place"])
    if request.htmx:
        return TemplateResponse(request, "desk/_map_list.html", shown, status=422 if failed else 200)
    query = found.query.copy()
    listing = query.copy()
    if ward := request.GET.get("ward"):
        listing["ward"] = ward
    page = {
        **shown,
        "filters": [found.form[name] for name in FILTERS],
        "form": form,
        "work_form": found.form,
        "find": find,
        "kept": [(name, value) for name in query for value in query.getlist(name) if name not in FILTERS],
        "narrowed": bool(set(query) - {*FILTERS, "tab", "sort"}),
        "list": f"{address('desk:work')}?{listing.urlencode()}",
        "here": address("desk:map") + with_query(request.GET, **dict.fromkeys(SIDES)),
        "ground": maps.ground(wards=address("desk:map_wards")),
        "failed": failed,
    }
    return maps.allow(TemplateResponse(request, "desk/map.html", page, status=422 if failed else 200))


def _shown(request: DeskRequest, found: WorkList, form: Shown) -> dict[str, Any]:
    """The pins of what lies in the part of the map asked for, and what to say of them."""
    bounds, ward = _bounds(request), form.cleaned_data["ward"]
    whole = bounds is None and not ward
    among, cut = cases_mapped.newest(found.rows) if whole else (found.rows.order_by().values("case"), False)
    placed = cases_mapped.cases(request.user, among, bounds=bounds, ward=ward)
    recording.searched(
        "case", by=request.user, at=request.now, via="desk map", found=len(placed[:MOST]), asked=found.asked
    )
    pins = [
        Pin(
            one.reference,
            one.latitude,
            one.longitude,
            address("desk:case", one.reference),
            f"{one.service}, {one.address}",
            "case",
        )
        for one in placed[:MOST]
    ]
    said = ngettext("%s case", "%s cases", len(pins)) % f"{len(pins):,}"
    shown: dict[str, Any] = {
        "more": len(placed) > MOST,
        "most": MOST,
        "newest": f"{cases_mapped.NEWEST:,}" if cut else "",
    }
    if form.cleaned_data["places"]:
        there = mapped.properties(bounds, ward=ward)
        pins += [_pin(one) for one in there or []]
        if there is not None:
            said += ngettext(", %s property", ", %s properties", len(there)) % f"{len(there):,}"
        shown["too_far"] = there is None
    return shown | {"pins": pins, "said": said}


def _places(text: str) -> list[Pin]:
    """Places found by a postcode, by words, or near a point."""
    found = address_finder.find(text, limit=address_finder.NEAREST)[:MOST]
    return [_pin(one) for one in mapped.found([item.uprn for item in found])]


def _pin(one: mapped.Placed) -> Pin:
    return Pin(one.line, one.latitude, one.longitude, address("desk:place", one.uprn))


def _bounds(request: DeskRequest) -> Bounds | None:
    """The part of the map asked for, if one is. Raises Http404 for what is none."""
    if not any(name in request.GET for name in SIDES):
        return None
    try:
        return Bounds.of(*(float(request.GET.get(name, "")) for name in SIDES))
    except (ValueError, InvalidPoint) as error:
        raise Http404 from error


@signed_in
@require_safe
def wards(request: DeskRequest) -> JsonResponse:  # noqa: ARG001
    """The wards with their boundaries, as GeoJSON."""
    return JsonResponse(maps.wards())


urlpatterns = [
    path("map/", desk_map, name="map"),
    path("map/wards/", wards, name="map_wards"),
]
