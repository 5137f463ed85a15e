"""The product's settings with the job queue alone, so that a worker starts quickly."""

from django.urls import URLPattern

from moothall.config.settings import *  # noqa: F403

INSTALLED_APPS = ["procrastinate.contrib.django", "moothall.core.jobs"]
CSRF_FAILURE_VIEW = "django.views.csrf.csrf_failure"
MIDDLEWARE: list[str] = []
ROOT_URLCONF = "tests.jobs.settings"
urlpatterns: list[URLPattern] = []
