"""What is said when something cannot be done. Under /api/ the API says it in its own way."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from moothall.core.council.settings import read
from moothall.domain.citizens.rules import Portal
from moothall.web.api.middleware import PREFIX as API
from moothall.web.api.problems import instance
from moothall.web.desk.context import Desk

DESK = "/desk/"


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 - Django gives it
    """400."""
    return said(request, 400, _("That could not be understood"), _("Go back and try again."))


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403, with what is lacking."""
    why = str(exception) if isinstance(exception, PermissionDenied) and exception.args else _("You may not do this.")
    return said(request, 403, _("You may not do this"), why, _("Ask whoever manages your team if you need it."))


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 - Django gives it
    """404: what is not there and what may not be seen look the same."""
    return said(request, 404, _("Page not found"), _("There is nothing here, or you may not see it."))


def broken(request: HttpRequest) -> HttpResponse:
    """500, with a number to quote."""
    number = _("Quote this number when you report it: %s") % instance(request)
    return said(request, 500, _("Something went wrong"), _("Nothing was changed."), number)


def stale_form(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001 - Django gives it
    """403 of a form that was not ours, or that was open while its session ended."""
    why = _("This page was open for too long, or you signed in elsewhere meanwhile. Nothing was changed.")
    return said(request, 403, _("Open the page again"), why, _("Go back, reload the page and try again."))


def said(request: HttpRequest, status: int, title: str, *lines: str) -> HttpResponse:
    """A page of the layout that says what is the matter."""
    if request.path_info.startswith(API):
        return HttpResponse(status=status)
    fault = status >= 500
    page = {"title": title, "lines": lines, "desk": Desk(request, stranger=fault)}
    template = "desk/error.html"
    if not request.path_info.startswith(DESK) and not fault and read(Portal).open:
        template = "portal/error.html"
    return HttpResponse(render_to_string(template, page, request=None if fault else request), status=status)
