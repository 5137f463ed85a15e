"""Waking the dispatcher: a job that commits together with what made it necessary."""

from contextlib import suppress
from datetime import datetime

from django.db import transaction
from procrastinate import exceptions, jobs, manager, tasks
from procrastinate.contrib.django.django_connector import DjangoConnector

TASK = "exchange.send_due"
QUEUE = "exchange"


def wake(connector: str, *, at: datetime) -> None:
    """Have what is due at `connector` (its key) sent at `at`."""
    _job(at=at).defer(connector=connector)


def wake_once(connector: str) -> None:
    """Have what is due at `connector` sent now, unless such a job of the sweep waits already."""
    with suppress(exceptions.AlreadyEnqueued), transaction.atomic():
        _job(queueing_lock=f"{TASK} {connector}").defer(connector=connector)


def _job(*, at: datetime | None = None, queueing_lock: str | None = None) -> jobs.JobDeferrer:
    """A job that goes through Django's own connection even inside a worker, so that it is part of the transaction."""
    return tasks.configure_task(
        name=TASK,
        job_manager=manager.JobManager(DjangoConnector()),
        queue=QUEUE,
        schedule_at=at,
        queueing_lock=queueing_lock,
    )
