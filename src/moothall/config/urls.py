"""Where each part of the product answers."""

from django.urls import URLPattern, URLResolver, include, path

from moothall.web.api import docs
from moothall.web.api.api import api

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/v1/docs", docs.page, name="api-docs"),
    path("api/v1/", api.urls),
    path("", include("moothall.web.ops.urls")),
]
