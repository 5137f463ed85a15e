"""Where the pages behind links are. What is after the first part is the secret."""

from django.urls import URLPattern, path

from moothall.web.public import told, views

app_name = "public"
urlpatterns: list[URLPattern] = [
    path("payments/govuk-pay/messages/", told.pay, name="told_by_pay"),
    path("messages/govuk-notify/receipts/", told.notify, name="told_by_notify"),
    path("opinion/<str:secret>/", views.opinion, name="opinion"),
    path("opinion/<str:secret>/code/", views.code, name="opinion_code"),
    path("opinion/<str:secret>/review/", views.review, name="opinion_review"),
    path("opinion/<str:secret>/cannot/", views.decline, name="opinion_decline"),
    path("opinion/<str:secret>/documents/<int:document_id>/", views.document, name="opinion_document"),
]
