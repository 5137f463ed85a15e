from django.apps import AppConfig


class FormDeliveryConfig(AppConfig):
    name = "moothall.connectors.form_delivery"
    label = "form_delivery"

    def ready(self) -> None:
        """Say who delivers to webhooks and folders."""
        from moothall.connectors.form_delivery import folder, webhook  # noqa: F401
