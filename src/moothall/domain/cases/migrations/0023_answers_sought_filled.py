"""What was answered before is found too: the runs and lines that are there, some at a time."""

from django.db import migrations, models

from moothall.core.indexes import AddIndexBeside

SOME = 2_000


def fill(apps, schema_editor):
    runs = apps.get_model("cases", "Run").objects.order_by("pk")
    lines = apps.get_model("cases", "WorkLine").objects.order_by("pk")
    for rows, statement in (
        (runs, "SELECT cases_run_answered(%s::bigint[])"),
        (lines, "SELECT cases_workline_again(%s::bigint[])"),
    ):
        last = 0
        while some := list(rows.filter(pk__gt=last).values_list("pk", flat=True)[:SOME]):
            with schema_editor.connection.cursor() as cursor:
                cursor.execute(statement, [some])
            last = some[-1]


class Migration(migrations.Migration):
    """Second of two steps. Safe to run again."""

    atomic = False
    dependencies = [("cases", "0022_answers_sought")]
    operations = [
        migrations.RunPython(fill, migrations.RunPython.noop),
        AddIndexBeside("workline", models.Index(fields=["run"], name="work_line_run")),
        AddIndexBeside(
            "workline",
            models.Index(
                fields=["entered_at", "item"],
                name="work_line_entered_before",
                condition=models.Q(entered_at__lt=models.F("opened_at")),
            ),
        ),
    ]
