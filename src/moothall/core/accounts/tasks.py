"""What is done later with accounts."""

from datetime import UTC, datetime, timedelta

from procrastinate.contrib.django import app

from moothall.core.accounts import sign_in


@app.periodic(cron="17 3 * * *")
@app.task(name="accounts.forget_sign_in_attempts", queue="housekeeping")
def forget_sign_in_attempts(timestamp: int) -> None:
    """Delete tries at signing in that are more than a day old."""
    sign_in.forget_attempts(before=datetime.fromtimestamp(timestamp, tz=UTC) - timedelta(days=1))
