"""A work line says which colour its clock showed when it was written, and when that changes.

Lines that are there already are to be settled at once, which the job `cases.read_clocks` does, some at a time: until it has,
lists of a colour are found more slowly, and are right all the same. What a line says is what held ten seconds before it was
written: whoever asks by a clock that is behind the database's finds it all the same.
"""

from datetime import UTC, datetime
from importlib import import_module

from django.db import migrations, models

BANDS = """
-- 0 blue, 1 amber, 2 red, 3 late, 4 without a target: what a clock with these moments shows.
CREATE FUNCTION cases_band(amber timestamptz, red timestamptz, late timestamptz, at timestamptz) RETURNS smallint
LANGUAGE sql IMMUTABLE AS $$
    SELECT (CASE WHEN late IS NULL THEN 4 WHEN at > late THEN 3 WHEN at >= red THEN 2 WHEN at >= amber THEN 1 ELSE 0 END)::smallint
$$;

-- When it shows another one; the year 9999 where it never does.
CREATE FUNCTION cases_turns_at(amber timestamptz, red timestamptz, late timestamptz, at timestamptz) RETURNS timestamptz
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE cases_band(amber, red, late, at)
        WHEN 0 THEN amber WHEN 1 THEN red WHEN 2 THEN late ELSE '9999-01-01 00:00+00'::timestamptz END
$$;

-- Settles lines whose colour has changed since they were written, `most` at most: how many there were.
CREATE FUNCTION cases_workline_turn(most integer) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    turned bigint;
BEGIN
    WITH due AS (
        SELECT item_id, CASE WHEN targeted THEN late_after END AS late FROM cases_workline
        WHERE turns_at <= now() - interval '10 seconds' ORDER BY turns_at LIMIT most FOR UPDATE SKIP LOCKED
    )
    UPDATE cases_workline AS line SET
        band = cases_band(amber_from, red_from, due.late, now() - interval '10 seconds'),
        turns_at = cases_turns_at(amber_from, red_from, due.late, now() - interval '10 seconds')
    FROM due WHERE due.item_id = line.item_id;
    GET DIAGNOSTICS turned = ROW_COUNT;
    RETURN turned;
END $$;
"""
VIEW = """
CREATE VIEW cases_workline_now AS
SELECT
    item.id AS item_id, item.case_id, c.service_id, item.stage_id, c.customer_id, item.assigned_to_id,
    c.tags::text[] || ARRAY[
        'stage:' || item.stage_id, 'type:' || c.type, 'source:' || c.source,
        'whose:' || coalesce(item.assigned_to_id::text, 'nobody')
    ] AS kinds,
    c.reference, customer.name AS customer_name, c.type, c.source, c.tags,
    'terminal_illness' = ANY (c.tags) AS terminal,
    service.name AS service_name, workflow.key AS workflow, stage.name AS stage_name,
    coalesce(assigned.full_name, '') AS assigned_name, coalesce(owner.full_name, '') AS owner_name,
    coalesce(team.name, '') AS team_name,
    item.entered_at, c.opened_at, c.updated_at, item.amber_from, item.red_from,
    coalesce(item.late_after, '9999-12-31 00:00+00') AS late_after, item.late_after IS NOT NULL AS targeted, item.turns_by,
    c.updated_at > item.entered_at + interval '1 day' AS moved,
    cases_band(item.amber_from, item.red_from, item.late_after, now() - interval '10 seconds') AS band,
    cases_turns_at(item.amber_from, item.red_from, item.late_after, now() - interval '10 seconds') AS turns_at
FROM cases_workitem item
JOIN cases_case c ON c.id = item.case_id
JOIN people_customer customer ON customer.id = c.customer_id
JOIN catalogue_service service ON service.id = c.service_id
JOIN workflow_stage stage ON stage.id = item.stage_id
JOIN workflow_workflowversion version ON version.id = stage.version_id
JOIN workflow_workflow workflow ON workflow.id = version.workflow_id
LEFT JOIN accounts_user assigned ON assigned.id = item.assigned_to_id
LEFT JOIN accounts_user owner ON owner.id = c.owner_id
LEFT JOIN accounts_securitygroup team ON team.id = c.team_id
WHERE item.finished_at IS NULL
"""
COLUMNS = (
    "item_id, case_id, service_id, stage_id, customer_id, assigned_to_id, kinds, reference, customer_name, type, source,"
    " tags, terminal, service_name, workflow, stage_name, assigned_name, owner_name, team_name, entered_at, opened_at,"
    " updated_at, amber_from, red_from, late_after, targeted, turns_by, moved, band, turns_at"
)
EXCLUDED = ", ".join(f"EXCLUDED.{name.strip()}" for name in COLUMNS.split(","))
LINE = ", ".join(f"line.{name.strip()}" for name in COLUMNS.split(","))
FUNCTIONS = f"""
-- Lines of these items are made again as the rows are now; one that is as it was is not written. The items are held first,
-- so that what others are changing of them is done when the next statement reads them.
CREATE OR REPLACE FUNCTION cases_workline_again(items bigint[]) RETURNS void LANGUAGE sql AS $$
    SELECT id FROM cases_workitem WHERE id = ANY (items) ORDER BY id FOR NO KEY UPDATE;
    INSERT INTO cases_workline AS line ({COLUMNS})
    SELECT {COLUMNS} FROM cases_workline_now WHERE item_id = ANY (items)
    ON CONFLICT (item_id) DO UPDATE SET ({COLUMNS}) = ({EXCLUDED}) WHERE ({LINE}) IS DISTINCT FROM ({EXCLUDED})
$$;

-- Every line, from nothing: for whoever loaded rows with the triggers off.
CREATE OR REPLACE FUNCTION cases_workline_rebuild() RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    made bigint;
BEGIN
    TRUNCATE cases_workline;
    INSERT INTO cases_workline ({COLUMNS}) SELECT {COLUMNS} FROM cases_workline_now;
    GET DIAGNOSTICS made = ROW_COUNT;
    RETURN made;
END $$;

CREATE OR REPLACE FUNCTION cases_workline_of_item() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO cases_workline ({COLUMNS}) SELECT {COLUMNS} FROM cases_workline_now WHERE item_id = NEW.id;
    ELSIF TG_OP = 'DELETE' OR NEW.finished_at IS NOT NULL THEN
        DELETE FROM cases_workline WHERE item_id = OLD.id;
    ELSE
        PERFORM cases_workline_again(ARRAY[NEW.id]);
    END IF;
    RETURN NULL;
END $$;
"""
before = import_module("moothall.domain.cases.migrations.0008_work_lines_kept")
AS_BEFORE = before.FUNCTIONS.partition("CREATE FUNCTION cases_workline_of_case")[0].replace(
    "CREATE FUNCTION", "CREATE OR REPLACE FUNCTION"
)
AGAIN = "DROP VIEW cases_workline_now;"
GONE = "DROP FUNCTION cases_workline_turn, cases_turns_at, cases_band;"


class Migration(migrations.Migration):
    dependencies = [("cases", "0010_missing_files")]
    operations = [
        migrations.AddField("workline", "band", models.PositiveSmallIntegerField(db_default=4, default=4)),
        migrations.AddField(
            "workline",
            "turns_at",
            models.DateTimeField(db_default=datetime(1000, 1, 1, tzinfo=UTC), default=datetime(1000, 1, 1, tzinfo=UTC)),
        ),
        migrations.RunSQL(
            f"{AGAIN} {BANDS} {VIEW}; {FUNCTIONS}", f"{AGAIN} {GONE} {before.VIEW}; {AS_BEFORE}"
        ),
        migrations.RemoveIndex("workline", "work_line_clocked"),
        migrations.RemoveField("workline", "clocked"),
    ]
