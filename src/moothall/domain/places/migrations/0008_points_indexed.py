from django.db import migrations, models

from moothall.core.indexes import AddIndexBeside


class Migration(migrations.Migration):
    """Indexes of large tables, made beside the work that goes on; one that is there already stays."""

    atomic = False
    dependencies = [("places", "0007_boundaries")]

    operations = [
        AddIndexBeside(
            model_name="address",
            index=models.Index(condition=models.Q(("uprn", ""), _negated=True), fields=["uprn"], name="address_uprn"),
        ),
        AddIndexBeside(
            model_name="property",
            index=models.Index(fields=["latitude", "longitude"], name="property_degrees"),
        ),
    ]
