"""Waking the dispatcher: a job that commits together with what made it necessary."""

from contextlib import suppress
from datetime import datetime

from django.db import transaction
from procrastinate import exceptions
from procrastinate.contrib.django import app

TASK = "exchange.send_due"
QUEUE = "exchange"


def wake(connector: str, *, at: datetime) -> None:
    """Have what is due at `connector` (its key) sent at `at`."""
    app.configure_task(TASK, queue=QUEUE, schedule_at=at).defer(connector=connector)


def wake_once(connector: str, *, at: datetime | None = None) -> None:
    """Have what is due at `connector` sent now or, for the whole connector to wait, at `at`, unless a job will anyway."""
    lock = f"{TASK} {connector} now" if at is None else f"{TASK} {connector} later"
    job = app.configure_task(TASK, queue=QUEUE, schedule_at=at, queueing_lock=lock)
    with suppress(exceptions.AlreadyEnqueued), transaction.atomic():
        job.defer(connector=connector)
