"""What the workers would have done in the past weeks: orders sent when they were due, e-mails and letters when they were written."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.conf import settings

from moothall.connectors.dft_blue_badge import KEY
from moothall.domain.cases import delivery
from moothall.domain.exchange import dispatch
from moothall.domain.exchange.models import Item
from moothall.domain.messages.models import Message
from moothall.sandbox.testing import Running

SOON = timedelta(seconds=40)  # after it is due, as it is where workers are not idle
PATIENCE_SECONDS = 20


def catch_up(sandbox: Running, *, now: datetime) -> None:
    """Send what was due before `now`, each at its time, in the order of these times; the mail goes to the sandbox's sink."""
    waiting = Item.objects.waiting().filter(connector__key=KEY, due_at__lte=now - SOON)
    for due in sorted(set(waiting.values_list("due_at", flat=True))):
        dispatch.send_due(KEY, seconds=PATIENCE_SECONDS, clock=dispatch.clock_from(due + SOON))
    queued = Message.objects.filter(status=Message.Status.QUEUED, created_at__lte=now - SOON)
    with _mail_server(*sandbox.smtp):
        for number, written in list(queued.order_by("created_at", "pk").values_list("pk", "created_at")):
            delivery.deliver(number, at=written + SOON)


@contextmanager
def _mail_server(host: str, port: int) -> Iterator[None]:
    before = settings.EMAIL_HOST, settings.EMAIL_PORT
    settings.EMAIL_HOST, settings.EMAIL_PORT = host, port
    try:
        yield
    finally:
        settings.EMAIL_HOST, settings.EMAIL_PORT = before
