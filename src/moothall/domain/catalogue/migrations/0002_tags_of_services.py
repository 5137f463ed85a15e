"""Tags that were there already get the services that declare them."""

import yaml
from django.db import migrations


def fill(apps, schema_editor):
    tags = apps.get_model("lists", "Tag").objects
    for version in apps.get_model("catalogue", "ServiceVersion").objects.select_related("service").order_by("pk").iterator(20):
        service = version.service.key
        for declared in yaml.safe_load(version.files["service.yaml"]).get("tags") or []:
            kept = tags.filter(key=declared["key"], applies_to=declared.get("applies_to", "case"))
            for tag in kept.exclude(services__contains=[service]):
                tag.services = [*tag.services, service]
                tag.save(update_fields=["services"])


class Migration(migrations.Migration):
    """Second of two steps for the tags of services: the column, then what is in it. Safe to run again."""

    dependencies = [("catalogue", "0001_initial"), ("lists", "0005_tags_of_services")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
