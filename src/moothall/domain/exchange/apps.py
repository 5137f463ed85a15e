from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    name = "moothall.domain.exchange"
    label = "exchange"
