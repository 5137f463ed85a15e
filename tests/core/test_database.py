"""Which database something kept belongs to: one server, port and name are one database, and nothing less is."""

import pytest
from django.db import connection

from moothall.core import database


@pytest.mark.parametrize("part", ["HOST", "PORT", "NAME"])
def test_a_database_on_another_server_port_or_of_another_name_is_another(
    part: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = database.where()
    assert database.where() == here

    monkeypatch.setitem(connection.settings_dict, part, "another")

    assert database.where() != here
