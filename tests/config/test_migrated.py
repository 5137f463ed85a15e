"""A database copied from a migrated one is as one that was migrated, whoever made that, and whatever became of them."""

import os
import secrets
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from django.conf import settings
from psycopg import sql
from pytest_django import DjangoDbBlocker
from tests.dumps import dump

from moothall.config import migrated, postgres
from moothall.config.bench import server
from moothall.config.environment import variables

PATIENCE_SECONDS = 120
SETTINGS = """
from moothall.config.settings import *
INSTALLED_APPS = ["parish"]
"""
MIGRATION = """
from django.db import migrations
from parish import words

class Migration(migrations.Migration):
    operations = [
        migrations.RunSQL("SELECT pg_sleep({seconds})"),
        migrations.RunSQL("CREATE TABLE parish AS SELECT '" + words.NAME + "' AS name"),
    ]
"""
MAKE = "import django, sys; django.setup(); from moothall.config import migrated; print({}, flush=True)"


class Clerk:
    """Who may make databases and nothing else, with an installation of one app."""

    def __init__(self, role: str, url: str, folder: Path) -> None:
        self.role, self.url, self.migrations = role, url, folder / "parish" / "migrations"
        self.migrations.mkdir(parents=True)
        (folder / "own_settings.py").write_text(SETTINGS)
        (folder / "parish" / "__init__.py").touch()
        self.words = folder / "parish" / "words.py"
        self.words.write_text("NAME = 'Nether Example'")
        (self.migrations / "__init__.py").touch()
        self.migrate()
        kept = {name: value for name, value in os.environ.items() if name not in variables()}
        self.environment = {
            **kept,
            "DATABASE_URL": url,
            "MOOTHALL_DATA_DIR": str(folder),
            "MOOTHALL_SECRET_KEY": secrets.token_urlsafe(50),
            "DJANGO_SETTINGS_MODULE": "own_settings",
            "PYTHONPATH": os.pathsep.join([str(folder), *sys.path]),
            "PYTHONDONTWRITEBYTECODE": "1",
        }

    def migrate(self, *, seconds: int = 0) -> None:
        """The app's only migration, which takes so long."""
        (self.migrations / "0001_initial.py").write_text(MIGRATION.format(seconds=seconds))

    def start(self, call: str = "migrated.template()") -> "subprocess.Popen[str]":
        command = [sys.executable, "-c", MAKE.format(call)]
        return subprocess.Popen(command, env=self.environment, stdout=subprocess.PIPE, text=True)

    def said(self, call: str = "migrated.template()") -> str:
        """What a process of its own answers."""
        with self.start(call) as process:
            answer = process.communicate(timeout=PATIENCE_SECONDS)[0].strip()
        assert process.returncode == 0
        return answer

    def databases(self) -> dict[str, bool]:
        """Those of the clerk, and whether one can connect to them."""
        asked = "SELECT datname, datallowconn FROM pg_database WHERE pg_get_userbyid(datdba) = %s"
        with server.maintenance() as connected:
            return dict(connected.execute(asked, [self.role]).fetchall())

    def parish(self, database: str) -> tuple[str, object]:
        """What the migration left, and when it was applied."""
        with psycopg.connect(urlsplit(self.url)._replace(path=f"/{database}").geturl()) as connected:
            row = connected.execute("SELECT parish.name, applied FROM parish, django_migrations").fetchone()
        assert row is not None
        return row


@pytest.fixture
def unblocked(django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The server is asked, not the database of the tests."""
    with django_db_blocker.unblock():
        yield


@pytest.fixture
def clerk(unblocked: None, tmp_path: Path) -> Iterator[Clerk]:
    """Gone afterwards, with all databases made."""
    role, password = f"clerk_{secrets.token_hex(4)}", secrets.token_hex(16)
    usual = urlsplit(settings.ENVIRONMENT.database_url or postgres.url(settings.DATA_DIR))
    url = usual._replace(netloc=f"{role}:{password}@{usual.netloc.rpartition('@')[2]}").geturl()
    with server.maintenance() as connected:
        make = sql.SQL("CREATE ROLE {} LOGIN CREATEDB PASSWORD {}").format(sql.Identifier(role), sql.Literal(password))
        try:
            connected.execute(make)
        except psycopg.errors.InsufficientPrivilege:
            pytest.skip("DATABASE_URL names a user who may not make another.")
        clerk = Clerk(role, url, tmp_path)
        yield clerk
        for name in clerk.databases():
            server.drop(name)
        connected.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(role)))


def wait_for(holds: Callable[[], object]) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < until, "It did not happen in time."
        time.sleep(0.1)


def test_a_copy_holds_what_a_migration_leaves(clerk: Clerk) -> None:
    copied, fresh = (f"{clerk.role}_{kind}" for kind in ("copied", "fresh"))
    clerk.said(f"migrated.create('{fresh}')")
    clerk.said()
    clerk.said(f"migrated.create('{copied}')")

    assert clerk.parish(copied)[1] != clerk.parish(fresh)[1]  # when it was migrated
    held = [dump(name, "--exclude-table-data=django_migrations") for name in (copied, fresh)]
    assert held[0] == held[1]


def test_a_process_that_a_test_starts_copies_the_same_one(template: str) -> None:
    command = [sys.executable, "-c", MAKE.format("migrated.template()")]
    where = {**os.environ, "DJANGO_SETTINGS_MODULE": "moothall.config.settings"}
    assert subprocess.run(command, env=where, capture_output=True, text=True).stdout.strip() == template


def test_two_at_once_who_may_make_databases_and_nothing_else_make_one_and_it_is_copied(clerk: Clerk) -> None:
    together = [clerk.start(), clerk.start()]
    answers = [process.communicate(timeout=PATIENCE_SECONDS)[0].strip() for process in together]

    (name,) = set(answers)
    assert clerk.databases() == {name: False}
    for copy in ("parish_one", "parish_two"):
        clerk.said(f"migrated.create('{clerk.role}_{copy}')")
    one, two = (clerk.parish(f"{clerk.role}_{copy}") for copy in ("parish_one", "parish_two"))
    assert one == two
    assert one[0] == "Nether Example"


def test_without_one_to_copy_a_database_is_migrated_and_none_is_left(clerk: Clerk) -> None:
    clerk.said(f"migrated.create('{clerk.role}_parish')")

    assert clerk.parish(f"{clerk.role}_parish")[0] == "Nether Example"
    assert clerk.databases() == {f"{clerk.role}_parish": True}


def test_one_whose_maker_was_killed_is_made_anew(clerk: Clerk) -> None:
    clerk.migrate(seconds=600)
    with clerk.start() as maker:
        wait_for(lambda: any(name.endswith(migrated.UNFINISHED) for name in clerk.databases()))
        maker.kill()
    clerk.migrate(seconds=0)

    name = clerk.said()

    assert clerk.databases() == {name: False}


def test_a_change_of_what_migrations_do_makes_another_and_the_last_few_stay(clerk: Clerk) -> None:
    kept = "setattr(migrated, 'KEPT', 3) or migrated.template()"
    names = [clerk.said(kept)]
    clerk.words.write_text("NAME = 'Upper Example'")
    names.append(clerk.said(kept))
    (clerk.migrations / "rows.csv").write_text("Upper Example")
    names.append(clerk.said(kept))
    again = (clerk.migrations / "0001_initial.py").read_text().replace("_initial", "") + "\n# again\n"
    (clerk.migrations / "0001_initial.py").write_text(again)
    names.append(clerk.said(f"({kept}, migrated.create('{clerk.role}_parish'))[0]"))

    assert len(set(names)) == len(names) == 4
    assert clerk.databases() == {**dict.fromkeys(names[1:], False), f"{clerk.role}_parish": True}
    assert clerk.parish(f"{clerk.role}_parish")[0] == "Upper Example"
