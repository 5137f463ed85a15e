from django.db import migrations

# Rows that would point at a customer who was merged point at the golden record instead. Whoever writes such a row waits for
# a merge under way (FOR KEY SHARE) and then sees where it led, and waits for the next one there.
LEADS_ON = """
CREATE OR REPLACE FUNCTION people_golden_{column}() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    golden bigint;
BEGIN
    LOOP
        SELECT merged_into_id INTO golden FROM people_customer WHERE id = NEW.{column} FOR KEY SHARE;
        EXIT WHEN golden IS NULL;
        NEW.{column} := golden;
    END LOOP;
    RETURN NEW;
END $$;
CREATE TRIGGER {trigger} BEFORE INSERT OR UPDATE OF {column} ON {table}
    FOR EACH ROW EXECUTE FUNCTION people_golden_{column}();
"""

NEVER_BY_ITSELF = """
CREATE FUNCTION people_merge_looked_at() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.by_itself AND EXISTS (
        SELECT 1 FROM people_person kept, people_person absorbed
        WHERE kept.customer_id = NEW.kept_id AND absorbed.customer_id = NEW.absorbed_id
            AND left(coalesce(kept.nino, nullif(kept.nino_claimed, '')), 8)
                <> left(coalesce(absorbed.nino, nullif(absorbed.nino_claimed, '')), 8)
    ) THEN
        RAISE EXCEPTION 'two people with different National Insurance numbers are not merged by themselves'
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER looked_at BEFORE INSERT OR UPDATE OF by_itself, kept_id, absorbed_id ON people_merge
    FOR EACH ROW EXECUTE FUNCTION people_merge_looked_at();
"""
GONE = "DROP TRIGGER looked_at ON people_merge; DROP FUNCTION people_merge_looked_at()"


def leads_on(table: str, column: str = "customer_id") -> migrations.RunSQL:
    """Have a column that points at customers follow them into their golden record."""
    trigger = f"leads_on_{column}"
    return migrations.RunSQL(
        LEADS_ON.format(table=table, column=column, trigger=trigger), f"DROP TRIGGER {trigger} ON {table}"
    )


class Migration(migrations.Migration):
    """Rows follow merged customers to the golden record, and no two with different numbers are merged by themselves."""

    dependencies = [("people", "0005_golden_record")]

    operations = [
        migrations.RunSQL(NEVER_BY_ITSELF, GONE),
        leads_on("people_contactdetail"),
        leads_on("people_externalreference"),
        leads_on("people_residence"),
        leads_on("people_vehicle"),
        leads_on("people_relationship", "first_id"),
        leads_on("people_relationship", "second_id"),
    ]
