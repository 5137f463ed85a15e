"""Who sent a form for somebody else sees of its case that they sent it: of links made before as well. Safe to run again."""

from typing import Any

from django.db import migrations, models

NAMES = ("person.last_name", "organisation.name")


def _names_another(definition: dict[str, Any], answers: dict[str, Any]) -> bool:
    asked = (question for page in definition["pages"] for question in page.get("questions", ()))
    named = (one for one in asked if one.get("fact") in NAMES and one.get("known") is False)
    return any(answers.get(one["id"]) is not None for one in named)


def mark(apps: Any, schema_editor: Any) -> None:
    links = apps.get_model("citizens", "LinkedCase").objects
    deliveries = apps.get_model("forms", "Delivery").objects.filter(kind="case", state="done")
    sent = deliveries.exclude(submission__account="").select_related("submission__version")
    for one in sent.order_by("pk").iterator(chunk_size=500):
        account = one.submission.account
        if account.isdecimal() and _names_another(one.submission.version.definition, one.submission.answers):
            links.filter(account=int(account), case__reference=one.result).update(sent_for_another=True)


class Migration(migrations.Migration):
    dependencies = [
        ("citizens", "0003_tied_by_an_earlier_account"),
        ("forms", "0004_form_studio"),
    ]

    operations = [
        migrations.AddField(
            model_name="linkedcase",
            name="sent_for_another",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.RunPython(mark, migrations.RunPython.noop),
    ]
