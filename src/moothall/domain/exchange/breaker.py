"""The circuit breaker: a system that is down is left alone for a while, then tried with one item."""

from datetime import datetime, timedelta

from moothall.core.accounts.actions import system_user
from moothall.core.audit import recording
from moothall.domain.exchange.claims import committed
from moothall.domain.exchange.models import Connector
from moothall.domain.exchange.operations import SendError

LONGEST_STOP = timedelta(minutes=30)


def answered(connector_id: int, *, at: datetime) -> None:
    """The other system answered: whatever failures there were, they are over."""
    if Connector.objects.filter(pk=connector_id, failures_in_a_row=0, breaker_until=None).exists():
        return
    with committed("connector.answered", at=at):
        connector = Connector.objects.select_for_update(no_key=True).get(pk=connector_id)
        if connector.breaker_until:
            recording.record("connector.breaker_closed", connector, by=system_user(), at=at)
        connector.failures_in_a_row, connector.breaker_until = 0, None
        connector.save(update_fields=["failures_in_a_row", "breaker_until"])


def failed(connector_id: int, error: SendError, *, at: datetime) -> None:
    """Count a failure; after `breaker_after` in a row no calls are made for a time that doubles with each more.

    When the other system said how long to wait, that is kept instead and not counted.
    """
    with committed("connector.failed", at=at):
        connector = Connector.objects.select_for_update(no_key=True).get(pk=connector_id)
        if error.retry_after is not None:
            until = at + error.retry_after
            connector.next_call_at = max(connector.next_call_at or until, until)
        elif connector.breaker_until is None or connector.breaker_until <= at:
            connector.failures_in_a_row += 1
            over = connector.failures_in_a_row - connector.breaker_after
            if over >= 0:
                seconds = min(connector.retry_seconds * 2.0 ** min(over, 40), LONGEST_STOP.total_seconds())
                connector.breaker_until = at + timedelta(seconds=seconds)
                recording.record(
                    "connector.breaker_opened",
                    connector,
                    by=system_user(),
                    at=at,
                    until=connector.breaker_until.isoformat(),
                    failures=connector.failures_in_a_row,
                )
        connector.save(update_fields=["next_call_at", "failures_in_a_row", "breaker_until"])
