"""What is done by the clock: applications read in, their status told, badges compared each night."""

from collections.abc import Callable

import structlog
from django.utils import timezone
from procrastinate.contrib.django import app

from moothall.connectors.dft_blue_badge import check, intake, status, telling
from moothall.connectors.dft_blue_badge.errors import NationalError
from moothall.connectors.dft_blue_badge.settings import NationalService
from moothall.core.accounts.actions import system_user
from moothall.core.council.settings import read

log = structlog.get_logger("moothall.dft_blue_badge")
QUEUE = "intake"


@app.periodic(cron="* * * * *")
@app.task(name="dft_blue_badge.poll", queue=QUEUE, queueing_lock="dft_blue_badge.poll")
def poll(timestamp: int) -> None:
    """Every so many minutes: take in new applications, and tell the service about those taken."""
    settings, now = read(NationalService), timezone.now()
    if not settings.connected:
        return
    if timestamp // 60 % settings.poll_minutes == 0:
        _told_apart("applications", lambda: intake.poll(at=now))
    telling.tell(at=now)


@app.periodic(cron="17 2 * * *")
@app.task(name="dft_blue_badge.nightly", queue=QUEUE, queueing_lock="dft_blue_badge.nightly")
def nightly(timestamp: int) -> None:  # noqa: ARG001 - when the job was due
    """Each night: read the whole list, try again what failed, see what left us, compare badges, look at the credential."""
    settings, now = read(NationalService), timezone.now()
    if not settings.connected:
        return
    by = system_user()
    _told_apart("whole list", lambda: intake.poll(at=now, whole=True))
    _told_apart("failed applications", lambda: intake.retry_failed(at=now))
    _told_apart("applications gone", lambda: intake.note_gone(at=now))
    _told_apart("badges", lambda: status.reconcile(by=by, at=now))
    for sentence in check.credential_warning(settings, on=timezone.localdate(now)):
        log.warning("credential", problem=sentence)


def _told_apart(what: str, work: Callable[[], object]) -> None:
    """Do one part; an outage there leaves it to the next time and does not stop the other parts."""
    try:
        work()
    except NationalError as error:
        log.warning("the national service could not be asked", what=what, problem=str(error))
