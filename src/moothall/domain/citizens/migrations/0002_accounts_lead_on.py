from importlib import import_module

from django.db import migrations

leads_on = import_module("moothall.domain.people.migrations.0006_golden_record_kept").leads_on


class Migration(migrations.Migration):
    """The account of a customer who was merged is an account of the golden record, and what they asked to change is too."""

    dependencies = [("citizens", "0001_initial"), ("people", "0006_golden_record_kept")]

    operations = [leads_on("citizens_account"), leads_on("citizens_detailchange")]
