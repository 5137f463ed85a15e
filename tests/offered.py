"""A second database of the tests, where the Blue Badge is published: to publish it anew takes as long as many a test."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from django.db import connections
from tests.desk.council import offer_blue_badges

from moothall.config.bench import server
from moothall.core.accounts.models import SecurityGroup


class Offered:
    """The database, made as a copy of `template`. Its groups come when the service is offered, as in an empty one."""

    def __init__(self, template: str) -> None:
        usual = connections["default"]
        self._name = f"{usual.settings_dict['NAME']}_offered"
        server.recreate(self._name, template=template)
        self._connection = type(usual)({**usual.settings_dict, "NAME": self._name}, "default")
        with self.in_use():
            offer_blue_badges(at=datetime(2026, 3, 3, 12, tzinfo=UTC))
            SecurityGroup.objects.all().delete()

    @contextmanager
    def in_use(self) -> Iterator[None]:
        """What asks the database in this thread asks this one."""
        usual = connections["default"]
        connections["default"] = self._connection
        try:
            yield
        finally:
            connections["default"] = usual

    def drop(self) -> None:
        self._connection.close()
        server.drop(self._name)
