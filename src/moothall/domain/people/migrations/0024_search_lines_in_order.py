"""A search line also has the name as customers are ordered by it, so that lines can be read in their order."""

from importlib import import_module

from django.db import migrations, models

BEFORE = import_module("moothall.domain.people.migrations.0013_absorbed_found").VIEW
_END = ", '') AS facts\nFROM people_customer customer\n"
VIEW = BEFORE.replace(_END, _END.replace(" AS facts\n", " AS facts,\n    customer.name AS name\n"))
KEPT = """
CREATE OR REPLACE FUNCTION people_searchline_again(customers bigint[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM people_customer WHERE id = ANY (customers) ORDER BY id FOR NO KEY UPDATE;
    INSERT INTO people_searchline AS line (customer_id, names, facts, name)
    SELECT customer_id, names, facts, name FROM people_searchline_now WHERE customer_id = ANY (customers)
    ON CONFLICT (customer_id) DO UPDATE SET names = EXCLUDED.names, facts = EXCLUDED.facts, name = EXCLUDED.name
    WHERE (line.names, line.facts, line.name) IS DISTINCT FROM (EXCLUDED.names, EXCLUDED.facts, EXCLUDED.name);
END $$;

CREATE OR REPLACE FUNCTION people_searchline_rebuild() RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    made bigint;
BEGIN
    TRUNCATE people_searchline;
    INSERT INTO people_searchline (customer_id, names, facts, name)
    SELECT customer_id, names, facts, name FROM people_searchline_now;
    GET DIAGNOSTICS made = ROW_COUNT;
    RETURN made;
END $$;
"""
KEPT_BEFORE = """
CREATE OR REPLACE FUNCTION people_searchline_again(customers bigint[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM people_customer WHERE id = ANY (customers) ORDER BY id FOR NO KEY UPDATE;
    INSERT INTO people_searchline AS line (customer_id, names, facts)
    SELECT customer_id, names, facts FROM people_searchline_now WHERE customer_id = ANY (customers)
    ON CONFLICT (customer_id) DO UPDATE SET names = EXCLUDED.names, facts = EXCLUDED.facts
    WHERE (line.names, line.facts) IS DISTINCT FROM (EXCLUDED.names, EXCLUDED.facts);
END $$;

CREATE OR REPLACE FUNCTION people_searchline_rebuild() RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    made bigint;
BEGIN
    TRUNCATE people_searchline;
    INSERT INTO people_searchline (customer_id, names, facts)
    SELECT customer_id, names, facts FROM people_searchline_now;
    GET DIAGNOSTICS made = ROW_COUNT;
    RETURN made;
END $$;

DROP VIEW people_searchline_now;
"""


class Migration(migrations.Migration):
    """First of three steps for the order of search lines: the column and what keeps it, those of today, their index."""

    dependencies = [("people", "0023_writers_wait_for_every_merge")]

    operations = [
        migrations.AddField("searchline", "name", models.TextField(db_default="")),
        migrations.RunSQL(VIEW, KEPT_BEFORE + BEFORE.replace("CREATE OR REPLACE VIEW", "CREATE VIEW")),
        migrations.RunSQL(KEPT, migrations.RunSQL.noop),
    ]
