"""What a work line is, and the triggers that keep the lines so whatever changes the rows they copy."""

from django.db import migrations

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
    EXISTS (SELECT FROM cases_pause WHERE item_id = item.id)
        OR EXISTS (SELECT FROM cases_extension WHERE item_id = item.id) AS clocked,
    c.updated_at > item.entered_at + interval '1 day' AS moved
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
    " updated_at, amber_from, red_from, late_after, targeted, turns_by,"
    " clocked, moved"
)
EXCLUDED = ", ".join(f"EXCLUDED.{name.strip()}" for name in COLUMNS.split(","))
LINE = ", ".join(f"line.{name.strip()}" for name in COLUMNS.split(","))
FUNCTIONS = f"""
-- Lines of these items are made again as the rows are now; one that is as it was is not written. The items are held first,
-- so that what others are changing of them is done when the next statement reads them.
CREATE FUNCTION cases_workline_again(items bigint[]) RETURNS void LANGUAGE sql AS $$
    SELECT id FROM cases_workitem WHERE id = ANY (items) ORDER BY id FOR NO KEY UPDATE;
    INSERT INTO cases_workline AS line ({COLUMNS})
    SELECT {COLUMNS} FROM cases_workline_now WHERE item_id = ANY (items)
    ON CONFLICT (item_id) DO UPDATE SET ({COLUMNS}) = ({EXCLUDED}) WHERE ({LINE}) IS DISTINCT FROM ({EXCLUDED})
$$;

-- Every line, from nothing: for whoever loaded rows with the triggers off.
CREATE FUNCTION cases_workline_rebuild() RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    made bigint;
BEGIN
    TRUNCATE cases_workline;
    INSERT INTO cases_workline ({COLUMNS}) SELECT {COLUMNS} FROM cases_workline_now;
    GET DIAGNOSTICS made = ROW_COUNT;
    RETURN made;
END $$;

CREATE FUNCTION cases_workline_of_item() RETURNS trigger LANGUAGE plpgsql AS $$
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

CREATE FUNCTION cases_workline_of_case() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    items bigint[] := ARRAY(SELECT item_id FROM cases_workline WHERE case_id = NEW.id);
BEGIN
    IF cardinality(items) > 0 THEN
        PERFORM cases_workline_again(items);
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION cases_workline_of_customer() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM cases_workline_again(ARRAY(SELECT item_id FROM cases_workline WHERE customer_id = NEW.id));
    PERFORM cases_workline_again(ARRAY( -- what came while it waited for them
        SELECT item_id FROM cases_workline WHERE customer_id = NEW.id AND customer_name <> NEW.name
    ));
    RETURN NULL;
END $$;

CREATE FUNCTION cases_workline_of_user() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM cases_workline_again(ARRAY(
        SELECT item_id FROM cases_workline WHERE assigned_to_id = NEW.id
        UNION
        SELECT item_id FROM cases_workline JOIN cases_case c ON c.id = case_id WHERE c.owner_id = NEW.id
    ));
    RETURN NULL;
END $$;

CREATE FUNCTION cases_workline_of_group() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM cases_workline_again(ARRAY(
        SELECT item_id FROM cases_workline JOIN cases_case c ON c.id = case_id WHERE c.team_id = NEW.id
    ));
    RETURN NULL;
END $$;

CREATE FUNCTION cases_workline_of_service() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM cases_workline_again(ARRAY(SELECT item_id FROM cases_workline WHERE service_id = NEW.id));
    RETURN NULL;
END $$;

-- What a clock is worked out from has changed: when its colour turns is to be worked out again.
CREATE FUNCTION cases_turns_unknown() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE cases_workitem SET turns_by = ''
    WHERE id = coalesce(NEW.item_id, OLD.item_id) AND finished_at IS NULL AND turns_by <> '';
    PERFORM cases_workline_again(ARRAY[coalesce(NEW.item_id, OLD.item_id)]);
    RETURN NULL;
END $$;

CREATE FUNCTION cases_turns_unknown_of_item() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.turns_by := '';
    RETURN NEW;
END $$;
"""
TRIGGERS = """
CREATE TRIGGER work_line_enters AFTER INSERT ON cases_workitem
    FOR EACH ROW WHEN (NEW.finished_at IS NULL) EXECUTE FUNCTION cases_workline_of_item();
CREATE TRIGGER work_line_changes AFTER UPDATE ON cases_workitem
    FOR EACH ROW WHEN (
        (OLD.finished_at IS NULL OR NEW.finished_at IS NULL) AND (
            OLD.finished_at, OLD.case_id, OLD.stage_id, OLD.assigned_to_id, OLD.entered_at,
            OLD.amber_from, OLD.red_from, OLD.late_after, OLD.turns_by
        ) IS DISTINCT FROM (
            NEW.finished_at, NEW.case_id, NEW.stage_id, NEW.assigned_to_id, NEW.entered_at,
            NEW.amber_from, NEW.red_from, NEW.late_after, NEW.turns_by
        )
    ) EXECUTE FUNCTION cases_workline_of_item();
CREATE TRIGGER work_line_goes AFTER DELETE ON cases_workitem
    FOR EACH ROW WHEN (OLD.finished_at IS NULL) EXECUTE FUNCTION cases_workline_of_item();
CREATE TRIGGER work_line_case AFTER UPDATE ON cases_case
    FOR EACH ROW WHEN (
        (OLD.service_id, OLD.customer_id, OLD.reference, OLD.type, OLD.source, OLD.tags, OLD.owner_id, OLD.team_id,
         OLD.opened_at, OLD.updated_at)
        IS DISTINCT FROM
        (NEW.service_id, NEW.customer_id, NEW.reference, NEW.type, NEW.source, NEW.tags, NEW.owner_id, NEW.team_id,
         NEW.opened_at, NEW.updated_at)
    ) EXECUTE FUNCTION cases_workline_of_case();
CREATE TRIGGER work_line_customer AFTER UPDATE OF name ON people_customer
    FOR EACH ROW WHEN (OLD.name IS DISTINCT FROM NEW.name) EXECUTE FUNCTION cases_workline_of_customer();
CREATE TRIGGER work_line_user AFTER UPDATE OF full_name ON accounts_user
    FOR EACH ROW WHEN (OLD.full_name IS DISTINCT FROM NEW.full_name) EXECUTE FUNCTION cases_workline_of_user();
CREATE TRIGGER work_line_team AFTER UPDATE OF name ON accounts_securitygroup
    FOR EACH ROW WHEN (OLD.name IS DISTINCT FROM NEW.name) EXECUTE FUNCTION cases_workline_of_group();
CREATE TRIGGER work_line_service AFTER UPDATE OF name ON catalogue_service
    FOR EACH ROW WHEN (OLD.name IS DISTINCT FROM NEW.name) EXECUTE FUNCTION cases_workline_of_service();
CREATE TRIGGER turns_paused AFTER INSERT OR UPDATE OR DELETE ON cases_pause
    FOR EACH ROW EXECUTE FUNCTION cases_turns_unknown();
CREATE TRIGGER turns_extended AFTER INSERT OR DELETE ON cases_extension
    FOR EACH ROW EXECUTE FUNCTION cases_turns_unknown();
CREATE TRIGGER turns_moved BEFORE UPDATE OF stage_id, entered_at ON cases_workitem
    FOR EACH ROW WHEN (
        NEW.finished_at IS NULL AND (OLD.stage_id, OLD.entered_at) IS DISTINCT FROM (NEW.stage_id, NEW.entered_at)
        AND (OLD.amber_from, OLD.red_from, OLD.late_after, OLD.turns_by)
            IS NOT DISTINCT FROM (NEW.amber_from, NEW.red_from, NEW.late_after, NEW.turns_by)
    ) EXECUTE FUNCTION cases_turns_unknown_of_item();
"""
GONE = """
DROP TRIGGER turns_moved ON cases_workitem;
DROP TRIGGER turns_extended ON cases_extension;
DROP TRIGGER turns_paused ON cases_pause;
DROP TRIGGER work_line_service ON catalogue_service;
DROP TRIGGER work_line_team ON accounts_securitygroup;
DROP TRIGGER work_line_user ON accounts_user;
DROP TRIGGER work_line_customer ON people_customer;
DROP TRIGGER work_line_case ON cases_case;
DROP TRIGGER work_line_goes ON cases_workitem;
DROP TRIGGER work_line_changes ON cases_workitem;
DROP TRIGGER work_line_enters ON cases_workitem;
DROP FUNCTION cases_turns_unknown_of_item, cases_turns_unknown, cases_workline_of_service, cases_workline_of_group,
    cases_workline_of_user, cases_workline_of_customer, cases_workline_of_case, cases_workline_of_item,
    cases_workline_rebuild, cases_workline_again;
DROP VIEW cases_workline_now;
"""


class Migration(migrations.Migration):
    """Second of three steps for the work lines: made, kept, filled."""

    dependencies = [("cases", "0007_work_lines"), ("accounts", "0001_initial")]
    operations = [migrations.RunSQL(VIEW + ";" + FUNCTIONS + TRIGGERS, GONE)]
