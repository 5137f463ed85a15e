"""What happens to notifications later."""

from datetime import UTC, datetime, timedelta

from django.utils import timezone
from procrastinate.contrib.django import app

from moothall.core.jobs.retrying import Backoff
from moothall.domain.notifications import actions

KEPT = timedelta(days=90)


@app.task(name=actions.TASK, retry=Backoff())
def email(*, notification_id: int) -> None:
    """Send one notification by e-mail."""
    actions.email(notification_id, at=timezone.now())


@app.periodic(cron="47 3 * * *")
@app.task(name="notifications.forget", queue="housekeeping")
def forget(timestamp: int) -> None:
    """Delete notifications that are more than 90 days old."""
    actions.forget(before=datetime.fromtimestamp(timestamp, tz=UTC) - KEPT)
