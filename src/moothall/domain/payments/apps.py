from django.apps import AppConfig


class PaymentsConfig(AppConfig):
    name = "moothall.domain.payments"
    label = "payments"
