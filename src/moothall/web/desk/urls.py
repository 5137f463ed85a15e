"""Where each page of the desk is. A module of views holds its own addresses."""

from django.urls import URLPattern

from moothall.web.desk.views import case, customers, gallery, home, search, sign_in

app_name = "desk"
urlpatterns: list[URLPattern] = [
    *sign_in.urlpatterns,
    *home.urlpatterns,
    *search.urlpatterns,
    *case.urlpatterns,
    *customers.urlpatterns,
    *gallery.urlpatterns,
]
