"""The indexes by which lines of a colour, a type, a workflow or a service are found, made while others read and write."""

from django.db import migrations, models

from moothall.core.indexes import AddIndexBeside


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("cases", "0011_work_line_bands")]
    operations = [
        AddIndexBeside("workline", models.Index(fields=["band", "entered_at", "item"], name="work_line_band")),
        AddIndexBeside("workline", models.Index(fields=["turns_at"], name="work_line_turns_at")),
        AddIndexBeside("workline", models.Index(fields=["type", "entered_at", "item"], name="work_line_of_type")),
        AddIndexBeside(
            "workline", models.Index(fields=["workflow", "entered_at", "item"], name="work_line_of_workflow")
        ),
        AddIndexBeside(
            "workline",
            models.Index(fields=["entered_at", "item"], name="work_line_terminal", condition=models.Q(terminal=True)),
        ),
        AddIndexBeside(
            "workline", models.Index(fields=["service", "reference", "item"], name="work_line_of_service")
        ),
        AddIndexBeside(
            "workline", models.Index(fields=["service", "team_name", "item"], name="work_line_of_service_team")
        ),
    ]
