from django.db import migrations

from moothall.domain.people.golden.telling import FUNCTIONS, GONE, tells_of, tells_of_customers, tells_of_facts


class Migration(migrations.Migration):
    """Whatever changes a customer is told, so that other systems can follow the golden record."""

    dependencies = [("people", "0007_changes_and_runs")]

    operations = [
        migrations.RunSQL(FUNCTIONS, GONE),
        tells_of_customers(),
        tells_of_facts("people_person"),
        tells_of_facts("people_organisation"),
        tells_of("people_contactdetail", "contact_details"),
        tells_of("people_externalreference", "references"),
        tells_of("people_residence", "residences"),
        tells_of("people_vehicle", "vehicles"),
        tells_of("people_relationship", "relationships", "first_id", "second_id"),
    ]
