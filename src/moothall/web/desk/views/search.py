"""The search box of every page. What is looked for may name somebody, so it is posted and never in an address."""

from datetime import date
from typing import Any

from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.http import require_POST, require_safe

from moothall.core.accounts.permissions import Permission
from moothall.core.audit import recording
from moothall.domain.cases.models import Case
from moothall.domain.people import searching
from moothall.domain.people.models import Customer
from moothall.kit.invalid import Invalid
from moothall.web.common import paging
from moothall.web.common.sent import READ_OR_SEND, sent
from moothall.web.components.parts import Column, numbered
from moothall.web.desk import looking, questions
from moothall.web.desk.access import needs
from moothall.web.desk.forms.search import DETAILS, Search, question
from moothall.web.desk.request import DeskRequest

PAGE = "search"
MOST_PAGES = 100
ASKED = {
    "name": _lazy("name"),
    "date_of_birth": _lazy("date of birth"),
    "nino": _lazy("National Insurance number"),
    "postcode": _lazy("postcode"),
    "phone": _lazy("telephone"),
    "email": _lazy("e-mail"),
    "reference": _lazy("number"),
    "badge": _lazy("badge number"),
    "case": _lazy("case reference"),
}


@needs(Permission.VIEW_CASES)
@READ_OR_SEND
def search(request: DeskRequest) -> HttpResponse:
    """Ask. One exact hit leads straight there, anything else to what was found."""
    form = Search(sent(request), user=request.user)
    asked, answer = _asked(request, form)
    if answer is None:
        return _page(request, form)
    if answer.exact is None:
        return redirect("desk:found", questions.keep(request, PAGE, asked, at=request.now))
    _record(request, answer)
    if isinstance(answer.exact, Case):
        return redirect("desk:case", answer.exact.reference)
    return redirect("desk:customer", answer.exact.pk)


@needs(Permission.VIEW_CASES)
@require_POST
def typed(request: DeskRequest) -> HttpResponse:
    """What is found as somebody types: the part of the page below the box, or nothing yet."""
    form = Search(request.POST, user=request.user)
    _question, answer = _asked(request, form)
    if answer is not None:
        _record(request, answer)
    said = next(iter(form.errors.values()), [""])[0] if answer is None else ""
    return TemplateResponse(request, "desk/_found.html", {**_shown(answer, None, 1), "said": said})


@needs(Permission.VIEW_CASES)
@require_safe
def found(request: DeskRequest, key: str) -> HttpResponse:
    """What a question kept in the session finds now, a page of it."""
    asked, page = questions.read(request, PAGE, key, at=request.now), paging.asked(request.GET)
    if page > MOST_PAGES:
        raise Http404
    details = dict(asked.get("details", {}))
    born = details.get("date_of_birth")
    initial = {**asked, **details, "date_of_birth": date.fromisoformat(born) if born else None}
    answer = _look(request, asked, page=page)
    if page > 1 and not answer.people:
        raise Http404
    _record(request, answer)
    return _page(request, Search(initial=initial, user=request.user), answer, page=page, opened=bool(details))


def _asked(request: DeskRequest, form: Search) -> tuple[dict[str, Any], looking.Found | None]:
    """What the form asks and what is found; nothing when it asks nothing that can be found, which it then says."""
    if not form.is_valid():
        return {}, None
    asked = {"q": form.cleaned_data["q"], "tag": form.cleaned_data["tag"], "details": form.details()}
    try:
        return asked, _look(request, asked)
    except Invalid as error:
        form.add_error("q" if asked["q"] else None, str(error))
        return asked, None


def _look(request: DeskRequest, asked: dict[str, Any], *, page: int = 1) -> looking.Found:
    if details := asked.get("details"):
        return looking.known(
            question(details), request.user, tag=asked.get("tag", ""), case=details.get("case", ""), page=page
        )
    return looking.look(asked["q"], request.user, tag=asked.get("tag", ""), page=page)


def _page(
    request: DeskRequest, form: Search, answer: looking.Found | None = None, *, page: int = 1, opened: bool = False
) -> HttpResponse:
    failed = bool(form.errors)
    parts = {"form": form, "failed": failed, "may_create": _may_create(request)}
    parts["opened"] = opened or any(form.data.get(name) for name in DETAILS)
    return TemplateResponse(
        request, "desk/search.html", {**parts, **_shown(answer, request.GET, page)}, status=422 if failed else 200
    )


def _shown(answer: looking.Found | None, query: QueryDict | None, page: int) -> dict[str, Any]:
    """What was found; without `query` its first page alone, as while somebody types."""
    people = answer.people if answer else []
    why = answer.why if answer else {}
    last = max(1, -(-answer.total // looking.MOST)) if answer else 1
    if answer and answer.more and answer.total and last < searching.LOOKED_AT // looking.MOST:
        last += 1  # those behind are not counted
    return {
        "found": answer,
        "most": answer.total if answer and answer.total else looking.MOST,
        "taken_for": [str(ASKED[one]) for one in answer.asked.split() if one in ASKED] if answer else [],
        "pages": numbered(page=page, last=last, query=query) if query is not None and last > 1 else None,
        "lines": [{"customer": one, "postcode": _postcode(one), "why": why.get(one.pk, [])} for one in people],
        "people_columns": [Column(_("Name")), Column(_("Born")), Column(_("Postcode")), Column(_("Why"))],
        "case_columns": case_columns(),
        "said": "",
    }


def case_columns() -> list[Column]:
    """The columns of `desk/_case_rows.html`."""
    return [
        Column(_("Reference")),
        Column(_("Customer")),
        Column(_("Service")),
        Column(_("Opened")),
        Column(_("State")),
    ]


def _record(request: DeskRequest, found: looking.Found) -> None:
    by, at, via, asked = request.user, request.now, "desk search", found.asked.split()
    if by.may(Permission.VIEW_PEOPLE):
        recording.searched("customer", by=by, at=at, via=via, found=found.total or len(found.people), asked=asked)
    recording.searched("case", by=by, at=at, via=via, found=len(found.cases), asked=asked)


def _may_create(request: DeskRequest) -> bool:
    return all(request.user.may(needed) for needed in (Permission.EDIT_PEOPLE, Permission.VIEW_PEOPLE))


def _postcode(customer: Customer) -> str:
    now = [one for one in customer.residences.all() if one.to_date is None]
    return now[0].address.postcode if now else ""


urlpatterns = [
    path("search/", search, name="search"),
    path("search/typed/", typed, name="search_typed"),
    path("search/<slug:key>/", found, name="found"),
]
