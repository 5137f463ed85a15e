"""A property and a street: what the gazetteer says, who and what is there, and what officers should know (PPP-23)."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from moothall.core.accounts.permissions import Permission
from moothall.core.audit import recording
from moothall.domain.cases import sight
from moothall.domain.places import notes
from moothall.domain.places.models import LookupLine, PlaceNote
from moothall.kit import uprn as uprns
from moothall.kit.invalid import Invalid
from moothall.web.common import maps, paging
from moothall.web.common.sent import READ_OR_SEND, sent
from moothall.web.components.parts import Column, Link, numbered
from moothall.web.desk import places
from moothall.web.desk.access import needs
from moothall.web.desk.forms.places import NewPlaceNote
from moothall.web.desk.request import DeskRequest
from moothall.web.desk.views.search import case_columns

PAGE = 50


@needs(Permission.VIEW_PEOPLE)
@require_safe
def place(request: DeskRequest, uprn: str) -> HttpResponse:
    """A property."""
    uprn = _known(uprn)
    found, lines, name = places.property_named(uprn, request.user)
    parts = places.parts(uprn) if found else []
    page = {
        "title": name,
        "kind": _("Property"),
        "rows": places.property_rows(found, uprn, lines) if found else [],
        "around": places.around(found, lines) if found else [],
        "parts": [_line(one) for one in parts[: places.MOST]],
        "more_parts": len(parts) > places.MOST,
        "numbers": list(places.numbers(uprn)) if found else [],
        "number_columns": [Column(_("Register")), Column(_("Reference")), Column(_("From")), Column(_("Until"))],
        "note": reverse("desk:place_note", args=[uprn]),
        "pins": places.pins(found, name),
        "alone": True,
        "ground": maps.ground(wards=reverse("desk:map_wards")),
        **_there(request, uprn=uprn),
    }
    return maps.allow(TemplateResponse(request, "desk/place.html", page))


@needs(Permission.VIEW_PEOPLE)
@require_safe
def street(request: DeskRequest, usrn: int) -> HttpResponse:
    """A street with its addresses."""
    found, names = places.street_named(usrn)
    lines = places.addresses_of(usrn)
    here = paging.page(request.GET, count=lines.count(), size=PAGE)
    there = list(here.of(lines))
    shown = {
        "title": names[0].description if names else _("Street %s") % usrn,
        "kind": _("Street"),
        "rows": places.street_rows(found, names),
        "parts": [_line(one) for one in there],
        "pins": places.pins_of(there),
        "alone": False,
        "ground": maps.ground(wards=reverse("desk:map_wards")),
        "pages": numbered(page=here.number, last=here.last, query=request.GET),
        "note": reverse("desk:street_note", args=[usrn]),
        **_there(request, usrn=usrn),
    }
    return maps.allow(TemplateResponse(request, "desk/place.html", shown))


@needs(Permission.EDIT_PEOPLE, Permission.VIEW_PEOPLE)
@READ_OR_SEND
def note(request: DeskRequest, uprn: str = "", usrn: int | None = None) -> HttpResponse:
    """Write down what officers should know of a property or a street."""
    if usrn is None:
        uprn = _known(uprn)
        title = places.property_named(uprn, request.user)[2]
        back = reverse("desk:place", args=[uprn])
    else:
        names = places.street_named(usrn)[1]
        title = names[0].description if names else _("Street %s") % usrn
        back = reverse("desk:street", args=[usrn])
    may_restrict = request.user.may(Permission.SEE_RESTRICTED_FLAGS)
    form = NewPlaceNote(sent(request), may_restrict=may_restrict)
    if form.is_valid():
        try:
            notes.make(uprn=uprn, usrn=usrn, by=request.user, at=request.now, **form.cleaned_data)
        except Invalid as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("It is noted."))
            return redirect(back)
    page = {"title": title, "back": back, "form": form}
    return TemplateResponse(request, "desk/place_note.html", page, status=422 if form.errors else 200)


@needs(Permission.EDIT_PEOPLE, Permission.VIEW_PEOPLE)
@READ_OR_SEND
def end_note(request: DeskRequest, note_id: int) -> HttpResponse:
    """Say that a note holds no longer."""
    found = get_object_or_404(PlaceNote.objects.filter(sight.place_notes_seen(request.user)), pk=note_id)
    if found.uprn:
        places.property_named(found.uprn, request.user)
        back = reverse("desk:place", args=[found.uprn])
    else:
        back = reverse("desk:street", args=[found.usrn])
    if request.method == "POST":
        if notes.end(found.pk, by=request.user, at=request.now):
            messages.success(request, _("The note is ended."))
        return redirect(back)
    return TemplateResponse(request, "desk/place_note_end.html", {"found": found, "back": back})


def _known(uprn: str) -> str:
    try:
        return uprns.normalise(uprn)
    except Invalid as error:
        raise Http404 from error


def _line(line: LookupLine) -> Link:
    return Link(line.line, reverse("desk:place", args=[line.uprn]))


def _there(request: DeskRequest, *, uprn: str = "", usrn: int | None = None) -> dict[str, object]:
    """Who and what is there, put on record as seen."""
    found = places.there(request.user, uprn=uprn, usrn=usrn)
    seen = {one.row.customer_id: one.row.customer for one in found.people}
    seen |= {one.customer_id: one.customer for one in found.cases}
    recording.read(*seen.values(), by=request.user, at=request.now, via="desk place")
    return {
        "there": found,
        "people_columns": [Column(_("Who")), Column(_("For")), Column(_("From")), Column(_("Until"))],
        "case_columns": case_columns(),
        "may_note": request.user.may(Permission.EDIT_PEOPLE),
    }


urlpatterns = [
    path("places/<str:uprn>/", place, name="place"),
    path("places/<str:uprn>/note/", note, name="place_note"),
    path("streets/<int:usrn>/", street, name="street"),
    path("streets/<int:usrn>/note/", note, name="street_note"),
    path("place-notes/<int:note_id>/end/", end_note, name="place_note_end"),
]
