from django.apps import AppConfig


class FormsConfig(AppConfig):
    name = "moothall.domain.forms"
    label = "forms"

    def ready(self) -> None:
        """Register what forms themselves deliver to."""
        from moothall.domain.forms import by_email  # noqa: F401
