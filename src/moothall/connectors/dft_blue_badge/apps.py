from django.apps import AppConfig


class DftBlueBadgeConfig(AppConfig):
    name = "moothall.connectors.dft_blue_badge"
    label = "dft_blue_badge"

    def ready(self) -> None:
        """Register how its applications become cases and what can be told to the service."""
        from moothall.connectors.dft_blue_badge import intake, operations

        intake.register()
        operations.register()
