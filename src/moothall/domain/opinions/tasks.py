"""What happens to opinions later or elsewhere."""

from datetime import timedelta

from django.utils import timezone
from procrastinate.contrib.django import app

from moothall.core.jobs.retrying import Backoff
from moothall.domain.opinions import asking, codes, copies

CODES_KEPT = timedelta(days=90)


@app.periodic(cron="15 * * * *")
@app.task(name="opinions.chase", queueing_lock="opinions.chase")
def chase(timestamp: int) -> None:  # noqa: ARG001 - when the job was due
    """End opinions whose time is over, and remind of those that are nearly out of time."""
    now = timezone.now()
    asking.expire_due(at=now)
    asking.remind_due(at=now)


@app.periodic(cron="37 3 * * *")
@app.task(name="opinions.forget_codes", queue="housekeeping", queueing_lock="opinions.forget_codes")
def forget_codes(timestamp: int) -> None:  # noqa: ARG001
    """Delete codes that can no longer be used by any link."""
    codes.forget(before=timezone.now() - CODES_KEPT)


@app.task(name=copies.TASK, retry=Backoff())
def copy(*, opinion_id: int) -> None:
    """Put the answer on the case as a document."""
    copies.file(opinion_id, at=timezone.now())


@app.task(name=codes.TASK, retry=Backoff(most=4))
def send_code(*, code_id: int) -> None:
    """Send one code by e-mail."""
    codes.deliver(code_id, at=timezone.now())
