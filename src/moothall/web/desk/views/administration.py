"""The page that leads to what few people need, and seldom."""

from django.http import Http404, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path
from django.views.decorators.http import require_safe

from moothall.web.desk import navigation
from moothall.web.desk.access import signed_in
from moothall.web.desk.request import DeskRequest


@signed_in
@require_safe
def administration(request: DeskRequest) -> HttpResponse:
    """The pages one may use there; for who may use none there is no such page."""
    entries = navigation.administration(request.user)
    if not entries:
        raise Http404
    return TemplateResponse(request, "desk/administration.html", {"headed": navigation.headed(entries)})


urlpatterns = [path("administration/", administration, name="administration")]
