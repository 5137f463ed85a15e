"""A job to be tried again finds that its like waits already."""

import asyncio
from datetime import UTC, datetime, timedelta

from procrastinate import App, PsycopgConnector
from procrastinate.jobs import Job
from tests.jobs.conftest import Server

from moothall.core.jobs.giving_way import GivingWay
from moothall.domain.people import tasks

SOON = datetime.now(UTC) + timedelta(minutes=1)


def test_a_job_tried_again_gives_way_to_its_like_that_was_queued_meanwhile_and_is_done_no_later(server: Server) -> None:
    fresh = dict.fromkeys(("one", "alone", "other"), 0)
    for name in fresh:
        fresh[name] = server.defer("tests.nothing", queueing_lock=name, in_seconds=3600)
    server.rows("UPDATE procrastinate_jobs SET status = 'doing' WHERE id = ANY(%s)", [fresh["one"], fresh["alone"]])
    like = server.defer("tests.nothing", queueing_lock="one", in_seconds=3600)

    for name in ("one", "alone"):
        asyncio.run(_retry(server, Job(id=fresh[name], queue="default", lock=None, queueing_lock=name, task_name="t")))

    found = (
        "SELECT queueing_lock, id, status::text, scheduled_at = %s FROM procrastinate_jobs WHERE id >= %s ORDER BY 1"
    )
    assert server.rows(found, SOON, fresh["one"]) == [
        ("alone", fresh["alone"], "todo", True),
        ("one", like, "todo", True),
        ("other", fresh["other"], "todo", False),
    ]
    server.rows("DELETE FROM procrastinate_jobs WHERE task_name = 'tests.nothing'")


def test_looking_for_duplicates_waits_for_who_looks_and_what_the_night_looks_for_is_not_taken_for_everybody() -> None:
    everybody, nightly = tasks.find_duplicates, tasks.nightly_duplicates
    assert everybody.lock == nightly.lock == tasks.LOOKING
    assert everybody.queueing_lock != nightly.queueing_lock


async def _retry(server: Server, job: Job) -> None:
    connector = PsycopgConnector(conninfo=server.url, min_size=1, max_size=1)
    async with App(connector=connector).open_async():
        await GivingWay(connector).retry_job(job, retry_at=SOON)
