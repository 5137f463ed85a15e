"""Where each part of the product answers."""

from django.conf.urls.i18n import i18n_patterns
from django.urls import URLPattern, URLResolver, include, path

from moothall.web.api import docs
from moothall.web.api.api import api

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/v1/docs", docs.page, name="api-docs"),
    path("api/v1/", api.urls),
    path("desk/", include("moothall.web.desk.urls")),
    path("", include("moothall.web.public.urls")),
    path("", include("moothall.web.ops.urls")),
    *i18n_patterns(path("", include("moothall.web.portal.urls")), prefix_default_language=False),
]
handler400 = "moothall.web.desk.views.errors.bad_request"
handler403 = "moothall.web.desk.views.errors.forbidden"
handler404 = "moothall.web.desk.views.errors.not_found"
handler500 = "moothall.web.desk.views.errors.broken"
