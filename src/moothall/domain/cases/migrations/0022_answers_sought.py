"""Work is found by every column: by answers too, by whose the case is, and by who the customer is.

Triggers keep beside each run a word for all that was chosen in its application and workflow, and its days and numbers; the
lines of open work copy the words among their kinds. Names of questions are the beginning of a hash of their key, so that what
is kept stays short. What tells of health, files, and what says who somebody is has no word: it is never looked for in a list.
"""

from importlib import import_module

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
from django.db import migrations, models

before = import_module("moothall.domain.cases.migrations.0015_work_line_moved_by_day")
lines = import_module("moothall.domain.cases.migrations.0011_work_line_bands")
KINDS = "'whose:' || coalesce(item.assigned_to_id::text, 'nobody')\n    ] AS kinds"
MORE_KINDS = """'whose:' || coalesce(item.assigned_to_id::text, 'nobody'), 'kind:' || customer.kind,
        'owner:' || coalesce(c.owner_id::text, 'nobody'), 'team:' || coalesce(c.team_id::text, 'none')
    ] || coalesce(said.words, '{}') AS kinds"""
LAST = "AS turns_at\nFROM cases_workitem item"
VIEW = (
    before.VIEW.replace(KINDS, MORE_KINDS)
    .replace(LAST, "AS turns_at,\n    item.run_id\nFROM cases_workitem item")
    .replace("WHERE item.finished_at IS NULL", "LEFT JOIN cases_runwords said ON said.run_id = item.run_id\nWHERE item.finished_at IS NULL")
    .replace("CREATE VIEW", "CREATE OR REPLACE VIEW")
)
assert "said.words" in VIEW and "item.run_id\n" in VIEW and "LEFT JOIN cases_runwords" in VIEW
COLUMNS = f"{lines.COLUMNS}, run_id"
FUNCTIONS = lines.FUNCTIONS.replace(lines.EXCLUDED, f"{lines.EXCLUDED}, EXCLUDED.run_id").replace(
    lines.LINE, f"{lines.LINE}, line.run_id"
).replace(lines.COLUMNS, COLUMNS)
ANSWERS = """
-- The name of a question among words and values.
CREATE FUNCTION cases_answer_name(key text) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT encode(substr(sha256(convert_to(key, 'UTF8')), 1, 4), 'hex')
$$;

-- Whether an answer is a choice of the national service, with its label.
CREATE FUNCTION cases_is_coded(value jsonb) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT jsonb_typeof(value) = 'object' AND value ?& '{code,label}' AND (value - 'code' - 'label') = '{}'
$$;

-- Each answer, by the way to it. What tells of health, files, and what says who somebody is, is left out.
CREATE FUNCTION cases_answers_of(place text, given jsonb) RETURNS TABLE (key text, value jsonb) LANGUAGE sql STABLE AS $$
    WITH RECURSIVE part (key, value) AS (
        SELECT place, given
        UNION ALL
        SELECT part.key || '/' || one.key, one.value
        FROM part, jsonb_each(
            CASE WHEN jsonb_typeof(part.value) = 'object' AND NOT cases_is_coded(part.value) THEN part.value ELSE '{}' END
        ) AS one (key, value)
        WHERE one.key NOT IN ('eligibility', 'documents', 'nino', 'date_of_birth') AND position('/' IN one.key) = 0
    )
    SELECT part.key, part.value FROM part WHERE jsonb_typeof(part.value) <> 'object' OR cases_is_coded(part.value)
$$;

-- What was chosen, a word each: a code, yes or no; and with `plain` texts that may be the key of a value of a list.
CREATE FUNCTION cases_words_of(place text, given jsonb, plain boolean) RETURNS text[] LANGUAGE sql STABLE AS $$
    SELECT coalesce(array_agg(DISTINCT cases_answer_name(answer.key) || '=' || chosen.said), '{}')
    FROM cases_answers_of(place, given) AS answer,
    LATERAL jsonb_array_elements(
        CASE WHEN jsonb_typeof(answer.value) = 'array' THEN answer.value ELSE jsonb_build_array(answer.value) END
    ) AS each (one),
    LATERAL (SELECT CASE
        WHEN jsonb_typeof(one) = 'boolean' THEN CASE WHEN one = 'true' THEN 'yes' ELSE 'no' END
        WHEN cases_is_coded(one) THEN left(one ->> 'code', 60)
        WHEN plain AND jsonb_typeof(one) = 'string' AND one #>> '{}' ~ '^[-A-Za-z0-9_]{1,60}$'
            AND one #>> '{}' !~ '^[-0-9]+$' THEN one #>> '{}'
    END) AS chosen (said)
    WHERE chosen.said IS NOT NULL
$$;

-- The days, as the number their figures are, and the numbers.
CREATE FUNCTION cases_values_of(place text, given jsonb) RETURNS TABLE (name text, value double precision)
LANGUAGE sql STABLE AS $$
    SELECT DISTINCT ON (1) cases_answer_name(answer.key), counted.value
    FROM cases_answers_of(place, given) AS answer,
    LATERAL (SELECT CASE
        WHEN jsonb_typeof(answer.value) = 'number' AND abs((answer.value #>> '{}')::numeric) < 1e15
            THEN (answer.value #>> '{}')::double precision
        WHEN jsonb_typeof(answer.value) = 'string' AND answer.value #>> '{}' ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}$'
            THEN replace(answer.value #>> '{}', '-', '')::double precision
    END) AS counted (value)
    WHERE counted.value IS NOT NULL
    ORDER BY 1
$$;

CREATE VIEW cases_runplace AS
SELECT run.id AS run_id, c.submitted, run.answers,
    'sent/' || service.key AS sent, 'asked/' || service.key || '.' || substring(workflow.key FROM '[^.]+$') AS asked
FROM cases_run run
JOIN cases_case c ON c.id = run.case_id
JOIN catalogue_service service ON service.id = c.service_id
JOIN workflow_workflowversion version ON version.id = run.version_id
JOIN workflow_workflow workflow ON workflow.id = version.workflow_id;

-- Makes again what is kept of these runs, and the lines of their open work where that says something else now.
CREATE FUNCTION cases_run_answered(runs bigint[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    items bigint[];
BEGIN
    WITH now AS (
        SELECT run_id, cases_words_of(sent, submitted, false) || cases_words_of(asked, answers, true) AS words
        FROM cases_runplace WHERE run_id = ANY (runs)
    ), written AS (
        INSERT INTO cases_runwords AS kept (run_id, words)
        SELECT run_id, words FROM now
        WHERE words <> '{}' OR EXISTS (SELECT FROM cases_runwords there WHERE there.run_id = now.run_id)
        ON CONFLICT (run_id) DO UPDATE SET words = EXCLUDED.words WHERE kept.words IS DISTINCT FROM EXCLUDED.words
        RETURNING run_id
    )
    SELECT array_agg(item.id) INTO items FROM written
    JOIN cases_workitem item ON item.run_id = written.run_id AND item.finished_at IS NULL;

    WITH now AS MATERIALIZED (
        SELECT DISTINCT ON (place.run_id, one.name) place.run_id, one.name, one.value FROM cases_runplace place, LATERAL (
            SELECT * FROM cases_values_of(place.sent, place.submitted)
            UNION ALL SELECT * FROM cases_values_of(place.asked, place.answers)
        ) AS one WHERE place.run_id = ANY (runs)
    ), gone AS (
        DELETE FROM cases_runvalue kept WHERE kept.run_id = ANY (runs)
            AND NOT EXISTS (SELECT 1 FROM now WHERE now.run_id = kept.run_id AND now.name = kept.name)
    )
    INSERT INTO cases_runvalue AS kept (run_id, name, value) SELECT run_id, name, value FROM now
    ON CONFLICT (run_id, name) DO UPDATE SET value = EXCLUDED.value WHERE kept.value <> EXCLUDED.value;

    IF items IS NOT NULL THEN
        PERFORM cases_workline_again(items);
    END IF;
END $$;

-- All of it, from nothing: for whoever loaded rows with the triggers off; the lines are made after it.
CREATE FUNCTION cases_answers_rebuild() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    TRUNCATE cases_runwords, cases_runvalue;
    INSERT INTO cases_runwords (run_id, words)
    SELECT * FROM (
        SELECT run_id, cases_words_of(sent, submitted, false) || cases_words_of(asked, answers, true) AS words FROM cases_runplace
        WHERE submitted IS NOT NULL OR answers <> '{}'
    ) AS now WHERE words <> '{}';
    INSERT INTO cases_runvalue (run_id, name, value)
    SELECT DISTINCT ON (place.run_id, one.name) place.run_id, one.name, one.value FROM cases_runplace place, LATERAL (
        SELECT * FROM cases_values_of(place.sent, place.submitted)
        UNION ALL SELECT * FROM cases_values_of(place.asked, place.answers)
    ) AS one WHERE place.submitted IS NOT NULL OR place.answers <> '{}';
END $$;

CREATE FUNCTION cases_answers_of_run() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        DELETE FROM cases_runwords WHERE run_id = OLD.id;
        DELETE FROM cases_runvalue WHERE run_id = OLD.id;
    ELSE
        PERFORM cases_run_answered(ARRAY[NEW.id]);
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION cases_answers_of_case() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    runs bigint[] := ARRAY(SELECT id FROM cases_run WHERE case_id = NEW.id);
BEGIN
    IF cardinality(runs) > 0 THEN
        PERFORM cases_run_answered(runs);
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER run_said AFTER INSERT ON cases_run FOR EACH ROW EXECUTE FUNCTION cases_answers_of_run();
CREATE TRIGGER run_says AFTER UPDATE ON cases_run FOR EACH ROW
    WHEN ((OLD.answers, OLD.version_id, OLD.case_id) IS DISTINCT FROM (NEW.answers, NEW.version_id, NEW.case_id))
    EXECUTE FUNCTION cases_answers_of_run();
CREATE TRIGGER run_gone AFTER DELETE ON cases_run FOR EACH ROW EXECUTE FUNCTION cases_answers_of_run();
CREATE TRIGGER case_says AFTER UPDATE ON cases_case FOR EACH ROW
    WHEN ((OLD.submitted, OLD.service_id) IS DISTINCT FROM (NEW.submitted, NEW.service_id))
    EXECUTE FUNCTION cases_answers_of_case();
"""
GONE = """
DROP TRIGGER case_says ON cases_case;
DROP TRIGGER run_gone ON cases_run;
DROP TRIGGER run_says ON cases_run;
DROP TRIGGER run_said ON cases_run;
DROP FUNCTION cases_answers_of_case, cases_answers_of_run, cases_answers_rebuild, cases_run_answered;
DROP VIEW cases_runplace;
DROP FUNCTION cases_values_of, cases_words_of, cases_answers_of, cases_is_coded, cases_answer_name;
"""
LINES_BEFORE = f"DROP VIEW cases_workline_now; {before.VIEW}; {lines.FUNCTIONS}"


class Migration(migrations.Migration):
    """First of two steps: kept from now on; then filled."""

    dependencies = [("cases", "0021_to_do")]
    operations = [
        migrations.CreateModel(
            name="RunWords",
            fields=[
                (
                    "run",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="said",
                        serialize=False,
                        to="cases.run",
                    ),
                ),
                ("words", django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), size=None)),
            ],
            options={"indexes": [django.contrib.postgres.indexes.GinIndex(fields=["words"], name="run_words")]},
        ),
        migrations.CreateModel(
            name="RunValue",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=8)),
                ("value", models.FloatField()),
                (
                    "run",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="values_said",
                        to="cases.run",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["name", "value", "run"], name="run_value")],
                "constraints": [models.UniqueConstraint(fields=("run", "name"), name="run_value_once")],
            },
        ),
        migrations.AddField(
            "workline",
            "run",
            models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="cases.run",
            ),
        ),
        migrations.RunSQL(f"{VIEW}; {FUNCTIONS} {ANSWERS}", f"{GONE} {LINES_BEFORE}"),
    ]
