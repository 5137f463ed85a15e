from django.apps import AppConfig


class FormLookupsConfig(AppConfig):
    name = "moothall.connectors.form_lookups"
    label = "form_lookups"

    def ready(self) -> None:
        """Say who asks the look-ups of forms."""
        from moothall.connectors.form_lookups import asking  # noqa: F401
