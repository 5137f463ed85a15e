import django.contrib.postgres.indexes
from django.db import migrations, models
from django.db.models.functions import Reverse

from moothall.core.indexes import AddIndexBeside


class Migration(migrations.Migration):
    """Cases are found by how their reference ends. Safe to run again."""

    atomic = False
    dependencies = [("cases", "0019_cases_lead_on")]
    operations = [
        AddIndexBeside(
            model_name="case",
            index=models.Index(
                django.contrib.postgres.indexes.OpClass(Reverse("reference"), name="text_pattern_ops"),
                name="case_reference_end",
            ),
        ),
    ]
