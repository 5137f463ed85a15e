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


def wake_once(connector: str) -> None:
    """Have what is due at `connector` sent now, unless such a job of the sweep waits already."""
    job = app.configure_task(TASK, queue=QUEUE, queueing_lock=f"{TASK} {connector}")
    with suppress(exceptions.AlreadyEnqueued), transaction.atomic():
        job.defer(connector=connector)
