"""Lines that are there get their marks, some at a time."""

from django.db import migrations

SOME = 2_000


def fill(apps, schema_editor):
    lines, last = apps.get_model("cases", "WorkLine").objects.order_by("pk"), 0
    while some := list(lines.filter(pk__gt=last).values_list("pk", flat=True)[:SOME]):
        with schema_editor.connection.cursor() as cursor:
            cursor.execute("SELECT cases_linemarks_again(%s::bigint[])", [some])
        last = some[-1]


class Migration(migrations.Migration):
    """Second of two steps. Safe to run again."""

    atomic = False
    dependencies = [("cases", "0025_line_marks")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
