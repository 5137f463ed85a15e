"""Without the indexes that nothing is looked for by, or that another begins with: each would be written to at every change."""

from django.conf import settings
from django.db import migrations, models
from django.db.models.deletion import PROTECT, SET_NULL


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0017_finished_items_indexed"),
        ("catalogue", "0001_initial"),
        ("workflow", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.RemoveIndex("case", "case_customer"),
        migrations.RemoveIndex("workitem", "work_item_case"),
        migrations.AlterField(
            "case",
            "service",
            models.ForeignKey("catalogue.service", db_index=False, on_delete=PROTECT, related_name="cases"),
        ),
        migrations.AlterField(
            "case",
            "service_version",
            models.ForeignKey("catalogue.serviceversion", db_index=False, on_delete=PROTECT, related_name="+"),
        ),
        migrations.AlterField(
            "case",
            "opened_by",
            models.ForeignKey(settings.AUTH_USER_MODEL, db_index=False, on_delete=PROTECT, related_name="+"),
        ),
        migrations.AlterField(
            "workitem",
            "assigned_to",
            models.ForeignKey(
                settings.AUTH_USER_MODEL, db_index=False, null=True, on_delete=SET_NULL, related_name="+"
            ),
        ),
        migrations.AlterField(
            "workitem",
            "finished_by",
            models.ForeignKey(settings.AUTH_USER_MODEL, db_index=False, null=True, on_delete=PROTECT, related_name="+"),
        ),
        migrations.AlterField(
            "workitem",
            "moved_by",
            models.ForeignKey("cases.move", db_index=False, null=True, on_delete=SET_NULL, related_name="+"),
        ),
        migrations.AlterField(
            "workitem",
            "stage",
            models.ForeignKey("workflow.stage", db_index=False, on_delete=PROTECT, related_name="items"),
        ),
    ]
