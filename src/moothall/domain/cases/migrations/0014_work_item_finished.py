"""The index of finished work items, made beside the work that goes on."""

from typing import Any

from django.db import migrations, models

BEGUN_AND_NOT_ENDED = "SELECT FROM pg_index WHERE indexrelid = to_regclass('work_item_finished') AND NOT indisvalid"
MAKE = """
CREATE INDEX CONCURRENTLY IF NOT EXISTS work_item_finished ON cases_workitem (finished_at, id)
WHERE finished_at IS NOT NULL
"""
DROP = "DROP INDEX CONCURRENTLY IF EXISTS work_item_finished"


def make(apps: Any, schema_editor: Any) -> None:
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(BEGUN_AND_NOT_ENDED)
        if cursor.fetchone() is not None:
            cursor.execute(DROP)
        cursor.execute(MAKE)


def drop(apps: Any, schema_editor: Any) -> None:
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(DROP)


class Migration(migrations.Migration):
    """The whole of one step. Safe to run again, also where the index is there already."""

    atomic = False
    dependencies = [("cases", "0013_person_lines")]
    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunPython(make, drop)],
            state_operations=[
                migrations.AddIndex(
                    model_name="workitem",
                    index=models.Index(
                        fields=["finished_at", "id"],
                        condition=models.Q(finished_at__isnull=False),
                        name="work_item_finished",
                    ),
                )
            ],
        )
    ]
