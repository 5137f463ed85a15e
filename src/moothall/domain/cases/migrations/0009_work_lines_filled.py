"""The lines of the work items that are open already, some at a time."""

from django.db import migrations

SOME = 2_000


def fill(apps, schema_editor):
    items = apps.get_model("cases", "WorkItem").objects.filter(finished_at=None).order_by("pk")
    last = 0
    while some := list(items.filter(pk__gt=last).values_list("pk", flat=True)[:SOME]):
        with schema_editor.connection.cursor() as cursor:
            cursor.execute("SELECT cases_workline_again(%s::bigint[])", [some])
        last = some[-1]


class Migration(migrations.Migration):
    """Last of three steps. Safe to run again. When clocks turn is worked out by the job `cases.read_clocks`."""

    atomic = False
    dependencies = [("cases", "0008_work_lines_kept")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
