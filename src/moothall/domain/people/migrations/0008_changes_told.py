from django.db import migrations

FUNCTIONS = """
CREATE SEQUENCE people_change_position;

-- What changed of some customers in this transaction: one row each, whose fields grow. Who is new changed in everything.
CREATE FUNCTION people_tell(told_kind text, customers bigint[], others bigint[], told text[])
RETURNS void LANGUAGE sql AS $$
    INSERT INTO people_change AS known (kind, customer, other, fields, at, written_in)
    SELECT DISTINCT told_kind, one.customer, coalesce(one.other, 0), told, now(), pg_current_xact_id()::text::bigint
    FROM unnest(customers, others) AS one (customer, other)
    WHERE told_kind <> 'changed' OR NOT EXISTS (
        SELECT FROM people_change WHERE written_in = pg_current_xact_id()::text::bigint AND at = now()
            AND people_change.customer = one.customer AND kind = 'created'
    )
    ON CONFLICT (written_in, customer, kind, other, at) DO UPDATE SET fields = ARRAY(
        SELECT DISTINCT field FROM unnest(known.fields || excluded.fields) AS field ORDER BY 1
    ) WHERE NOT known.fields @> excluded.fields
$$;

CREATE FUNCTION people_tell_of_customers() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        PERFORM people_tell('created', ARRAY(SELECT id FROM new_rows), '{}', '{}');
    ELSIF TG_OP = 'DELETE' THEN
        PERFORM people_tell('erased', ARRAY(SELECT id FROM old_rows), '{}', '{}');
    ELSE
        PERFORM people_tell(
            CASE WHEN now.merged_into_id IS NULL THEN 'unmerged' ELSE 'merged' END,
            array_agg(coalesce(now.merged_into_id, was.merged_into_id)), array_agg(now.id), '{}'
        ) FROM new_rows now JOIN old_rows was ON was.id = now.id
        WHERE now.merged_into_id IS DISTINCT FROM was.merged_into_id
        GROUP BY now.merged_into_id IS NULL;
        PERFORM people_tell('changed', array_agg(now.id), '{}', ARRAY[field])
        FROM new_rows now JOIN old_rows was ON was.id = now.id,
            LATERAL (VALUES ('name', now.name <> was.name), ('tags', now.tags <> was.tags)) AS compared (field, differs)
        WHERE differs GROUP BY field;
    END IF;
    RETURN NULL;
END $$;

-- Facts of their own: each column that changed, but for those worked out of others.
CREATE FUNCTION people_tell_of_facts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM people_tell('changed', array_agg(customer), '{}', ARRAY[field]) FROM (
        SELECT now.customer_id AS customer, column_now.key AS field
        FROM new_rows now JOIN old_rows was ON was.customer_id = now.customer_id,
            LATERAL jsonb_each(to_jsonb(now)) AS column_now
        WHERE column_now.value IS DISTINCT FROM to_jsonb(was) -> column_now.key AND column_now.key NOT LIKE '%\\_key'
    ) AS compared GROUP BY field;
    RETURN NULL;
END $$;

-- What belongs to customers, named by the first argument; the others are the columns that point at them.
CREATE FUNCTION people_tell_of_parts() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    whose text;
BEGIN
    FOREACH whose IN ARRAY TG_ARGV[1:] LOOP
        IF TG_OP IN ('INSERT', 'UPDATE') THEN
            PERFORM people_tell(
                'changed', ARRAY(SELECT DISTINCT (to_jsonb(row) ->> whose)::bigint FROM new_rows AS row), '{}', TG_ARGV[0:0]
            );
        END IF;
        IF TG_OP IN ('DELETE', 'UPDATE') THEN
            PERFORM people_tell(
                'changed', ARRAY(SELECT DISTINCT (to_jsonb(row) ->> whose)::bigint FROM old_rows AS row), '{}', TG_ARGV[0:0]
            );
        END IF;
    END LOOP;
    RETURN NULL;
END $$;
"""
GONE = """
DROP FUNCTION people_tell_of_parts, people_tell_of_facts, people_tell_of_customers, people_tell;
DROP SEQUENCE people_change_position
"""
TRIGGER = """
CREATE TRIGGER tells_{name} AFTER {what} ON {table} REFERENCING {tables}
    FOR EACH STATEMENT EXECUTE FUNCTION {function}({arguments});
"""
WHAT = {
    "insert": "NEW TABLE AS new_rows",
    "update": "OLD TABLE AS old_rows NEW TABLE AS new_rows",
    "delete": "OLD TABLE AS old_rows",
}


def tells_of(table: str, part: str, *columns: str) -> migrations.RunSQL:
    """Have changes of a table be told as changes of that `part` of the customers its columns point at."""
    arguments = ", ".join(f"'{one}'" for one in (part, *(columns or ("customer_id",))))
    return telling(table, "people_tell_of_parts", arguments, *WHAT)


def tells_of_customers() -> migrations.RunSQL:
    """Have customers be told of."""
    return telling("people_customer", "people_tell_of_customers", "", *WHAT)


def tells_of_facts(table: str) -> migrations.RunSQL:
    """Have the facts of a table with a row for each customer be told of."""
    return telling(table, "people_tell_of_facts", "", "update")


def telling(table: str, function: str, arguments: str, *operations: str) -> migrations.RunSQL:
    made = "".join(
        TRIGGER.format(
            name=one, what=one.upper(), table=table, tables=WHAT[one], function=function, arguments=arguments
        )
        for one in operations
    )
    return migrations.RunSQL(made, "; ".join(f"DROP TRIGGER tells_{one} ON {table}" for one in operations))


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
