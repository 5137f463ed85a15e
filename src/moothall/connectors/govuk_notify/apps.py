from django.apps import AppConfig


class GovukNotifyConfig(AppConfig):
    name = "moothall.connectors.govuk_notify"
    label = "govuk_notify"

    def ready(self) -> None:
        """Register what can be told to it."""
        from moothall.connectors.govuk_notify import KEY, operations
        from moothall.connectors.govuk_notify.settings import GovukNotify
        from moothall.core.council.settings import read
        from moothall.domain.exchange.operations import used_when

        operations.register()
        used_when(KEY, lambda: read(GovukNotify).connected)
