"""What is done later for citizens' accounts."""

from datetime import timedelta

from django.utils import timezone
from procrastinate.contrib.django import app

from moothall.core.jobs.retrying import Backoff
from moothall.domain.citizens import reminding, returning, sessions, telling, tickets

KEPT = timedelta(days=7)


@app.task(name=tickets.TASK, retry=Backoff(most=6))
def send_ticket(*, ticket_id: int) -> None:
    """Send one link by e-mail."""
    tickets.deliver(ticket_id, at=timezone.now())


@app.task(name=telling.TASK, retry=Backoff(most=6))
def tell_of_message(*, message_id: int) -> None:
    """Let who follows a case know that there is a message."""
    telling.deliver(message_id, at=timezone.now())


@app.task(name=returning.TASK, retry=Backoff(most=6))
def send_return(*, letter: str) -> None:
    """Send the link to a draft."""
    returning.deliver(letter, at=timezone.now())


@app.periodic(cron="23 9 * * *")
@app.task(name="citizens.remind", queue="housekeeping", queueing_lock="citizens.remind")
def remind(timestamp: int) -> None:  # noqa: ARG001
    """Remind whoever left documents of a form for later."""
    now = timezone.now()
    reminding.remind_due(today=timezone.localdate(now), at=now)


@app.periodic(cron="47 3 * * *")
@app.task(name="citizens.forget", queue="housekeeping", queueing_lock="citizens.forget")
def forget(timestamp: int) -> None:  # noqa: ARG001
    """Delete sessions that have ended and links that can no longer be used."""
    before = timezone.now() - KEPT
    tickets.forget(before=before)
    sessions.forget(before=before)
