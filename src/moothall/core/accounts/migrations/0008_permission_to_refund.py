from django.db import migrations

RECORD, REFUND = "case.payments.record", "case.payments.refund"


def give(apps, schema_editor):
    """Who gave money back until now, by the permission to record payments, goes on doing so."""
    groups = apps.get_model("accounts", "SecurityGroup").objects.filter(permissions__contains=[RECORD])
    for group in groups.exclude(permissions__contains=[REFUND]):
        group.permissions = sorted([*group.permissions, REFUND])
        group.save(update_fields=["permissions"])


class Migration(migrations.Migration):
    """To give money back has a permission of its own. Safe to run again."""

    dependencies = [
        ("accounts", "0007_permission_to_see_badges"),
    ]

    operations = [
        migrations.RunPython(give, migrations.RunPython.noop),
    ]
