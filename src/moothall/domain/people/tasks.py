"""What is done with people later, and every night."""

from datetime import UTC, datetime

import structlog
from django.utils import timezone
from procrastinate.contrib.django import app

from moothall.core.council import settings as council
from moothall.core.jobs.retrying import Backoff
from moothall.domain.people.golden import changes, finding
from moothall.domain.people.importing import forgetting, running
from moothall.domain.people.importing.refusal import ImportRefused, Stopped
from moothall.domain.people.models import Import

log = structlog.get_logger("moothall.people")
LOOKING = "people.find_duplicates"
"""Held by a job that looks for duplicates: what is asked for meanwhile waits, and does not fail for that."""


@app.periodic(cron="* * * * *")
@app.task(name="people.place_changes", queueing_lock="people.place_changes")
def place_changes(timestamp: int) -> None:  # noqa: ARG001 - when the job was due
    """Put what changed into the order in which others read it."""
    changes.place()


@app.periodic(cron="37 3 * * *")
@app.task(name="people.forget_changes", queue="housekeeping")
def forget_changes(timestamp: int) -> None:
    """Delete changes that are no longer kept."""
    changes.forget(at=datetime.fromtimestamp(timestamp, tz=UTC))


@app.periodic(cron="20 2 * * *")
@app.task(
    name="people.nightly_duplicates", queueing_lock="people.nightly_duplicates", lock=LOOKING, retry=Backoff(most=4)
)
def nightly_duplicates(timestamp: int) -> None:  # noqa: ARG001
    """Look for duplicates among who changed since the last time, unless the council set that it is not done."""
    if council.read(finding.Duplicates).nightly:
        finding.find(everybody=False, at=timezone.now())


@app.task(name="people.find_duplicates", queueing_lock="people.find_duplicates", lock=LOOKING, retry=Backoff(most=4))
def find_duplicates() -> None:
    """Look for duplicates among everybody. Broken off, it goes on where it was."""
    finding.find(everybody=True, at=timezone.now())


@app.task(name=running.TASK)
def import_customers(*, import_id: int) -> None:
    """Do what is left of an import. Taken up again it goes on where it was; one that is refused says so itself."""
    try:
        running.work(Import.objects.get(pk=import_id))
    except (ImportRefused, Stopped) as why:
        log.info("an import did not go on", problem_type=type(why).__name__)


@app.periodic(cron="41 3 * * *")
@app.task(name="people.forget_imports", queue="housekeeping", queueing_lock="people.forget_imports")
def forget_imports(timestamp: int) -> None:
    """Forget what the rows of old imports said, and give up those that nobody went on with."""
    forgetting.forget(at=datetime.fromtimestamp(timestamp, tz=UTC))
