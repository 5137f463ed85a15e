"""Behind PgBouncer nothing is kept between transactions, and the worker listens to PostgreSQL itself."""

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from moothall.config import environment
from moothall.config.environment import SettingsFault

SHOW = """
import json, django
from django.conf import settings
django.setup()
from procrastinate.contrib.django.utils import connector_params
from django.db import connection
print(json.dumps({
    "product": connection.get_connection_params(),
    "cursors": connection.settings_dict["DISABLE_SERVER_SIDE_CURSORS"],
    "worker": connector_params(settings.WORKER_DATABASE),
}, default=str))
"""


def settings(**given: str) -> dict[str, Any]:
    """What a process with these settings connects with."""
    kept = {name: value for name, value in os.environ.items() if name not in environment.variables()}
    where = {**kept, "DJANGO_SETTINGS_MODULE": "moothall.config.settings", "MOOTHALL_SECRET_KEY": "x" * 50, **given}
    done = subprocess.run([sys.executable, "-c", SHOW], env=where, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    shown = json.loads(done.stdout)
    assert isinstance(shown, dict)
    return shown


def test_behind_pgbouncer_a_connection_asks_for_nothing_that_lasts_and_the_worker_goes_past_it() -> None:
    shown = settings(
        DATABASE_URL="postgresql://council@pool.example.org:6432/moothall",
        MOOTHALL_DIRECT_DATABASE_URL="postgresql://council@database.example.org/moothall",
    )
    assert shown["product"]["host"] == "pool.example.org"
    assert "options" not in shown["product"]
    assert shown["product"]["prepare_threshold"] is None
    assert shown["cursors"] is True
    assert shown["worker"]["host"] == "database.example.org"
    assert "statement_timeout" in shown["worker"]["options"]


def test_without_it_every_connection_has_its_time_limits() -> None:
    shown = settings(DATABASE_URL="postgresql://council@database.example.org/moothall")
    assert (shown["worker"]["host"], shown["worker"]["options"]) == (
        shown["product"]["host"],
        shown["product"]["options"],
    )
    assert "statement_timeout=30000" in shown["product"]["options"]
    assert shown["cursors"] is False


def test_a_direct_address_alone_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setenv("MOOTHALL_DIRECT_DATABASE_URL", "postgresql:///moothall")
    with pytest.raises(SettingsFault, match="goes with a DATABASE_URL"):
        environment.load()
