"""What is done by the clock: applications read in, their status told, badges compared each night."""

from collections.abc import Callable, Mapping
from functools import cache

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
    parts: dict[str, Callable[[], object]] = {}
    if timestamp // 60 % settings.poll_minutes == 0:
        parts["applications"] = lambda: intake.poll(at=now)
    _each(parts | {"statuses": lambda: telling.tell(at=now)})


@app.periodic(cron="17 2 * * *")
@app.task(name="dft_blue_badge.nightly", queue=QUEUE, queueing_lock="dft_blue_badge.nightly")
def nightly(timestamp: int) -> None:  # noqa: ARG001 - when the job was due
    """Each night: read the whole list, try again what failed, see what left us, compare badges, look at the credential."""
    settings, now = read(NationalService), timezone.now()
    if not settings.connected:
        return
    by, whole = system_user(), cache(intake.whole_list)
    for sentence in check.credential_warning(settings, on=timezone.localdate(now)):
        log.warning("credential", problem=sentence)
    _each(
        {
            "whole list": lambda: intake.poll(at=now, whole=True, rows=whole()),
            "failed applications": lambda: intake.retry_failed(at=now),
            "applications gone": lambda: intake.note_gone(at=now, rows=whole()),
            "badges": lambda: status.reconcile(by=by, at=now),
        }
    )


def _each(parts: Mapping[str, Callable[[], object]]) -> None:
    """Do every part, whatever becomes of the others: an outage leaves one to the next time, a fault is raised at the end."""
    faults: list[Exception] = []
    for what, work in parts.items():
        try:
            work()
        except NationalError as error:
            log.warning("the national service could not be asked", what=what, problem=str(error))
        except Exception as fault:  # noqa: BLE001 - the other parts go on; raised with the rest at the end
            faults.append(fault)
    if faults:
        raise ExceptionGroup("Parts of the work by the clock failed because of a fault in the program.", faults)
