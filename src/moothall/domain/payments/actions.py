"""What is done with payments. All amounts are whole pence."""

from datetime import date, datetime, timedelta

from moothall.core import rows
from moothall.core.accounts.models import User
from moothall.core.council.settings import read
from moothall.domain.payments.models import OPEN_ATTEMPTS, Payment
from moothall.domain.payments.settings import Payments
from moothall.domain.places.actions import check_lengths
from moothall.kit import money
from moothall.kit.calendars import LONDON

HIGHEST = 100_000_000
"""One million pounds in pence: more is a slip of the keyboard."""
WAITED_FOR = frozenset({Payment.Status.REQUESTED, Payment.Status.FAILED})
NO_LONGER = frozenset({Payment.Status.CANCELLED, Payment.Status.EXPIRED})


class PaymentRefused(Exception):
    """A payment cannot be recorded, received, refunded or cancelled. Its message may be shown to whoever asked."""


def request(*, pence: int, purpose: str, by: User, at: datetime, expires_on: date | None = None) -> Payment:
    """Ask for an amount, which is fixed from then on, as is the last day to pay it. Raises PaymentRefused."""
    _check(pence, purpose, reference="")
    today, days = at.astimezone(LONDON).date(), read(Payments).days_to_pay
    if expires_on is not None and expires_on < today:
        raise PaymentRefused("The last day to pay is today or later.")
    if expires_on is None and days:
        expires_on = today + timedelta(days=days)
    return Payment.objects.create(
        pence=pence,
        purpose=purpose,
        status=Payment.Status.REQUESTED,
        created_at=at,
        created_by=by,
        expires_on=expires_on,
    )


def record(*, pence: int, method: str, purpose: str, reference: str, received_at: datetime, by: User) -> Payment:
    """Record money that came without being asked for here. Raises PaymentRefused."""
    _check(pence, purpose, reference=reference)
    _check_method(method)
    return rows.insert(
        Payment(
            pence=pence,
            purpose=purpose,
            status=Payment.Status.RECEIVED,
            method=method,
            reference=reference,
            created_at=received_at,
            created_by=by,
            received_at=received_at,
        )
    )


def receive(payment: Payment, *, method: str, reference: str, at: datetime, late: bool = False) -> Payment:
    """Record that a payment asked for has come, once; `late`: even if it was not waited for any more. Raises PaymentRefused."""
    _check_method(method)
    _check(payment.pence, payment.purpose, reference=reference)
    payment = _locked(payment)
    if payment.status not in (WAITED_FOR | NO_LONGER if late else WAITED_FOR):
        raise PaymentRefused(f"This payment is {payment.status} already, so it cannot be received.")
    payment.status, payment.method, payment.reference = Payment.Status.RECEIVED, method, reference
    payment.received_at = at
    payment.save(update_fields=["status", "method", "reference", "received_at"])
    return payment


def cancel(payment: Payment, *, failed: bool = False) -> Payment:
    """Record that a payment asked for will not come, or that an attempt to pay it `failed`. Raises PaymentRefused."""
    payment = _locked(payment)
    if payment.status not in WAITED_FOR:
        raise PaymentRefused(f"This payment is {payment.status}, so it cannot be cancelled. Refund what was received.")
    payment.status = Payment.Status.FAILED if failed else Payment.Status.CANCELLED
    payment.save(update_fields=["status"])
    return payment


def expire(payment: Payment) -> bool:
    """Let go of what was not paid by its last day; whether it was still waited for, and nobody is paying it now."""
    payment = _locked(payment)
    if payment.expires_on is None or payment.status != Payment.Status.REQUESTED:
        return False
    if payment.attempts.filter(state__in=OPEN_ATTEMPTS).exists():
        return False
    payment.status = Payment.Status.EXPIRED
    payment.save(update_fields=["status"])
    return True


def refund(payment: Payment, *, pence: int) -> Payment:
    """Record money given back: all of a payment or a part, never more than is left of it. Raises PaymentRefused."""
    if pence <= 0:
        raise PaymentRefused("Enter the amount given back, in pounds and pence.")
    payment = _locked(payment)
    if payment.status != Payment.Status.RECEIVED:
        raise PaymentRefused(f"This payment is {payment.status}, so nothing of it can be given back.")
    left = payment.pence - payment.refunded_pence
    if pence > left:
        raise PaymentRefused(f"{money.display(left)} is left of this payment, so no more than that can be given back.")
    payment.refunded_pence += pence
    if payment.refunded_pence == payment.pence:
        payment.status = Payment.Status.REFUNDED
    payment.save(update_fields=["refunded_pence", "status"])
    return payment


def _locked(payment: Payment) -> Payment:
    return Payment.objects.select_for_update().get(pk=payment.pk)


def _check(pence: int, purpose: str, *, reference: str) -> None:
    if not 0 < pence <= HIGHEST:
        raise PaymentRefused(f"Enter an amount from £0.01 to {money.display(HIGHEST)}.")
    if not purpose.strip():
        raise PaymentRefused("Say what the payment is for.")
    check_lengths(Payment, purpose=purpose, reference=reference)


def _check_method(method: str) -> None:
    methods = [value for value in Payment.Method.values if value]
    if method not in methods:
        raise PaymentRefused(f"“{method}” is not a way to pay: use {', '.join(methods)}.")
