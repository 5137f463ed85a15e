"""Where each page of the portal is: the same in English and, after /cy/, in Welsh."""

from django.urls import URLPattern

from moothall.web.portal.views import account, cases, details, factor, home, one_login, signing_in, talking

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
]
