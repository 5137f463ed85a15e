from django.apps import AppConfig


class DftBlueBadgeConfig(AppConfig):
    name = "moothall.connectors.dft_blue_badge"
    label = "dft_blue_badge"

    def ready(self) -> None:
        """Register how its applications become cases, what can be told to the service, and what is checked before."""
        from moothall.connectors.dft_blue_badge import checking, intake, operations  # noqa: F401 - registers its hooks

        intake.register()
        operations.register()
