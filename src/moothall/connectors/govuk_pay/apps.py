from django.apps import AppConfig


class GovukPayConfig(AppConfig):
    name = "moothall.connectors.govuk_pay"
    label = "govuk_pay"

    def ready(self) -> None:
        """Register it as a way to take money, and refunds as something the queue can tell it."""
        from moothall.connectors.govuk_pay import KEY, NAME
        from moothall.connectors.govuk_pay.provider import Pay
        from moothall.connectors.govuk_pay.refunding import GiveBack
        from moothall.connectors.govuk_pay.settings import LONGEST_TIMEOUT, WHOLE_ANSWER
        from moothall.domain.exchange import operations
        from moothall.domain.payments import providers

        provider = Pay()
        providers.register(provider)
        operations.used_when(KEY, provider.connected)
        operations.register(GiveBack())
        operations.called(KEY, NAME)
        operations.lasts(KEY, seconds=LONGEST_TIMEOUT * WHOLE_ANSWER * 2)  # a refund, and a look whether it is there
