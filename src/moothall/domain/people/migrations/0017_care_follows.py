from importlib import import_module

from django.db import migrations

leads_on = import_module("moothall.domain.people.migrations.0006_golden_record_kept").leads_on
told = import_module("moothall.domain.people.migrations.0008_changes_told")
OPENLY = """
-- As people_tell_of_parts of a table with customer_id and restricted, but for what few may know of: of that nothing is told.
CREATE FUNCTION people_tell_openly() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP IN ('INSERT', 'UPDATE') THEN
        PERFORM people_tell(
            'changed', ARRAY(SELECT DISTINCT customer_id FROM new_rows WHERE NOT restricted), '{}', TG_ARGV[0:0]
        );
    END IF;
    IF TG_OP IN ('DELETE', 'UPDATE') THEN
        PERFORM people_tell(
            'changed', ARRAY(SELECT DISTINCT customer_id FROM old_rows WHERE NOT restricted), '{}', TG_ARGV[0:0]
        );
    END IF;
    RETURN NULL;
END $$;
"""
NOT_OPENLY = "DROP FUNCTION people_tell_openly"


class Migration(migrations.Migration):
    """What is to be heeded of customers follows them when they are merged; changes are told of, but for restricted flags."""

    dependencies = [("people", "0016_care")]

    operations = [
        leads_on("people_need"),
        leads_on("people_preference"),
        leads_on("people_flag"),
        told.tells_of("people_need", "needs"),
        told.tells_of("people_preference", "preferences"),
        migrations.RunSQL(OPENLY, NOT_OPENLY),
        told.telling("people_flag", "people_tell_openly", "'flags'", *told.WHAT),
    ]
