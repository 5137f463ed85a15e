"""What happens to files later."""

from django.utils import timezone
from procrastinate.contrib.django import app

from moothall.domain.documents import actions


@app.periodic(cron="40 3 * * *")
@app.task(name="documents.sweep", queueing_lock="documents.sweep")
def sweep(timestamp: int) -> None:  # noqa: ARG001 - when the job was due
    """Remove stored files no document has."""
    actions.sweep(at=timezone.now())
