"""The indexes by which lines of a colour, a type, a workflow or a service are found, made while others read and write."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("cases", "0011_work_line_bands")]
    operations = [
        AddIndexConcurrently("workline", models.Index(fields=["band", "entered_at", "item"], name="work_line_band")),
        AddIndexConcurrently("workline", models.Index(fields=["turns_at"], name="work_line_turns_at")),
        AddIndexConcurrently("workline", models.Index(fields=["type", "entered_at", "item"], name="work_line_of_type")),
        AddIndexConcurrently(
            "workline", models.Index(fields=["workflow", "entered_at", "item"], name="work_line_of_workflow")
        ),
        AddIndexConcurrently(
            "workline",
            models.Index(fields=["entered_at", "item"], name="work_line_terminal", condition=models.Q(terminal=True)),
        ),
        AddIndexConcurrently(
            "workline", models.Index(fields=["service", "reference", "item"], name="work_line_of_service")
        ),
        AddIndexConcurrently(
            "workline", models.Index(fields=["service", "team_name", "item"], name="work_line_of_service_team")
        ),
    ]
