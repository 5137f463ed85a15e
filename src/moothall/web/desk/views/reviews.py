"""Flags on people and notes about places that are to be looked at again (PPP-10, PPP-23)."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from moothall.core.accounts.permissions import Permission
from moothall.core.audit import recording
from moothall.core.lists import actions as lists
from moothall.domain.cases import reviews, sight
from moothall.domain.people.lists import FLAG_TYPES
from moothall.domain.places import notes
from moothall.kit.invalid import Invalid
from moothall.web.common import paging
from moothall.web.common.sent import READ_OR_SEND, sent
from moothall.web.components.parts import Column, Link, numbered, with_query
from moothall.web.desk.access import needs
from moothall.web.desk.forms.heeded import ReviewNote
from moothall.web.desk.request import DeskRequest

PAGE = 50
WHEN = {"due": gettext_lazy("Due"), "soon": gettext_lazy("Due in the next 30 days")}


@needs(Permission.VIEW_PEOPLE)
@require_safe
def every(request: DeskRequest) -> HttpResponse:
    """What is due to be looked at again, the longest overdue first; or what soon will be."""
    when, today = request.GET.get("when", "due"), timezone.localdate(request.now)
    if when not in WHEN:
        raise Http404
    rows = reviews.listed(request.user, when="due" if when == "due" else "soon", today=today)
    here = paging.page(request.GET, count=(count := rows.count()), size=PAGE)
    shown = reviews.read(here.of(rows))
    seen = {one.flag.customer_id: one.flag.customer for one in shown if one.flag}
    recording.read(*seen.values(), by=request.user, at=request.now, via="desk customer")
    types = lists.labels(FLAG_TYPES.key)
    context = {
        "lines": [(one, types.get(one.flag.type, one.flag.type) if one.flag else "") for one in shown],
        "count": count,
        "today": today,
        "when": when,
        "choices": [
            (Link(str(name), request.path + with_query(request.GET, when=key, page=None)), key == when)
            for key, name in WHEN.items()
        ],
        "may_edit": request.user.may(Permission.EDIT_PEOPLE),
        "pages": numbered(page=here.number, last=here.last, query=request.GET),
        "columns": [
            Column(_("Whom or where")),
            Column(_("What there is to know")),
            Column(_("Set by")),
            Column(_("To be looked at on")),
            Column(_("Do"), hidden=True),
        ],
    }
    return TemplateResponse(request, "desk/reviews.html", context)


@needs(Permission.EDIT_PEOPLE, Permission.VIEW_PEOPLE)
@READ_OR_SEND
def note(request: DeskRequest, note_id: int) -> HttpResponse:
    """Say that a note about a place holds still, and when it is looked at again."""
    found = sight.visible_place_notes(request.user).filter(pk=note_id, ended_at=None).first()
    if found is None:
        raise Http404
    form = ReviewNote(sent(request))
    if form.is_valid():
        try:
            notes.review(found.pk, review_on=form.cleaned_data["review_on"], by=request.user, at=request.now)
        except Invalid as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("It holds still."))
            return redirect("desk:reviews")
    back = reverse("desk:place", args=[found.uprn]) if found.uprn else reverse("desk:street", args=[found.usrn])
    page = {"found": found, "back": back, "form": form}
    return TemplateResponse(request, "desk/place_note_review.html", page, status=422 if form.errors else 200)


urlpatterns = [
    path("reviews/", every, name="reviews"),
    path("place-notes/<int:note_id>/review/", note, name="place_note_review"),
]
