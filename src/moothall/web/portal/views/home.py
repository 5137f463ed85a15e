"""The first page, and what the council says about its pages: accessibility, privacy, cookies."""

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import path
from django.views.decorators.http import require_safe

from moothall.core.council.settings import Council, read
from moothall.domain.catalogue.models import Service
from moothall.domain.citizens.rules import Portal
from moothall.web.desk.views.home import door
from moothall.web.ops.access import who_may_call
from moothall.web.portal.access import CitizenRequest, anybody
from moothall.web.portal.pages import page
from moothall.web.portal.services import tiles

MOST_SERVICES = 60


@who_may_call("Anybody: it shows what the council offers, or leads to the desk where there is no portal")
@require_safe
def home(request: HttpRequest) -> HttpResponseBase:
    """What the council offers. Without a portal the bare address leads to the desk."""
    return _home(request) if read(Portal).open else door(request)


@anybody
def _home(request: CitizenRequest) -> HttpResponse:
    services = Service.objects.filter(current__isnull=False).select_related("current").order_by("name")
    return page(request, "home", tiles=tiles(list(services[:MOST_SERVICES])))


@anybody
@require_safe
def accessibility(request: CitizenRequest) -> HttpResponse:
    """How accessible these pages are, and whom to tell."""
    return page(request, "accessibility", here=read(Portal), council=read(Council))


@anybody
@require_safe
def privacy(request: CitizenRequest) -> HttpResponse:
    """What is kept of whoever uses these pages."""
    return page(request, "privacy", here=read(Portal), council=read(Council))


@anybody
@require_safe
def cookies(request: CitizenRequest) -> HttpResponse:
    """Which cookies there are, and when."""
    return page(request, "cookies")


@anybody
@require_safe
def services(_request: CitizenRequest) -> HttpResponse:
    """The services stand on the first page."""
    return redirect("portal:home")


urlpatterns = [
    path("", home, name="home"),
    path("services/", services, name="services"),
    path("accessibility/", accessibility, name="accessibility"),
    path("privacy/", privacy, name="privacy"),
    path("cookies/", cookies, name="cookies"),
]
