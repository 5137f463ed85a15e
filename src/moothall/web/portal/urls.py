"""Where each page of the portal is: the same in English and, after /cy/, in Welsh."""

from django.urls import URLPattern

from moothall.web.portal.views import (
    account,
    cases,
    coming_back,
    details,
    factor,
    filling_in,
    home,
    one_login,
    paying,
    sending_in,
    signing_in,
    talking,
)

app_name = "portal"
urlpatterns: list[URLPattern] = [
    *home.urlpatterns,
    *signing_in.urlpatterns,
    *one_login.urlpatterns,
    *account.urlpatterns,
    *factor.urlpatterns,
    *cases.urlpatterns,
    *talking.urlpatterns,
    *details.urlpatterns,
    *filling_in.urlpatterns,
    *sending_in.urlpatterns,
    *paying.urlpatterns,
    *coming_back.urlpatterns,
]
