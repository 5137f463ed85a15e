"""Indexes of finished work items by what lists of them are asked by: their stage, and who finished them."""

from django.db import migrations, models

from moothall.core.indexes import AddIndexBeside


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("cases", "0016_name_changes")]
    operations = [
        AddIndexBeside(
            "workitem",
            models.Index(
                fields=["stage", "finished_at", "id"],
                condition=models.Q(finished_at__isnull=False),
                name="work_item_finished_at_stage",
            ),
        ),
        AddIndexBeside(
            "workitem",
            models.Index(
                fields=["finished_by", "finished_at", "id"],
                condition=models.Q(finished_at__isnull=False),
                name="work_item_finished_by",
            ),
        ),
        AddIndexBeside(
            "workitem",
            models.Index(
                fields=["finished_at", "id"],
                condition=models.Q(finished_at__isnull=False, assigned_to=None),
                name="work_item_finished_unassigned",
            ),
        ),
        AddIndexBeside(
            "workitem",
            models.Index(fields=["moved_by"], condition=models.Q(moved_by__isnull=False), name="work_item_moved_by"),
        ),
    ]
