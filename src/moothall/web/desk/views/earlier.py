"""Filling in a case from an earlier one of the customer: single answers, or all that are not out of date (CT-7)."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from moothall.core.accounts.permissions import Permission
from moothall.domain.cases import prefilling
from moothall.domain.cases.actions import CannotChange
from moothall.domain.cases.models import Case
from moothall.domain.documents.actions import FileMissing, Refused
from moothall.web.common.sent import READ_OR_SEND
from moothall.web.common.whole import whole
from moothall.web.components.parts import Column
from moothall.web.desk import submitted
from moothall.web.desk.access import needs
from moothall.web.desk.case_page import case_page
from moothall.web.desk.finding import case_read
from moothall.web.desk.request import DeskRequest

NEEDED = (Permission.EDIT_CASES, Permission.VIEW_SUBMISSION)
OPENING = "opening"
"""In the address while a case is being opened: what comes next is its documents."""


@dataclass(frozen=True)
class Line:
    """An answer as the page shows it. `mine` is what this case says already."""

    way: str
    label: str
    earlier: str
    mine: str
    origin: prefilling.Origin
    stale: str
    chosen: bool


@needs(*NEEDED)
@require_safe
def choose(request: DeskRequest, reference: str) -> HttpResponse:
    """The customer's other cases, to fill in this one from."""
    page = case_page(request, reference, "application", *NEEDED)
    columns = [Column(_("Reference")), Column(_("Service")), Column(_("Opened"))]
    shown = {**page, "sources": prefilling.sources(page["case"], user=request.user), "columns": columns}
    return TemplateResponse(request, "desk/case_earlier_choose.html", shown)


@needs(*NEEDED)
@READ_OR_SEND
def earlier(request: DeskRequest, reference: str, other_reference: str) -> HttpResponse:
    """What the earlier case says beside what this one says; what is ticked is taken over."""
    page = case_page(request, reference, "application", *NEEDED)
    found: Case = page["case"]
    other = case_read(request, other_reference, Permission.VIEW_SUBMISSION, via="case.earlier")
    opening = OPENING in request.GET
    onward = "desk:create_documents" if opening else "desk:case_application"
    told = ""
    if request.method == "POST":
        try:
            answers, papers = prefilling.take(
                found,
                other,
                answers=frozenset(request.POST.getlist("answer")),
                papers=_ids(request.POST.getlist("paper")) if _may_file(request, found) else frozenset(),
                by=request.user,
                at=request.now,
            )
        except (CannotChange, Refused, FileMissing) as refused:
            told = str(refused)
        else:
            messages.success(request, _taken(answers, papers, other))
            return redirect(onward, found.reference)
    try:
        offer = prefilling.offer(found, other, user=request.user, at=request.now)
    except CannotChange as refused:  # a case of somebody else
        raise Http404 from refused
    shown = {
        "other": other,
        "seen": prefilling.references_seen(found, user=request.user),
        "groups": _groups(offer),
        "papers": offer.papers if _may_file(request, found) else [],
        "fresh": offer.fresh[1],
        "told": told,
        "opening": opening,
        "onward": onward,
        "columns": [
            Column(_("Take over"), hidden=True),
            Column(_("Question")),
            Column(_("This case")),
            Column(_("Earlier answer")),
        ],
        "failed": bool(told),
    }
    return TemplateResponse(request, "desk/case_earlier.html", {**page, **shown}, status=409 if told else 200)


def _may_file(request: DeskRequest, case: Case) -> bool:
    return request.user.may(Permission.ADD_DOCUMENTS, case.service.key)


def _ids(given: list[str]) -> frozenset[int]:
    return frozenset(number for one in given if (number := whole(one)) is not None)


def _taken(answers: int, papers: int, other: Case) -> str:
    if not answers and not papers:
        return _("Nothing was taken over.")
    parts = [
        ngettext("%d answer", "%d answers", answers) % answers if answers else "",
        ngettext("%d document", "%d documents", papers) % papers if papers else "",
    ]
    what = _(" and ").join(part for part in parts if part)
    return _("Taken over from %(reference)s: %(what)s.") % {"reference": other.reference, "what": what}


def _groups(offer: prefilling.Offer) -> list[tuple[str, list[Line]]]:
    """The answers by group, in the order they are read in."""
    fresh, groups = offer.fresh[0], dict[str, list[Line]]()
    for one in sorted(offer.answers, key=lambda one: submitted.order(one.way)):
        first, *rest = one.way.split("/")
        line = Line(
            way=one.way,
            label=" – ".join(submitted.words(part) for part in rest or [first]),
            earlier=submitted.said(one.value),
            mine="" if one.mine is None else submitted.said(one.mine),
            origin=one.origin,
            stale=one.stale,
            chosen=one.way in fresh,
        )
        groups.setdefault(submitted.group_name(first), []).append(line)
    return list(groups.items())


urlpatterns: list[Any] = [
    path("cases/<str:reference>/earlier/", choose, name="case_earlier_choose"),
    path("cases/<str:reference>/earlier/<str:other_reference>/", earlier, name="case_earlier"),
]
