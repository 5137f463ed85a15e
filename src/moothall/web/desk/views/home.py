"""The first page: the work somebody has taken."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.views.decorators.http import require_safe

from moothall.core.accounts.permissions import Permission
from moothall.web.desk.access import open_to_all, signed_in
from moothall.web.desk.request import DeskRequest
from moothall.web.desk.views.work import listing


@signed_in
@require_safe
def home(request: DeskRequest) -> HttpResponse:
    """My work, the longest in its stage first; for who has nothing to do with work, a welcome."""
    if request.user.may(Permission.VIEW_WORK):
        return listing(request)
    return TemplateResponse(request, "desk/home.html", {})


@open_to_all
@require_safe
def door(_request: HttpRequest) -> HttpResponse:
    """The bare address leads to the desk."""
    return redirect("desk:home")


urlpatterns = [path("", home, name="home")]
