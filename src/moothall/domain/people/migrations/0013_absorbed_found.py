"""A search line also has the names and numbers of records merged into the customer: who looks for them finds them there."""

from importlib import import_module

from django.db import migrations

BEFORE = import_module("moothall.domain.people.migrations.0011_search_lines_kept").VIEW
_NAMES = "organisation.name_key, organisation.contact_name)) AS names,"
_NAMES_TOO = """organisation.name_key, organisation.contact_name, (
        SELECT string_agg(concat_ws(' ', gone.name, other.surname_key, other.known_as, other.name_at_birth), ' ')
        FROM people_customer gone LEFT JOIN people_person other ON other.customer_id = gone.id
        WHERE gone.merged_into_id = customer.id
    ))) AS names,"""
_FACTS = "        ) AS facts\n"
_FACTS_TOO = """            UNION ALL
            SELECT unnest(ARRAY['n' || upper(nullif(other.nino, '')), 'b' || other.date_of_birth::text])
            FROM people_customer gone JOIN people_person other ON other.customer_id = gone.id
            WHERE gone.merged_into_id = customer.id
        ) AS facts WHERE fact IS NOT NULL
"""
VIEW = BEFORE.replace("CREATE VIEW", "CREATE OR REPLACE VIEW").replace(_NAMES, _NAMES_TOO).replace(_FACTS, _FACTS_TOO)
FOLLOWS = """
CREATE OR REPLACE FUNCTION people_searchline_of_customer() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        DELETE FROM people_searchline WHERE customer_id IN (SELECT id FROM gone);
    ELSE
        PERFORM people_searchline_again(ARRAY(
            SELECT came.id FROM came JOIN gone USING (id) WHERE came.name IS DISTINCT FROM gone.name
            UNION
            SELECT unnest(ARRAY[came.merged_into_id, gone.merged_into_id]) FROM came JOIN gone USING (id)
            WHERE came.merged_into_id IS DISTINCT FROM gone.merged_into_id
        ));
    END IF;
    RETURN NULL;
END $$;
"""
BACK = """
CREATE OR REPLACE FUNCTION people_searchline_of_customer() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        DELETE FROM people_searchline WHERE customer_id IN (SELECT id FROM gone);
    ELSE
        PERFORM people_searchline_again(ARRAY(
            SELECT came.id FROM came JOIN gone USING (id) WHERE came.name IS DISTINCT FROM gone.name
        ));
    END IF;
    RETURN NULL;
END $$;
"""


class Migration(migrations.Migration):
    """Searches lead to the golden record."""

    dependencies = [("people", "0012_search_lines_filled")]

    operations = [migrations.RunSQL(VIEW + FOLLOWS, BEFORE.replace("CREATE VIEW", "CREATE OR REPLACE VIEW") + BACK)]
