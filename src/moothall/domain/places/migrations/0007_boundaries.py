from django.db import migrations, models


class Migration(migrations.Migration):
    """The boundaries of wards."""

    dependencies = [("places", "0006_notes_reviewed")]

    operations = [
        migrations.CreateModel(
            name="Boundary",
            fields=[
                ("code", models.CharField(max_length=10, primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=100)),
                ("drawn", models.BooleanField()),
                ("rings", models.JSONField()),
                ("loaded_at", models.DateTimeField()),
            ],
            options={"verbose_name_plural": "boundaries"},
        ),
    ]
