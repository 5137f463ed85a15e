from importlib import import_module

from django.db import migrations

leads_on = import_module("moothall.domain.people.migrations.0006_golden_record_kept").leads_on


class Migration(migrations.Migration):
    """A case of a customer who was merged is a case of the golden record."""

    dependencies = [("cases", "0018_fewer_indexes"), ("people", "0006_golden_record_kept")]

    operations = [leads_on("cases_case")]
