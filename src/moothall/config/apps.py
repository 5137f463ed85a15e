from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate, pre_migrate


class HooksFault(Exception):
    """The hooks of a service cannot be loaded. The message names file, line and reason."""


class ConfigConfig(AppConfig):
    name = "moothall.config"
    label = "config"

    def ready(self) -> None:
        """Register the hooks of the services that come with the product. Raises HooksFault."""
        from moothall.config import hooks

        hooks.load_built_in()
        pre_migrate.connect(_take_time)
        post_migrate.connect(_as_usual)


def _take_time(using: str, **_: Any) -> None:
    """A migration may read a whole table, or wait for whoever reads it while an index is made beside them."""
    with connections[using].cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")


def _as_usual(using: str, **_: Any) -> None:
    with connections[using].cursor() as cursor:
        cursor.execute("RESET statement_timeout")
