"""A page of Django alone, which the pages of the portal are measured beside: one template, the usual middleware, no database."""

import os
from pathlib import Path

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.urls import path

_FOLDER = Path(os.environ["MOOTHALL_BENCH_PLAIN"])  # holds the page as a template: `page.html`


def page(request: HttpRequest) -> TemplateResponse:
    """The page."""
    return TemplateResponse(request, "page.html")


urlpatterns = [path("", page)]
settings.configure(
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF=__name__,
    SECRET_KEY="none",  # noqa: S106 - nothing is signed
    MIDDLEWARE=[
        "django.middleware.security.SecurityMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.middleware.clickjacking.XFrameOptionsMiddleware",
    ],
    TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates", "DIRS": [_FOLDER]}],
)
application = get_wsgi_application()
