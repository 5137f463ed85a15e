"""Waking the dispatcher: a job that commits together with what made it necessary, one for all that need it by then."""

import math
from contextlib import suppress
from datetime import UTC, datetime

from django.db import connection, transaction
from django.utils import timezone
from procrastinate import exceptions
from procrastinate.contrib.django import app

TASK = "exchange.send_due"
QUEUE = "exchange"
TOGETHER_SECONDS = 5  # what comes due within as many seconds is woken by one job; workers look no more often
_KEEP_WAITING = "SELECT 1 FROM procrastinate_jobs WHERE queueing_lock = %s AND status = 'todo' FOR SHARE SKIP LOCKED"


def wake(connector: str, *, at: datetime | None = None) -> None:
    """Have what is due at `connector` (its key) sent now or, to the next few seconds, at `at`.

    No job is added where one waits already. That one is kept from beginning before this transaction has ended, so
    that it sees what the transaction did.
    """
    moment = "now"
    if at is not None and at > timezone.now():
        at = datetime.fromtimestamp(math.ceil(at.timestamp() / TOGETHER_SECONDS) * TOGETHER_SECONDS, UTC)
        moment = at.isoformat()
    lock = f"{TASK} {connector} {moment}"
    with connection.cursor() as cursor:
        cursor.execute(_KEEP_WAITING, [lock])
        if cursor.fetchone():
            return
    job = app.configure_task(TASK, queue=QUEUE, schedule_at=at, queueing_lock=lock)
    with suppress(exceptions.AlreadyEnqueued), transaction.atomic():  # somebody was first, this very moment
        job.defer(connector=connector)
