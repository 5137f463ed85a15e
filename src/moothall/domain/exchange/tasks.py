"""The jobs of the integration queue, and those that ask providers of payments."""

from datetime import timedelta

import structlog
from django.utils import timezone
from procrastinate.contrib.django import app

from moothall.core.jobs.retrying import Backoff
from moothall.core.leases import database_clock
from moothall.domain.cases import online, paying, reckoning
from moothall.domain.exchange import deliveries, dispatch, operations, queries, refunds
from moothall.domain.exchange.actions import ensure_connector
from moothall.domain.exchange.hearing import ENDED, HEARD
from moothall.domain.exchange.wake import QUEUE, TASK, wake
from moothall.domain.payments import providers
from moothall.domain.payments.providers import ProviderError
from moothall.kit.calendars import LONDON

log = structlog.get_logger("moothall.payments")
DAYS_RECKONED = 3  # anew each night: what came late is found


@app.task(name=TASK, queue=QUEUE)
def send_due(connector: str) -> None:
    """Send what is due at one connector (its key)."""
    dispatch.send_due(connector)


@app.periodic(cron="* * * * *")
@app.task(name="exchange.sweep", queue=QUEUE, queueing_lock="exchange.sweep")
def sweep(timestamp: int) -> None:
    """Every minute: wake a sender for each connector with something due or left by a sender that died."""
    del timestamp  # when the sweep was due; what is due is decided by the time now
    for key in operations.set_up():
        ensure_connector(key)
    for key in queries.connectors_with_work(at=database_clock()):
        wake(key)


@app.periodic(cron="* * * * *")
@app.task(name="payments.look", queueing_lock="payments.look")
def look_at_payments(timestamp: int) -> None:  # noqa: ARG001 - when the job was due
    """Ask how attempts to pay and refunds stand whose time has come."""
    now = timezone.now()
    online.sweep(at=now)
    refunds.give_up(at=now)
    for provider in providers.connected():
        try:
            reckoning.look_at_due_refunds(at=now, of=provider)
        except ProviderError as error:
            log.warning("refunds could not be asked about", provider=provider.key, problem=str(error))


@app.task(name=HEARD, retry=Backoff(most=10, first_seconds=2.0, longest_seconds=3600.0))
def heard_of_payment(*, provider: str, provider_id: str) -> None:
    """Look at a payment that a message was about. The clock finds what this gives up."""
    reckoning.heard(providers.get(provider), provider_id, at=timezone.now())


@app.task(name=ENDED, retry=Backoff(most=8, first_seconds=5.0, longest_seconds=3600.0))
def message_ended(*, external_id: str, status: str, said: str, good: bool, again: bool) -> None:
    """Write how a message ended on its case; tried again while its sending is not written down yet."""
    deliveries.ended(external_id, status=status, said=said, good=good, again=again, at=timezone.now())


@app.periodic(cron="25 0 * * *")
@app.task(name="payments.expire", queueing_lock="payments.expire")
def expire_payments(timestamp: int) -> None:  # noqa: ARG001
    """Let go of what was asked for and not paid by its last day."""
    now = timezone.now()
    paying.expire_due(today=now.astimezone(LONDON).date(), at=now)


@app.periodic(cron="40 4 * * *")
@app.task(name="payments.reckon", queueing_lock="payments.reckon")
def reckon_payments(timestamp: int) -> None:  # noqa: ARG001
    """Compare the last days with each provider."""
    now = timezone.now()
    for provider in providers.connected():
        for days in range(DAYS_RECKONED, 0, -1):
            try:
                reckoning.reckon(provider, now.astimezone(LONDON).date() - timedelta(days=days), at=now)
            except ProviderError as error:
                log.warning("a day could not be compared", provider=provider.key, problem=str(error))


@app.periodic(cron="35 3 * * *")
@app.task(name="payments.forget", queue="housekeeping", queueing_lock="payments.forget")
def forget_payments(timestamp: int) -> None:  # noqa: ARG001
    """Delete comparisons and money of nobody that are older than anybody may ask about."""
    reckoning.forget(before=timezone.now() - reckoning.KEPT)
