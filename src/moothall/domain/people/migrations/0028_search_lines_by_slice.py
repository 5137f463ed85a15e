import django.contrib.postgres.indexes
from django.db import migrations

import moothall.domain.people.models_search
from moothall.core.indexes import AddIndexBeside


class Migration(migrations.Migration):
    """Last of two steps for the slices of search lines. Safe to run again."""

    atomic = False
    dependencies = [("people", "0027_search_lines_sliced")]
    operations = [
        AddIndexBeside(
            model_name="searchline",
            index=django.contrib.postgres.indexes.GinIndex(
                moothall.domain.people.models_search.SlicedGrams("name", "names", "facts"),
                fastupdate=False,
                name="search_line_sliced",
            ),
        )
    ]
