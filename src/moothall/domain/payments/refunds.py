"""Refunds, as rows: proposed, agreed to, with the provider, paid out. All amounts are whole pence."""

from datetime import datetime, timedelta

from django.db.models import Sum

from moothall.core.accounts.models import User
from moothall.domain.payments import actions
from moothall.domain.payments.actions import PaymentRefused
from moothall.domain.payments.models import Payment, Refund
from moothall.domain.payments.providers import RefundState, Returned
from moothall.kit import money

LOOK = timedelta(hours=1)  # between questions whether a refund was paid out


def left(payment: Payment) -> int:
    """What may still be given back: not what is on its way back already."""
    pending = payment.refunds.filter(status__in=Refund.PENDING).aggregate(all=Sum("pence"))["all"] or 0
    return payment.pence - payment.refunded_pence - pending


def ask(
    payment: Payment, *, pence: int, reason: str, provider: str, status: Refund.Status, by: User, at: datetime
) -> Refund:
    """A refund of a payment that is locked. Raises PaymentRefused."""
    if pence <= 0:
        raise PaymentRefused("Enter the amount given back, in pounds and pence.")
    if not reason.strip():
        raise PaymentRefused("Say why the money is given back.")
    if payment.status != Payment.Status.RECEIVED:
        raise PaymentRefused(f"This payment is {payment.status}, so nothing of it can be given back.")
    if pence > (most := left(payment)):
        raise PaymentRefused(f"{money.display(most)} is left of this payment, so no more than that can be given back.")
    return Refund.objects.create(
        payment=payment, pence=pence, reason=reason.strip(), provider=provider, status=status, asked_at=at, asked_by=by
    )


def outside(payment: Payment, found: Returned, *, provider: str, by: User, at: datetime) -> Refund:
    """A refund that was made in the provider's own pages; what came of it is still to be noted."""
    return Refund.objects.create(
        payment=payment,
        pence=found.pence,
        reason="Given back in the provider's own pages.",
        provider=provider,
        outside=True,
        refund_id=found.refund_id,
        status=Refund.Status.SENT,
        asked_at=at,
        asked_by=by,
        look_at=at,
    )


def stands(refund: Refund, found: Returned, *, at: datetime) -> bool:
    """Note how a refund stands at its provider; whether that is news. The payment is locked."""
    before = refund.status
    if before not in (Refund.Status.QUEUED, Refund.Status.SENT):
        return False
    refund.refund_id = found.refund_id
    if found.state == RefundState.DONE:
        done(refund, at=at)
    elif found.state == RefundState.FAILED:
        failed(refund, why="The provider could not pay it out.")
    else:
        refund.status, refund.look_at = Refund.Status.SENT, at + LOOK
    refund.save(update_fields=["status", "refund_id", "done_at", "look_at", "problem"])
    return bool(refund.status != before)


def done(refund: Refund, *, at: datetime) -> None:
    """Count money as given back; not saved."""
    actions.refund(refund.payment, pence=refund.pence)
    refund.status, refund.done_at, refund.look_at = Refund.Status.DONE, at, None


def failed(refund: Refund, *, why: str) -> None:
    """Note that money was not given back; not saved."""
    refund.status, refund.problem, refund.look_at = Refund.Status.FAILED, why[:300], None
