"""What a case has more of than its tabs show: every letter and e-mail, and everybody who looked at it, in pages."""

from django.http import HttpResponse
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from moothall.core.accounts.permissions import Permission
from moothall.core.audit.models import Access
from moothall.domain.cases import sight
from moothall.web.common import paging
from moothall.web.components.parts import Column, numbered
from moothall.web.desk import accessed
from moothall.web.desk.access import needs
from moothall.web.desk.case_page import SUMMARY, case_page
from moothall.web.desk.request import DeskRequest

PAGE = 50


@needs(Permission.VIEW_WORK)
@require_safe
def messages(request: DeskRequest, reference: str) -> HttpResponse:
    """Every letter and e-mail one may see, the last first."""
    page = case_page(request, reference, "workflow")
    rows = sight.visible_messages(request.user).filter(case_link__case=page["case"]).defer("html").order_by("-id")
    here = paging.page(request.GET, count=rows.count(), size=PAGE)
    given = {"sent": here.of(rows), "pages": numbered(page=here.number, last=here.last, query=request.GET)}
    return TemplateResponse(request, "desk/case_messages.html", {**page, **given, "paged": here.last > 1})


@needs(Permission.VIEW_CASES, Permission.VIEW_ACCESSES)
@require_safe
def accesses(request: DeskRequest, reference: str) -> HttpResponse:
    """Everybody who looked at the case, when and where, the last first (PPP-6)."""
    page = case_page(request, reference, SUMMARY, Permission.VIEW_ACCESSES)
    rows = Access.objects.filter(subject_type="case", subject_id=page["case"].pk).select_related("user")
    here = paging.page(request.GET, count=rows.count(), size=PAGE)
    given = {
        "accesses": [(one, accessed.place(one.via)) for one in here.of(rows.order_by("-at", "-id"))],
        "pages": numbered(page=here.number, last=here.last, query=request.GET),
        "paged": here.last > 1,
        "columns": [Column(_("Who")), Column(_("When")), Column(_("Where"))],
    }
    return TemplateResponse(request, "desk/case_accesses.html", {**page, **given})


urlpatterns = [
    path("cases/<str:reference>/messages/", messages, name="case_messages"),
    path("cases/<str:reference>/accesses/", accesses, name="case_accesses"),
]
