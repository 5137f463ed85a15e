from django.db import migrations, models

from moothall.core.indexes import AddIndexBeside


class Migration(migrations.Migration):
    """Last of three steps for the order of search lines. Safe to run again."""

    atomic = False
    dependencies = [("people", "0025_search_lines_in_order_filled")]
    operations = [
        AddIndexBeside(
            model_name="searchline",
            index=models.Index(fields=["name", "customer"], name="search_line_order"),
        )
    ]
