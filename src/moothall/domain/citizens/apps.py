from django.apps import AppConfig


class CitizensConfig(AppConfig):
    name = "moothall.domain.citizens"
    label = "citizens"

    def ready(self) -> None:
        """Register who is told that a case was made of a form."""
        from moothall.domain.citizens import linking  # noqa: F401
