"""The jobs of the integration queue."""

from procrastinate.contrib.django import app

from moothall.core.leases import database_clock
from moothall.domain.exchange import dispatch, queries
from moothall.domain.exchange.wake import QUEUE, TASK, wake


@app.task(name=TASK, queue=QUEUE)
def send_due(connector: str) -> None:
    """Send what is due at one connector (its key)."""
    dispatch.send_due(connector)


@app.periodic(cron="* * * * *")
@app.task(name="exchange.sweep", queue=QUEUE, queueing_lock="exchange.sweep")
def sweep(timestamp: int) -> None:
    """Every minute: wake a sender for each connector with something due or left by a sender that died."""
    del timestamp  # when the sweep was due; what is due is decided by the time now
    for key in queries.connectors_with_work(at=database_clock()):
        wake(key)
