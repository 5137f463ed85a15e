from django.apps import AppConfig


class CatalogueConfig(AppConfig):
    name = "moothall.domain.catalogue"
    label = "catalogue"

    def ready(self) -> None:
        """Have imports of people know the services."""
        from moothall.domain.catalogue import naming  # noqa: F401
