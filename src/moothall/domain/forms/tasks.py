"""What happens to forms later or elsewhere."""

from django.utils import timezone
from procrastinate.contrib.django import app

from moothall.core.jobs.retrying import Backoff
from moothall.domain.forms import delivering, drafts, submitting


@app.task(name=submitting.TASK, queue=submitting.QUEUE, retry=Backoff(most=60))
def deliver(*, delivery_id: int) -> None:
    """Make one delivery."""
    delivering.deliver(delivery_id, at=timezone.now())


@app.periodic(cron="41 * * * *")
@app.task(name="forms.expire", queue="housekeeping", queueing_lock="forms.expire")
def expire(timestamp: int) -> None:  # noqa: ARG001 - when the job was due
    """Delete drafts whose time is over."""
    drafts.expire(at=timezone.now())
