from django.db import migrations

LATER = """
-- As before, but for whoever records many customers with all they have and makes their lines once, at the end of it.
CREATE OR REPLACE FUNCTION people_searchline_of_part() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF current_setting('moothall.search_lines_later', true) = 'on' THEN
            RETURN NULL;
        END IF;
        PERFORM people_searchline_again(ARRAY(SELECT DISTINCT customer_id FROM came));
    ELSIF TG_OP = 'DELETE' THEN
        PERFORM people_searchline_again(ARRAY(SELECT DISTINCT customer_id FROM gone));
    ELSE
        PERFORM people_searchline_again(ARRAY(SELECT customer_id FROM came UNION SELECT customer_id FROM gone));
    END IF;
    RETURN NULL;
END $$;
"""
AT_ONCE = """
CREATE OR REPLACE FUNCTION people_searchline_of_part() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        PERFORM people_searchline_again(ARRAY(SELECT DISTINCT customer_id FROM came));
    ELSIF TG_OP = 'DELETE' THEN
        PERFORM people_searchline_again(ARRAY(SELECT DISTINCT customer_id FROM gone));
    ELSE
        PERFORM people_searchline_again(ARRAY(SELECT customer_id FROM came UNION SELECT customer_id FROM gone));
    END IF;
    RETURN NULL;
END $$;
"""


class Migration(migrations.Migration):
    """An import writes the search line of each new customer once, not once for each table they are in."""

    dependencies = [("people", "0020_carried_over_follows")]

    operations = [migrations.RunSQL(LATER, AT_ONCE)]
