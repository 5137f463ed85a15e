"""Cases that have to do with each other: linked, unlinked, said not to be duplicates (BEST-8)."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from moothall.core.accounts.permissions import Permission
from moothall.domain.cases import actions
from moothall.domain.cases.actions import CannotChange
from moothall.domain.cases.models import Case, RelatedCase
from moothall.kit.invalid import Invalid
from moothall.web.common.sent import READ_OR_SEND, sent
from moothall.web.desk.access import needs
from moothall.web.desk.case_page import SUMMARY, case_page
from moothall.web.desk.finding import case_named, case_read
from moothall.web.desk.forms.case import LinkCase, Unlink
from moothall.web.desk.request import DeskRequest


@needs(Permission.EDIT_CASES)
@READ_OR_SEND
def link(request: DeskRequest, reference: str) -> HttpResponse:
    """Say that another case has to do with this one, and how. `other` and `kind` may be filled in by the address."""
    page = case_page(request, reference, SUMMARY, Permission.EDIT_CASES)
    found = page["case"]
    given = {name: request.GET[name][:40] for name in ("other", "kind") if name in request.GET}
    form = LinkCase(sent(request), initial=given)
    if form.is_valid():
        other = _other(request, form.cleaned_data["other"])
        if other is None:
            form.add_error("other", _("There is no such case, or you may not change it."))
        else:
            kind, why = RelatedCase.Kind(form.cleaned_data["kind"]), form.cleaned_data["why"]
            try:
                actions.link_cases(found, other, kind=kind, why=why, by=request.user, at=request.now)
            except (CannotChange, Invalid) as refused:
                form.add_error("other", str(refused))
            else:
                messages.success(request, _("%s is linked.") % other.reference)
                return redirect("desk:case", found.reference)
    return _asked(request, "desk/case_link.html", {**page, "form": form})


@needs(Permission.EDIT_CASES)
@READ_OR_SEND
def unlink(request: DeskRequest, reference: str, other_reference: str) -> HttpResponse:
    """Take the link to another case away, with a reason."""
    found = case_read(request, reference, Permission.EDIT_CASES, via="case.unlink")
    other = case_named(request, other_reference, Permission.EDIT_CASES)
    form = Unlink(sent(request))
    if form.is_valid():
        try:
            actions.unlink_cases(found, other, why=form.cleaned_data["why"], by=request.user, at=request.now)
        except CannotChange as refused:
            form.add_error("why", str(refused))
        else:
            messages.success(request, _("%s is not linked any more.") % other.reference)
            return redirect("desk:case", found.reference)
    return _asked(request, "desk/case_unlink.html", {"case": found, "other": other, "form": form})


@needs(Permission.EDIT_CASES)
@require_POST
def not_duplicate(request: DeskRequest, reference: str) -> HttpResponse:
    """Say that another case is not this one twice, so that nobody is warned of it again."""
    found = case_named(request, reference, Permission.EDIT_CASES)
    other = _other(request, request.POST.get("other", ""))
    if other is None or other.pk == found.pk:
        raise Http404
    actions.not_duplicate(found, other, by=request.user, at=request.now)
    messages.success(request, _("%s is not a duplicate. Nobody is warned of it again.") % other.reference)
    return redirect("desk:case", found.reference)


def _other(request: DeskRequest, reference: str) -> Case | None:
    """The case with this reference; None where there is none the user may change, which is not told apart."""
    try:
        return case_named(request, reference, Permission.EDIT_CASES)
    except (Http404, PermissionDenied):
        return None


def _asked(request: DeskRequest, template: str, page: dict[str, Any]) -> HttpResponse:
    failed = page["form"].is_bound
    return TemplateResponse(request, template, {**page, "failed": failed}, status=422 if failed else 200)


urlpatterns = [
    path("cases/<str:reference>/link/", link, name="case_link"),
    path("cases/<str:reference>/link/<str:other_reference>/end/", unlink, name="case_unlink"),
    path("cases/<str:reference>/not-duplicate/", not_duplicate, name="case_not_duplicate"),
]
