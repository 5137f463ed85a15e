"""The council these tests call, built once and left standing in the database while they go on."""

import copy
import shutil
from pathlib import Path

from django.db import connection
from django.test import override_settings
from tests.api import world as worlds
from tests.api.world import World

from moothall.core.accounts.models import User
from moothall.domain.catalogue import catalogue
from moothall.domain.exchange import operations
from moothall.domain.workflow import published


class Standing:
    """A world that is committed: each test gets a copy and, in a transaction that is undone, changes what it likes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._world: World | None = None
        self._empty = [name for name in connection.introspection.table_names() if not _has_rows(name)]

    def world(self) -> World:
        """A copy of the world, which is built anew when a test that commits has taken it away."""
        if self._world is None or not User.objects.filter(email="manager@council.example.org").exists():
            forget()
            with override_settings(MEDIA_ROOT=self._folder):  # which also tells the storage, unlike an assignment
                self._world = worlds.build()
        operations.register(worlds.Order())
        forget()
        return copy.deepcopy(self._world)

    def lay_out(self, folder: Path) -> None:
        """Put the files of the world's documents into a folder."""
        shutil.copytree(self._folder, folder, dirs_exist_ok=True)

    def clear(self) -> None:
        """Leave the tables as they were found."""
        with connection.cursor() as cursor:
            names = ", ".join(connection.ops.quote_name(name) for name in sorted({*self._empty, *_queue()}))
            cursor.execute(f"TRUNCATE {names} RESTART IDENTITY")
        forget()


def forget() -> None:
    """What is remembered of published services between requests."""
    catalogue.forget()
    published.forget()


def _queue() -> list[str]:
    """The tables of jobs, which refer to one another and may hold jobs that a test which commits has left."""
    return [name for name in connection.introspection.table_names() if name.startswith("procrastinate_")]


def _has_rows(table: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT EXISTS (SELECT 1 FROM {connection.ops.quote_name(table)})")
        return bool(cursor.fetchone()[0])
