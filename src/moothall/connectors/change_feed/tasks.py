"""Followers told of changes every minute, each by a job of its own, so that a slow one keeps no other waiting."""

from datetime import UTC, datetime

from django.db import transaction
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from moothall.connectors.change_feed import sending
from moothall.domain.people.golden import following

TASK = "change_feed.deliver"


@app.periodic(cron="* * * * *")
@app.task(name="change_feed.deliver_all", queueing_lock="change_feed.deliver_all")
def deliver_all(timestamp: int) -> None:  # noqa: ARG001 - when the job was due
    """Queue a job for each follower that may be called and has something to be told."""
    for follower_id in following.waiting(at=timezone.now()):
        queue(follower_id)


@app.task(name=TASK)
def deliver(*, follower_id: int) -> None:
    """Tell one follower what it does not know."""
    if sending.deliver(follower_id):
        queue(follower_id)


@app.periodic(cron="52 3 * * *")
@app.task(name="change_feed.forget_calls", queue="housekeeping")
def forget_calls(timestamp: int) -> None:
    """Delete what is known of calls more than thirty days ago."""
    sending.forget(before=datetime.fromtimestamp(timestamp, tz=UTC) - sending.KEPT)


def queue(follower_id: int) -> None:
    """Have a worker tell one follower; one job for it waits at a time."""
    key = f"follower:{follower_id}"
    try:
        with transaction.atomic():  # one that waits already spoils no transaction around it
            app.configure_task(TASK, lock=key, queueing_lock=key).defer(follower_id=follower_id)
    except AlreadyEnqueued:
        return
