"""A case."""

from django.http import HttpResponse
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from moothall.core.accounts.permissions import Permission
from moothall.web.components.parts import Row
from moothall.web.components.templatetags.components import moment
from moothall.web.desk.access import needs
from moothall.web.desk.case_page import SUMMARY, case_page
from moothall.web.desk.request import DeskRequest


@needs(Permission.VIEW_CASES)
@require_safe
def case(request: DeskRequest, reference: str) -> HttpResponse:
    """What the case is."""
    page = case_page(request, reference, SUMMARY)
    found = page["case"]
    rows = [
        Row(_("Customer"), found.customer.name),
        Row(_("Service"), found.service.name),
        Row(_("Opened"), moment(found.opened_at)),
    ]
    return TemplateResponse(request, "desk/case.html", {**page, "rows": rows})


urlpatterns = [path("cases/<str:reference>/", case, name="case")]
