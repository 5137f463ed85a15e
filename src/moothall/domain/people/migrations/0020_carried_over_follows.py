from django.db import migrations

from moothall.domain.people.golden.leading import leads_on
from moothall.domain.people.golden.telling import tells_of


class Migration(migrations.Migration):
    """What was carried over follows customers when they are merged; of accounts other systems are told."""

    dependencies = [("people", "0019_carried_over")]

    operations = [
        leads_on("people_webaccount"),
        leads_on("people_earlierdealing"),
        tells_of("people_webaccount", "web_accounts"),
    ]
