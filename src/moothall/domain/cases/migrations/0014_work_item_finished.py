"""The index of finished work items, which is there already where an older version of 0007 made it."""

from django.db import migrations, models

from moothall.core.indexes import AddIndexBeside


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("cases", "0013_person_lines")]
    operations = [
        AddIndexBeside(
            "workitem",
            models.Index(
                fields=["finished_at", "id"],
                condition=models.Q(finished_at__isnull=False),
                name="work_item_finished",
            ),
        )
    ]
