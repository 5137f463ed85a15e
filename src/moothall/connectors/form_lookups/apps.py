from django.apps import AppConfig


class FormLookupsConfig(AppConfig):
    name = "moothall.connectors.form_lookups"
    label = "form_lookups"

    def ready(self) -> None:
        """Say who asks the look-ups of forms, and when that can be tested."""
        from moothall.connectors.form_lookups import KEY, NAME, asking  # noqa: F401
        from moothall.connectors.form_lookups.settings import FormLookups
        from moothall.core.council.settings import read
        from moothall.domain.exchange import operations

        operations.used_when(KEY, lambda: bool(read(FormLookups).addresses))
        operations.called(KEY, NAME)
