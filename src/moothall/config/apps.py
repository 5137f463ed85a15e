from django.apps import AppConfig


class HooksFault(Exception):
    """The hooks of a service cannot be loaded. The message names file, line and reason."""


class ConfigConfig(AppConfig):
    name = "moothall.config"
    label = "config"

    def ready(self) -> None:
        """Register the hooks of the services that come with the product. Raises HooksFault."""
        from moothall.config import hooks

        hooks.load_built_in()
