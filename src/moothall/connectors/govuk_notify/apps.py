from django.apps import AppConfig


class GovukNotifyConfig(AppConfig):
    name = "moothall.connectors.govuk_notify"
    label = "govuk_notify"

    def ready(self) -> None:
        """Register what can be told to it."""
        from moothall.connectors.govuk_notify import operations

        operations.register()
