"""The lines of the customers that are recorded already, some at a time."""

from django.db import migrations

SOME = 2_000


def fill(apps, schema_editor):
    customers = apps.get_model("people", "Customer").objects.order_by("pk")
    last = 0
    while some := list(customers.filter(pk__gt=last).values_list("pk", flat=True)[:SOME]):
        with schema_editor.connection.cursor() as cursor:
            cursor.execute("SELECT people_searchline_again(%s::bigint[])", [some])
        last = some[-1]


class Migration(migrations.Migration):
    """Last of four steps for the search lines. Safe to run again."""

    atomic = False
    dependencies = [("people", "0011_search_lines_kept")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
