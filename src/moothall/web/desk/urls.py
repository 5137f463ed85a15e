"""Where each page of the desk is. A module of views holds its own addresses."""

from django.urls import URLPattern

from moothall.web.desk.views import (
    case,
    connectors,
    create,
    customers,
    digest,
    documents,
    gallery,
    home,
    messages,
    national,
    notes,
    outcome,
    payments,
    queue,
    search,
    sign_in,
    work,
    work_export,
    work_kept,
    work_many,
    workflow,
    workflow_acts,
)

app_name = "desk"
urlpatterns: list[URLPattern] = [
    *sign_in.urlpatterns,
    *home.urlpatterns,
    *work.urlpatterns,
    *work_many.urlpatterns,
    *work_kept.urlpatterns,
    *work_export.urlpatterns,
    *search.urlpatterns,
    *case.urlpatterns,
    *documents.urlpatterns,
    *notes.urlpatterns,
    *payments.urlpatterns,
    *customers.urlpatterns,
    *queue.urlpatterns,
    *connectors.urlpatterns,
    *national.urlpatterns,
    *digest.urlpatterns,
    *create.urlpatterns,
    *gallery.urlpatterns,
    *workflow.urlpatterns,
    *workflow_acts.urlpatterns,
    *outcome.urlpatterns,
    *messages.urlpatterns,
]
