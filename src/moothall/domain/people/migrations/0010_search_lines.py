import django.contrib.postgres.indexes
import django.db.models.deletion
from django.db import migrations, models

import moothall.domain.people.models_search


class Migration(migrations.Migration):
    """Second of four steps for the search lines."""

    dependencies = [("people", "0009_search_functions")]
    operations = [
        migrations.CreateModel(
            name="SearchLine",
            fields=[
                (
                    "customer",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        primary_key=True,
                        related_name="search_line",
                        serialize=False,
                        to="people.customer",
                    ),
                ),
                ("names", models.TextField()),
                ("facts", models.TextField()),
            ],
        ),
        migrations.AddIndex(
            model_name="searchline",
            index=django.contrib.postgres.indexes.GinIndex(
                moothall.domain.people.models_search.Grams("names", "facts"), name="search_line_grams"
            ),
        ),
    ]
