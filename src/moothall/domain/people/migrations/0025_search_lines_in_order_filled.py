"""The names of the search lines that are there already, some at a time."""

from django.db import migrations, transaction

SOME = 2_000
_HELD = "SELECT FROM people_customer WHERE id = ANY (%s) ORDER BY id FOR NO KEY UPDATE"  # nobody renames them meanwhile
_NAMED = """
UPDATE people_searchline line SET name = customer.name FROM people_customer customer
WHERE customer.id = line.customer_id AND line.customer_id = ANY (%s) AND line.name <> customer.name
"""


def fill(apps, schema_editor):
    lines = apps.get_model("people", "SearchLine").objects.order_by("pk")
    last = 0
    while some := list(lines.filter(pk__gt=last).values_list("pk", flat=True)[:SOME]):
        with transaction.atomic(schema_editor.connection.alias), schema_editor.connection.cursor() as cursor:
            cursor.execute(_HELD, [some])
            cursor.execute(_NAMED, [some])
        last = some[-1]


class Migration(migrations.Migration):
    """Second of three steps for the order of search lines. Safe to run again."""

    atomic = False
    dependencies = [("people", "0024_search_lines_in_order")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
