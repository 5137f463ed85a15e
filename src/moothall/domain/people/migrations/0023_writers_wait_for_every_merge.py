from importlib import import_module

from django.db import migrations

kept = import_module("moothall.domain.people.migrations.0006_golden_record_kept")
COLUMNS = ("customer_id", "first_id", "second_id")


def functions() -> str:
    """What the triggers call, as whoever is set up anew gets it: without the triggers, which are there."""
    function, _, _ = kept.LEADS_ON.partition("CREATE TRIGGER")
    return "".join(function.format(column=column) for column in COLUMNS)


class Migration(migrations.Migration):
    """Whoever writes a row while two merges follow one another waits for both, and ends at the golden record."""

    dependencies = [("people", "0022_earlier_dealings_of_services")]

    operations = [migrations.RunSQL(functions(), migrations.RunSQL.noop)]
