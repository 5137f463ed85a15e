"""Refunds and the integration queue: what is given back through a provider goes by way of it (BEST-42)."""

from datetime import datetime

from moothall.core.accounts.models import User
from moothall.core.audit import recording
from moothall.domain.cases import refunding
from moothall.domain.cases.models import Case
from moothall.domain.exchange.actions import queue
from moothall.domain.exchange.models import Item
from moothall.domain.payments import providers
from moothall.domain.payments.models import Payment, Refund


def give_back(case: Case, payment: Payment, *, pence: int, reason: str, by: User, at: datetime) -> Refund:
    """Give money back, or propose to. Raises payments.PaymentRefused."""
    with recording.because(action="payment.refund_asked", by=by, at=at, reason=reason):
        refund = refunding.ask(case, payment, pence=pence, reason=reason, by=by, at=at)
        _queue(case, refund, by=by, at=at)
    return refund


def agree(case: Case, refund: Refund, *, by: User, at: datetime) -> Refund:
    """Agree to a refund a colleague proposed. Raises payments.PaymentRefused."""
    with recording.because(action="payment.refund_agreed", by=by, at=at):
        refund = refunding.agree(case, refund, by=by, at=at)
        _queue(case, refund, by=by, at=at)
    return refund


def give_up(*, at: datetime, most: int = 500) -> int:
    """Write down refunds that somebody cancelled on the queue, which are not going to happen. Returns how many."""
    waiting = Refund.objects.filter(status=Refund.Status.QUEUED).exclude(provider="").order_by("id")
    keys = {_key(pk): pk for pk in waiting.values_list("pk", flat=True)[:most]}
    settled = Item.objects.filter(idempotency_key__in=keys, status__in=(Item.Status.CANCELLED, Item.Status.SKIPPED))
    found = list(settled.values_list("idempotency_key", "settled_reason"))
    for key, reason in found:
        refunding.gave_up(keys[key], why=f"It was taken off the integration queue: {reason}", at=at)
    return len(found)


def _queue(case: Case, refund: Refund, *, by: User, at: datetime) -> None:
    if refund.status == Refund.Status.QUEUED and refund.provider:
        operation = providers.get(refund.provider).refund_operation()
        queue(case, operation, by=by, at=at, arguments={"refund": refund.pk}, key=_key(refund.pk))


def _key(refund_id: int) -> str:
    return f"refund {refund_id}"
