import pkgutil
from importlib import import_module

from django.apps import AppConfig

from moothall import services


class ConfigConfig(AppConfig):
    name = "moothall.config"
    label = "config"

    def ready(self) -> None:
        """Register the hooks of the services that come with the product."""
        for service in pkgutil.iter_modules(services.__path__, f"{services.__name__}."):
            folder = import_module(service.name)
            if "hooks" in {module.name for module in pkgutil.iter_modules(folder.__path__)}:
                import_module(f"{service.name}.hooks")
