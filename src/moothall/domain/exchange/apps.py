from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    name = "moothall.domain.exchange"
    label = "exchange"

    def ready(self) -> None:
        from moothall.domain.cases import refusals
        from moothall.domain.exchange import effects  # noqa: F401  registers the effect `send`
        from moothall.domain.exchange.actions.refusal import QueueRefusal
        from moothall.domain.exchange.operations import SendError, UnknownOperation

        refusals.add(QueueRefusal, SendError, UnknownOperation)
