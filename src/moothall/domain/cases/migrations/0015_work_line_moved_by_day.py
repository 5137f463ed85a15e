"""A work line has moved when its case was updated on a later day than its stage was entered, a day being London's.

Lists ask for whole days of updates: of a line that has not moved it is then enough to know when the stage was entered. Before,
it was a day's length later, and who asked had to look at a whole day's lines besides.
"""

from importlib import import_module

from django.db import migrations

before = import_module("moothall.domain.cases.migrations.0011_work_line_bands")
DAY = "({} AT TIME ZONE 'Europe/London')::date"
WAS = "c.updated_at > item.entered_at + interval '1 day' AS moved"
IS = f"{DAY.format('c.updated_at')} > {DAY.format('item.entered_at')} AS moved"
VIEW = before.VIEW.replace(WAS, IS)
assert VIEW != before.VIEW
REPLACE = "CREATE OR REPLACE VIEW"
AGAIN = """
UPDATE cases_workline SET moved = NOT moved
WHERE moved IS DISTINCT FROM ({});
"""


class Migration(migrations.Migration):
    dependencies = [("cases", "0014_work_item_finished")]
    operations = [
        migrations.RunSQL(
            VIEW.replace("CREATE VIEW", REPLACE)
            + ";"
            + AGAIN.format(f"{DAY.format('updated_at')} > {DAY.format('entered_at')}"),
            before.VIEW.replace("CREATE VIEW", REPLACE)
            + ";"
            + AGAIN.format("updated_at > entered_at + interval '1 day'"),
        ),
    ]
