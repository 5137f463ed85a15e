"""Lines of open work are found by days and numbers in the order they entered their stage.

A mark says in which month and on which day a line's target ends, and about which day or number was answered in its run
(`domain.cases.marks`). Triggers keep marks as lines and answers change.
"""

import django.db.models.deletion
from django.db import migrations, models

MARKS = """
-- A number, or a day as the number of its figures, ever more finely.
CREATE FUNCTION cases_marks_of(name text, value double precision) RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE
        WHEN value < 0 THEN ARRAY[name || '=-']
        WHEN value < 1 THEN ARRAY[name || '=0']
        WHEN value >= 19000000 AND value < 21000000 AND substr(said, 5, 2) BETWEEN '01' AND '12' AND substr(said, 7) < '40'
            THEN ARRAY(SELECT name || '=' || left(said, figures) FROM unnest('{3,4,6,7}'::int[]) AS figures)
        WHEN length(said) < 8 THEN ARRAY[name || '=n' || length(said), name || '=n' || length(said) || '.' || left(said, 1)]
        ELSE ARRAY[name || '=n' || least(length(said), 9)]
    END FROM CAST(trunc(value)::bigint AS text) AS said
$$;

CREATE VIEW cases_linemark_now AS
SELECT line.item_id, line.entered_at, one.mark FROM cases_workline line, LATERAL (
    SELECT unnest(ARRAY['due=' || to_char(due, 'YYYYMM'), 'due=' || to_char(due, 'YYYYMMDD')])
    FROM CAST(line.late_after AT TIME ZONE 'Europe/London' AS date) AS due
) AS one (mark) WHERE line.late_after BETWEEN '1900-01-01' AND '2100-01-01'
UNION ALL
SELECT line.item_id, line.entered_at, one.mark FROM cases_workline line
JOIN cases_runvalue said ON said.run_id = line.run_id, LATERAL unnest(cases_marks_of(said.name, said.value)) AS one (mark);

-- Marks of these lines are made again as the lines and answers are now. The items are held first, as for their lines.
CREATE FUNCTION cases_linemarks_again(items bigint[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM id FROM cases_workitem WHERE id = ANY (items) ORDER BY id FOR NO KEY UPDATE;
    DELETE FROM cases_linemark kept WHERE kept.item_id = ANY (items) AND NOT EXISTS (
        SELECT FROM cases_linemark_now now
        WHERE (now.item_id, now.mark, now.entered_at) = (kept.item_id, kept.mark, kept.entered_at)
    );
    INSERT INTO cases_linemark (mark, entered_at, item_id)
    SELECT mark, entered_at, item_id FROM cases_linemark_now WHERE item_id = ANY (items) ON CONFLICT DO NOTHING;
END $$;

-- All of them, from nothing: for whoever loaded rows with the triggers off; after the lines.
CREATE FUNCTION cases_linemarks_rebuild() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    TRUNCATE cases_linemark;
    INSERT INTO cases_linemark (mark, entered_at, item_id)
    SELECT mark, entered_at, item_id FROM cases_linemark_now ORDER BY 1, 2, 3;
END $$;

CREATE FUNCTION cases_linemarks_of_lines() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    items bigint[];
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO cases_linemark (mark, entered_at, item_id)
        SELECT mark, entered_at, item_id FROM cases_linemark_now WHERE item_id IN (SELECT item_id FROM changed)
        ON CONFLICT DO NOTHING;
    ELSIF TG_OP = 'DELETE' THEN
        DELETE FROM cases_linemark WHERE item_id IN (SELECT item_id FROM changed);
    ELSIF TG_OP = 'TRUNCATE' THEN
        DELETE FROM cases_linemark;
    ELSE
        SELECT array_agg(item_id) INTO items FROM changed JOIN before USING (item_id)
        WHERE (changed.entered_at, changed.late_after, changed.run_id)
            IS DISTINCT FROM (before.entered_at, before.late_after, before.run_id);
        IF items IS NOT NULL THEN
            PERFORM cases_linemarks_again(items);
        END IF;
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION cases_linemarks_of_values() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    items bigint[] := ARRAY(SELECT item_id FROM cases_workline WHERE run_id IN (SELECT run_id FROM changed));
BEGIN
    IF cardinality(items) > 0 THEN
        PERFORM cases_linemarks_again(items);
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER line_marks_enter AFTER INSERT ON cases_workline REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION cases_linemarks_of_lines();
CREATE TRIGGER line_marks_change AFTER UPDATE ON cases_workline REFERENCING OLD TABLE AS before NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION cases_linemarks_of_lines();
CREATE TRIGGER line_marks_go AFTER DELETE ON cases_workline REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION cases_linemarks_of_lines();
CREATE TRIGGER line_marks_all_go AFTER TRUNCATE ON cases_workline
    FOR EACH STATEMENT EXECUTE FUNCTION cases_linemarks_of_lines();
CREATE TRIGGER line_marks_said AFTER INSERT ON cases_runvalue REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION cases_linemarks_of_values();
CREATE TRIGGER line_marks_corrected AFTER UPDATE ON cases_runvalue REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION cases_linemarks_of_values();
CREATE TRIGGER line_marks_unsaid AFTER DELETE ON cases_runvalue REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION cases_linemarks_of_values();
"""
GONE = """
DROP TRIGGER line_marks_unsaid ON cases_runvalue;
DROP TRIGGER line_marks_corrected ON cases_runvalue;
DROP TRIGGER line_marks_said ON cases_runvalue;
DROP TRIGGER line_marks_all_go ON cases_workline;
DROP TRIGGER line_marks_go ON cases_workline;
DROP TRIGGER line_marks_change ON cases_workline;
DROP TRIGGER line_marks_enter ON cases_workline;
DROP FUNCTION cases_linemarks_of_values, cases_linemarks_of_lines, cases_linemarks_rebuild, cases_linemarks_again;
DROP VIEW cases_linemark_now;
DROP FUNCTION cases_marks_of;
"""


class Migration(migrations.Migration):
    """First of two steps: kept from now on; then filled."""

    dependencies = [("cases", "0024_closed_with_its_case")]
    operations = [
        migrations.CreateModel(
            name="LineMark",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "mark", "entered_at", "item", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("mark", models.CharField(db_collation="C", max_length=20)),
                ("entered_at", models.DateTimeField()),
                (
                    "item",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="marks",
                        to="cases.workline",
                    ),
                ),
            ],
            options={"indexes": [models.Index(fields=["item"], name="line_mark_item")]},
        ),
        migrations.RunSQL(MARKS, GONE),
    ]
