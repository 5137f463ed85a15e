"""What is done later with accounts."""

from datetime import UTC, datetime, timedelta

from django.contrib.sessions.backends.db import SessionStore
from procrastinate.contrib.django import app

from moothall.core.accounts import sign_in


@app.periodic(cron="17 3 * * *")
@app.task(name="accounts.forget_sign_in_attempts", queue="housekeeping")
def forget_sign_in_attempts(timestamp: int) -> None:
    """Delete tries at signing in that are more than a day old."""
    sign_in.forget_attempts(before=datetime.fromtimestamp(timestamp, tz=UTC) - timedelta(days=1))


@app.periodic(cron="27 3 * * *")
@app.task(name="accounts.forget_sessions", queue="housekeeping")
def forget_sessions(timestamp: int) -> None:  # noqa: ARG001 - every periodic task is given it
    """Delete the sessions that have ended."""
    SessionStore.clear_expired()
