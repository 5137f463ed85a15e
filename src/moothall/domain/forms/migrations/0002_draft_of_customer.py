"""Whom an officer fills a form in with is kept with the draft."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """One column, empty in every row there is."""

    dependencies = [("forms", "0001_initial")]
    operations = [migrations.AddField("draft", "customer_id", models.BigIntegerField(null=True))]
