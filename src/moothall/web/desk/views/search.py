"""The search box of every page. What is looked for may name somebody, so it is posted and never in an address."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from moothall.core.accounts.permissions import Permission
from moothall.core.audit import recording
from moothall.domain.cases.models import Case
from moothall.domain.people.models import Customer
from moothall.web.components.parts import Column
from moothall.web.desk import looking, questions
from moothall.web.desk.access import needs
from moothall.web.desk.forms.search import Search
from moothall.web.desk.request import DeskRequest

PAGE = "search"


@needs(Permission.VIEW_CASES)
@require_http_methods(["GET", "HEAD", "POST"])
def search(request: DeskRequest) -> HttpResponse:
    """Ask. One exact hit leads straight there, anything else to what was found."""
    form = Search(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        page = {"form": form, "failed": bool(form.errors), "found": None, "may_create": _may_create(request)}
        return TemplateResponse(request, "desk/search.html", page, status=422 if form.errors else 200)
    asked = {"q": form.cleaned_data["q"], "tag": form.cleaned_data["tag"]}
    found = looking.look(asked["q"], request.user, tag=asked["tag"])
    if found.exact is None:
        return redirect("desk:found", questions.keep(request, PAGE, asked, at=request.now))
    _record(request, found)
    if isinstance(found.exact, Case):
        return redirect("desk:case", found.exact.reference)
    return redirect("desk:customer", found.exact.pk)


@needs(Permission.VIEW_CASES)
@require_safe
def found(request: DeskRequest, key: str) -> HttpResponse:
    """What a question kept in the session finds now."""
    asked = questions.read(request, PAGE, key, at=request.now)
    found = looking.look(asked["q"], request.user, tag=asked.get("tag", ""))
    _record(request, found)
    page = {
        "form": Search(asked),
        "failed": False,
        "found": found,
        "may_create": _may_create(request),
        "most": looking.MOST,
        "lines": [{"customer": one, "postcode": _postcode(one)} for one in found.people],
        "people_columns": [Column(_("Name")), Column(_("Born")), Column(_("Postcode"))],
        "case_columns": case_columns(),
    }
    return TemplateResponse(request, "desk/search.html", page)


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
    by, at, via, asked = request.user, request.now, "desk search", [found.asked]
    if by.may(Permission.VIEW_PEOPLE):
        recording.searched("customer", by=by, at=at, via=via, found=len(found.people), asked=asked)
    recording.searched("case", by=by, at=at, via=via, found=len(found.cases), asked=asked)


def _may_create(request: DeskRequest) -> bool:
    return all(request.user.may(needed) for needed in (Permission.EDIT_PEOPLE, Permission.VIEW_PEOPLE))


def _postcode(customer: Customer) -> str:
    now = [one for one in customer.residences.all() if one.to_date is None]
    return now[0].address.postcode if now else ""


urlpatterns = [path("search/", search, name="search"), path("search/<slug:key>/", found, name="found")]
