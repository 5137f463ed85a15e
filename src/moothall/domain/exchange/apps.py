from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    name = "moothall.domain.exchange"
    label = "exchange"

    def ready(self) -> None:
        from moothall.domain.exchange import effects  # noqa: F401  registers the effect `send`
