"""Indexes made beside the work that goes on, in migrations that may be broken off and run again."""

from typing import Any

from django.contrib.postgres.operations import AddIndexConcurrently

_IS_THERE = "SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass(%s)"


class AddIndexBeside(AddIndexConcurrently):
    """As Django's, of migrations that are not atomic: begun and not ended it is made anew, and one that is there stays."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        with schema_editor.connection.cursor() as cursor:
            cursor.execute(_IS_THERE, [self.index.name])
            there = cursor.fetchone()
        if there is None:
            super().database_forwards(app_label, schema_editor, from_state, to_state)
        elif not there[0]:
            with schema_editor.connection.cursor() as cursor:
                cursor.execute(f"DROP INDEX CONCURRENTLY {schema_editor.quote_name(self.index.name)}")
            super().database_forwards(app_label, schema_editor, from_state, to_state)
