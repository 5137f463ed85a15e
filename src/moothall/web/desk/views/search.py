"""The search box of every page. What is looked for may name somebody, so it is posted and never in an address."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from moothall.core.accounts.permissions import Permission
from moothall.core.audit import recording
from moothall.domain.cases.models import Case
from moothall.domain.people.models import Customer
from moothall.kit import references
from moothall.web.api.case_filters import people_found
from moothall.web.components.parts import Column
from moothall.web.desk.access import needs
from moothall.web.desk.forms.search import Search
from moothall.web.desk.request import DeskRequest

SHOWN = 50


@needs(Permission.VIEW_CASES)
@require_http_methods(["GET", "HEAD", "POST"])
def search(request: DeskRequest) -> HttpResponse:
    """A case reference leads to its case; anything else to the cases of customers whose name begins so."""
    form = Search(request.POST if request.method == "POST" else None)
    found: list[Case] | None = None
    if form.is_valid():
        asked = form.cleaned_data["q"]
        cases = Case.objects.visible_to(request.user).select_related("customer", "service")
        if references.is_valid(asked):
            case = cases.filter(reference=references.normalise(asked)).first()
            if case:
                return redirect("desk:case", case.reference)
            found = []
        else:
            people = people_found(name=asked, first_names="", date_of_birth=None, nino_given="", postcode_given="")
            here = Customer.objects.filter(people).values("id")
            found = list(cases.filter(customer__in=here).order_by("-opened_at", "-id")[:SHOWN])
        recording.searched("case", by=request.user, at=request.now, via="desk search", found=len(found), asked=["q"])
    columns = [Column(_("Reference")), Column(_("Customer")), Column(_("Service")), Column(_("Opened"))]
    page = {"form": form, "failed": bool(form.errors), "cases": found, "columns": [*columns, Column(_("State"))]}
    return TemplateResponse(request, "desk/search.html", page, status=422 if form.errors else 200)


urlpatterns = [path("search/", search, name="search")]
