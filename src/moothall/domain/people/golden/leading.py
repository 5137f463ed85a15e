"""Rows that would point at a customer who was merged point at the golden record instead: kept so by triggers.

Whoever writes such a row waits for a merge under way (FOR KEY SHARE) and then sees where it led.
"""

from django.db.migrations import RunSQL

_LEADS_ON = """
CREATE OR REPLACE FUNCTION people_golden_{column}() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    golden bigint;
BEGIN
    SELECT merged_into_id INTO golden FROM people_customer WHERE id = NEW.{column} FOR KEY SHARE;
    IF golden IS NOT NULL THEN
        NEW.{column} := golden;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER {trigger} BEFORE INSERT OR UPDATE OF {column} ON {table}
    FOR EACH ROW EXECUTE FUNCTION people_golden_{column}();
"""


def trigger_of(column: str) -> str:
    """The name of the trigger of a column that points at customers."""
    return f"leads_on_{column}"


def leads_on(table: str, column: str = "customer_id") -> RunSQL:
    """For migrations: have a column that points at customers follow them into their golden record."""
    trigger = trigger_of(column)
    return RunSQL(
        _LEADS_ON.format(table=table, column=column, trigger=trigger),
        f"DROP TRIGGER {trigger} ON {table}",
    )
