"""What the API does later."""

from datetime import UTC, datetime, timedelta

from procrastinate.contrib.django import app

from moothall.web.api.models import forget_answers

KEPT = timedelta(days=2)


@app.periodic(cron="37 3 * * *")
@app.task(name="api.forget_answers", queue="housekeeping")
def forget_stored_answers(timestamp: int) -> None:
    """Delete stored answers older than two days: an idempotency key is good for at least that long."""
    forget_answers(before=datetime.fromtimestamp(timestamp, tz=UTC) - KEPT)
