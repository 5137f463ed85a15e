from django.db import migrations

from moothall.domain.people.golden.leading import leads_on
from moothall.domain.people.golden.telling import NOT_OPENLY, OPENLY, tells_of, tells_openly_of


class Migration(migrations.Migration):
    """What is to be heeded of customers follows them when they are merged; changes are told of, but for restricted flags."""

    dependencies = [("people", "0016_care")]

    operations = [
        leads_on("people_need"),
        leads_on("people_preference"),
        leads_on("people_flag"),
        tells_of("people_need", "needs"),
        tells_of("people_preference", "preferences"),
        migrations.RunSQL(OPENLY, NOT_OPENLY),
        tells_openly_of("people_flag", "flags"),
    ]
