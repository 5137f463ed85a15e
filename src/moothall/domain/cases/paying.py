"""Payments of a case: asked for, received, given back. Amounts are whole pence."""

from datetime import date, datetime
from typing import Any

from moothall.core import planned, rows
from moothall.core.accounts.actions import system_user
from moothall.core.accounts.models import User
from moothall.core.audit import recording
from moothall.domain.cases import progress, timeline
from moothall.domain.cases.effects import Occasion, handles
from moothall.domain.cases.locking import lock
from moothall.domain.cases.models import Case, CasePayment, Run, TimelineEntry
from moothall.domain.payments import actions as payments
from moothall.domain.payments import attempts
from moothall.domain.payments.models import Payment
from moothall.kit import money


def request_payment(
    case: Case,
    *,
    pence: int,
    purpose: str,
    by: User,
    at: datetime,
    run: Run | None = None,
    expires_on: date | None = None,
) -> Payment:
    """Ask for a payment on a case, for `run`, or else as `record_payment` says. Raises payments.PaymentRefused.

    It may be paid until `expires_on`, or for as long as the council gives.
    """
    with recording.because(action="payment.requested", by=by, at=at):
        lock(case)
        payment = payments.request(pence=pence, purpose=purpose, by=by, at=at, expires_on=expires_on)
        rows.insert(CasePayment(case=case, payment=payment, run_id=run.pk if run else run_it_is_for(case)))
        _write(case, payment, "requested", f"{money.display(pence)} asked for: {purpose}.", by=by, at=at)
    return payment


def record_payment(
    case: Case,
    *,
    pence: int,
    method: str,
    by: User,
    at: datetime,
    purpose: str = "Payment",
    reference: str = "",
    run: Run | None = None,
) -> Payment:
    """Record money received on a case without having been asked for here. Raises payments.PaymentRefused.

    It is for `run`; not told, for the run that waits for a payment, or else the oldest going on; of no run when none is.
    """
    with recording.because(action="payment.received", by=by, at=at):
        lock(case)
        payment = payments.record(
            pence=pence, method=method, purpose=purpose, reference=reference, received_at=at, by=by
        )
        rows.insert(CasePayment(case=case, payment=payment, run_id=run.pk if run else run_it_is_for(case)))
        _write(case, payment, "received", _came(payment), by=by, at=at)
    return payment


def receive_payment(
    case: Case, payment: Payment, *, method: str, by: User, at: datetime, reference: str = ""
) -> Payment:
    """Record that a payment asked for on a case has come, once. Raises payments.PaymentRefused."""
    with recording.because(action="payment.received", by=by, at=at):
        lock(case)
        payment = payments.receive(_of(case, payment), method=method, reference=reference, at=at)
        attempts.look_soon(payment, at=at)
        _write(case, payment, "received", _came(payment), by=by, at=at)
    return payment


def cancel_payment(
    case: Case, payment: Payment, *, reason: str, by: User, at: datetime, failed: bool = False
) -> Payment:
    """Record that a payment asked for will not come, or that paying it `failed`. Raises payments.PaymentRefused."""
    with recording.because(action="payment.cancelled", by=by, at=at, reason=reason):
        lock(case)
        payment = payments.cancel(_of(case, payment), failed=failed)
        attempts.look_soon(payment, at=at)
        word = "failed" if failed else "cancelled"
        _write(case, payment, word, f"Payment of {money.display(payment.pence)} {word}: {reason}.", by=by, at=at)
    return payment


def expire_payment(case: Case, payment: Payment, *, at: datetime) -> None:
    """Record that what was asked for was not paid by its last day, unless somebody may be paying at this moment."""
    by = system_user()
    with recording.because(action="payment.expired", by=by, at=at):
        lock(case)
        if not payments.expire(_of(case, payment)):
            return
        text = f"{money.display(payment.pence)} asked for was not paid by {payment.expires_on:%-d %B %Y}."
        _write(case, payment, "expired", text, by=by, at=at)


def expire_due(*, today: date, at: datetime, most: int = 500) -> int:
    """Let go of requests whose last day has passed. Returns how many were looked at."""
    late = Payment.objects.filter(status=Payment.Status.REQUESTED, expires_on__lt=today)
    found = list(late.select_related("case_link__case").order_by("expires_on", "id")[:most])
    for payment in found:
        expire_payment(payment.case_link.case, payment, at=at)
    return len(found)


def came(case: Case, payment: Payment, *, also: str = "", by: User, at: datetime) -> None:
    """Say on a case that money came, and let automatic stages move on. The case is locked."""
    _write(case, payment, "received", _came(payment) + also, by=by, at=at)


def gave_back(case: Case, payment: Payment, *, pence: int, text: str, by: User, at: datetime) -> None:
    """Say on a case that money was given back, and let automatic stages move on. The case is locked."""
    timeline.write(case, kind=TimelineEntry.Kind.PAYMENT, text=text, by=by, at=at, payment=payment.pk)
    recording.record("payment.refunded", payment, by=by, at=at, case=case.pk, pence=pence)
    progress.happened(case, event="payment", at=at)


def say(case: Case, payment: Payment, text: str, *, by: User, at: datetime) -> None:
    """Write a sentence about a payment on the timeline of its case."""
    timeline.write(case, kind=TimelineEntry.Kind.PAYMENT, text=text, by=by, at=at, payment=payment.pk)


@handles("payment")
def perform_payment(effect: Any, occasion: Occasion) -> None:
    """Ask for the payment an outcome names, or record the one its answers tell of."""
    case, by, at = occasion.case, occasion.by, occasion.at
    amount = occasion.answers[effect.amount_from] if effect.amount_from else money.to_pence(effect.amount)
    purpose = effect.description or case.service.name
    if effect.action == "request":
        request_payment(case, pence=amount, purpose=purpose, by=by, at=at, run=occasion.run)
        return
    method = occasion.answers.get(effect.method_from or "", "")
    reference = occasion.answers.get(effect.reference_from or "", "")
    run = occasion.run
    record_payment(case, pence=amount, method=method, purpose=purpose, reference=reference, by=by, at=at, run=run)


_RUN_IT_IS_FOR = """
    SELECT run_id FROM cases_workitem WHERE case_id = %s AND finished_at IS NULL
    ORDER BY 'payment' = ANY (wakes_on) DESC, run_id LIMIT 1
"""


def run_it_is_for(case: Case) -> int | None:
    """The run that waits for a payment, or else the oldest that goes on."""
    with planned.cursor() as cursor:
        cursor.execute(_RUN_IT_IS_FOR, [case.pk])
        found = cursor.fetchone()
    return found[0] if found else None


def _of(case: Case, payment: Payment) -> Payment:
    return Payment.objects.get(pk=payment.pk, case_link__case=case)


def _came(payment: Payment) -> str:
    reference = f", reference {payment.reference}" if payment.reference else ""
    return f"{money.display(payment.pence)} received by {payment.get_method_display().lower()}{reference}."


def _write(case: Case, payment: Payment, verb: str, text: str, *, by: User, at: datetime) -> None:
    timeline.write(case, kind=TimelineEntry.Kind.PAYMENT, text=text, by=by, at=at, payment=payment.pk)
    recording.record(f"payment.{verb}", payment, by=by, at=at, case=case.pk, pence=payment.pence)
    progress.happened(case, event="payment", at=at)
