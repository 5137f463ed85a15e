"""The days that forms that were sent have taken."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """A table of its own, empty."""

    dependencies = [("forms", "0002_draft_of_customer")]
    operations = [
        migrations.CreateModel(
            name="Booking",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("slots", models.CharField(max_length=60)),
                ("day", models.DateField()),
                (
                    "form",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="forms.form",
                    ),
                ),
                (
                    "submission",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="bookings",
                        to="forms.submission",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["form", "day", "slots"], name="form_booking_day")],
                "constraints": [models.UniqueConstraint(fields=("submission", "slots"), name="form_booking_once")],
            },
        )
    ]
