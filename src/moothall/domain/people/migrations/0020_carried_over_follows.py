from importlib import import_module

from django.db import migrations

leads_on = import_module("moothall.domain.people.migrations.0006_golden_record_kept").leads_on
tells_of = import_module("moothall.domain.people.migrations.0008_changes_told").tells_of


class Migration(migrations.Migration):
    """What was carried over follows customers when they are merged; of accounts other systems are told."""

    dependencies = [("people", "0019_carried_over")]

    operations = [
        leads_on("people_webaccount"),
        leads_on("people_earlierdealing"),
        tells_of("people_webaccount", "web_accounts"),
    ]
