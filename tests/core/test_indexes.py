"""Indexes made beside the work: broken off and run again, a migration ends where it would have."""

import pytest
from django.core.management import call_command
from django.db import connection, models
from django.db.migrations.executor import MigrationExecutor

from moothall.core.indexes import AddIndexBeside

pytestmark = pytest.mark.django_db(transaction=True)
INDEX = models.Index(fields=["full_name"], name="user_full_name_tried")


def add() -> None:
    before = MigrationExecutor(connection).loader.project_state()
    operation = AddIndexBeside("user", INDEX)
    after = before.clone()
    operation.state_forwards("accounts", after)
    with connection.schema_editor(atomic=False) as editor:
        operation.database_forwards("accounts", editor, before, after)


def is_valid() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass(%s)", [INDEX.name])
        return bool(cursor.fetchone()[0])


def test_an_index_that_was_begun_and_not_ended_is_made_anew_and_one_that_is_there_stays() -> None:
    try:
        add()
        assert is_valid()
        add()
        with connection.cursor() as cursor:
            cursor.execute("UPDATE pg_index SET indisvalid = false WHERE indexrelid = to_regclass(%s)", [INDEX.name])
        assert not is_valid()
        add()
        assert is_valid()
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"DROP INDEX IF EXISTS {INDEX.name}")


def test_a_migration_may_take_its_time_and_others_may_not() -> None:
    limits = []

    def look(using: str, **_: object) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SHOW statement_timeout")
            limits.append(cursor.fetchone()[0])

    models.signals.pre_migrate.connect(look, weak=False, dispatch_uid="look")
    try:
        call_command("migrate", "accounts", verbosity=0)
    finally:
        models.signals.pre_migrate.disconnect(dispatch_uid="look")
    look("default")
    assert limits[-2] == "0"
    assert limits[-1] != "0"
