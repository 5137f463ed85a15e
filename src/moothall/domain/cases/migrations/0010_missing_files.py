"""The index of the timeline by which files that did not come with an application are found."""

from django.conf import settings
from django.db import migrations, models

from moothall.core.indexes import AddIndexBeside


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("cases", "0009_work_lines_filled"), migrations.swappable_dependency(settings.AUTH_USER_MODEL)]
    operations = [
        AddIndexBeside(
            "timelineentry",
            models.Index(
                fields=["-at", "-id"], condition=models.Q(("detail__has_key", "missing")), name="timeline_missing"
            ),
        )
    ]
