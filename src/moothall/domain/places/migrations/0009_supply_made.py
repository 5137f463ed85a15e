from django.db import migrations, models


class Migration(migrations.Migration):
    """When on its day a supply was made, so that supplies of one day are taken in their order."""

    dependencies = [("places", "0008_points_indexed")]

    operations = [
        migrations.AddField(
            model_name="supply",
            name="made",
            field=models.CharField(db_default="", default="", max_length=6),
        ),
    ]
