"""What other systems tell by themselves: about payments, each of which a job looks at, and how messages ended."""

from django.db import transaction
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

HEARD = "payments.heard"
ENDED = "exchange.message_ended"


def heard(provider: str, provider_id: str) -> None:
    """Have a payment looked at, as something is said to have happened to it."""
    job = app.configure_task(HEARD, queueing_lock=f"{HEARD} {provider} {provider_id}")
    try:
        with transaction.atomic():  # one that waits already spoils no transaction around it
            job.defer(provider=provider, provider_id=provider_id)
    except AlreadyEnqueued:
        return


def message_ended(external_id: str, *, status: str, said: str, good: bool, again: bool) -> None:
    """Have how a message ended written on its case; once for each status."""
    job = app.configure_task(ENDED, queueing_lock=f"{ENDED} {external_id} {status}")
    try:
        with transaction.atomic():
            job.defer(external_id=external_id, status=status, said=said, good=good, again=again)
    except AlreadyEnqueued:
        return
