"""A name that many work lines say is followed by a job, so that whoever changes it need not wait for all of them."""

from importlib import import_module

from django.db import migrations, models

KINDS = {"user": "user", "group": "team", "service": "service"}
TOLD = """
-- Notes that the lines are to follow a name, and queues the job that has them do so unless it waits already.
CREATE FUNCTION cases_name_changed(what text, which bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO cases_namechange (kind, number) VALUES (what, which)
        ON CONFLICT (kind, number) DO UPDATE SET followed_at = NULL;
    INSERT INTO procrastinate_jobs (queue_name, task_name, lock, queueing_lock)
        VALUES ('default', 'cases.follow_names', 'cases.follow_names', 'cases.follow_names') ON CONFLICT DO NOTHING;
END $$;
""" + "".join(
    f"""
CREATE OR REPLACE FUNCTION cases_workline_of_{row}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM cases_name_changed('{kind}', NEW.id);
    RETURN NULL;
END $$;
"""
    for row, kind in KINDS.items()
)
before = import_module("moothall.domain.cases.migrations.0008_work_lines_kept").FUNCTIONS
AS_BEFORE = "CREATE FUNCTION cases_workline_of_user" + before.partition("CREATE FUNCTION cases_workline_of_user")[
    2
].partition("-- What a clock is worked out from")[0]


class Migration(migrations.Migration):
    dependencies = [("cases", "0015_work_line_moved_by_day"), ("procrastinate", "0007_add_queueing_lock_column")]
    operations = [
        migrations.CreateModel(
            name="NameChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[("user", "User"), ("team", "Team"), ("service", "Service")], max_length=10
                    ),
                ),
                ("number", models.BigIntegerField()),
                ("followed_at", models.DateTimeField(null=True)),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("kind", "number"), name="name_change_once")],
            },
        ),
        migrations.RunSQL(
            TOLD,
            AS_BEFORE.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")
            + "DROP FUNCTION cases_name_changed;",
        ),
    ]
