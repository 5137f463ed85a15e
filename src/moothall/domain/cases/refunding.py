"""Money of cases given back: by hand, or through the provider that took it; above a limit with a second officer (BEST-42)."""

from datetime import datetime

from django.db.models import Sum

from moothall.core.accounts.actions import system_user
from moothall.core.accounts.models import User
from moothall.core.audit import recording
from moothall.core.council.settings import read
from moothall.domain.cases import paying
from moothall.domain.cases.locking import lock
from moothall.domain.cases.models import Case
from moothall.domain.payments import providers, refunds
from moothall.domain.payments.actions import PaymentRefused
from moothall.domain.payments.models import Payment, Refund
from moothall.domain.payments.providers import Returned
from moothall.domain.payments.settings import Payments
from moothall.kit import money


def through(payment: Payment) -> str:
    """The provider a payment is given back through; empty when that is done by hand."""
    attempt = getattr(payment, "settled_by", None)
    return attempt.provider if attempt and providers.get(attempt.provider).refunds else ""


def ask(case: Case, payment: Payment, *, pence: int, reason: str, by: User, at: datetime) -> Refund:
    """Give money back, or propose to where a second officer must agree. Raises PaymentRefused.

    By hand it is recorded as given back; through a provider it is `queued`, and whoever calls this sees to the queue.
    """
    with recording.because(action="payment.refund_asked", by=by, at=at, reason=reason):
        lock(case)
        payment = _locked(case, payment.pk)
        provider = through(payment)
        status = Refund.Status.PROPOSED if _needs_second(payment, pence) else Refund.Status.QUEUED
        refund = refunds.ask(payment, pence=pence, reason=reason, provider=provider, status=status, by=by, at=at)
        recording.record("payment.refund_asked", refund, by=by, at=at, case=case.pk, pence=pence)
        if status == Refund.Status.PROPOSED:
            paying.say(case, payment, f"{money.display(pence)} to be given back, if a second officer agrees: {refund.reason}.", by=by, at=at)  # fmt: skip
        else:
            _go(case, refund, by=by, at=at)
    return refund


def agree(case: Case, refund: Refund, *, by: User, at: datetime) -> Refund:
    """Agree, as another officer than who proposed it, that money is given back. Raises PaymentRefused."""
    with recording.because(action="payment.refund_agreed", by=by, at=at):
        lock(case)
        refund = _proposed(case, refund, by=by)
        refund.status, refund.decided_by, refund.decided_at = Refund.Status.QUEUED, by, at
        refund.save(update_fields=["status", "decided_by", "decided_at"])
        recording.record("payment.refund_agreed", refund, by=by, at=at, case=case.pk, pence=refund.pence)
        _go(case, refund, by=by, at=at)
    return refund


def decline(case: Case, refund: Refund, *, reason: str, by: User, at: datetime) -> Refund:
    """Refuse a proposed refund, or take one's own proposal back. Raises PaymentRefused."""
    with recording.because(action="payment.refund_declined", by=by, at=at, reason=reason):
        lock(case)
        refund = _proposed(case, refund, by=None)
        refund.status, refund.decided_by, refund.decided_at = Refund.Status.DECLINED, by, at
        refund.problem = reason.strip()[:300]
        refund.save(update_fields=["status", "decided_by", "decided_at", "problem"])
        recording.record("payment.refund_declined", refund, by=by, at=at, case=case.pk, pence=refund.pence)
        text = f"{money.display(refund.pence)} is not given back: {refund.problem}."
        paying.say(case, refund.payment, text, by=by, at=at)
    return refund


def stands(refund_id: int, found: Returned, *, at: datetime) -> Refund:
    """Write down how a refund stands at its provider, once."""
    case = Case.objects.defer("submitted").get(payment_links__payment__refunds=refund_id)
    with recording.because(action="payment.refund_looked_at", by=system_user(), at=at):
        lock(case)
        refund = _held(case, refund_id)
        if refunds.stands(refund, found, at=at):
            _tell(case, refund, at=at)
    return refund


def gave_up(refund_id: int, *, why: str, at: datetime) -> Refund:
    """Write down that money was not given back after all."""
    case = Case.objects.defer("submitted").get(payment_links__payment__refunds=refund_id)
    with recording.because(action="payment.refund_failed", by=system_user(), at=at):
        lock(case)
        refund = _held(case, refund_id)
        if refund.status in (Refund.Status.QUEUED, Refund.Status.SENT):
            refunds.failed(refund, why=why)
            refund.save(update_fields=["status", "problem", "look_at"])
            _tell(case, refund, at=at)
    return refund


def compare(payment_id: int, listed: list[Returned], *, provider: str, at: datetime) -> None:
    """Bring the refunds of a payment up to date with all that its provider lists, those made elsewhere too."""
    case = Case.objects.defer("submitted").get(payment_links__payment=payment_id)
    with recording.because(action="payment.refund_looked_at", by=system_user(), at=at):
        lock(case)
        payment = _locked(case, payment_id)
        known = {one.refund_id: one for one in payment.refunds.exclude(refund_id="")}
        coming = [one.pence for one in payment.refunds.filter(status=Refund.Status.QUEUED, refund_id="")]
        for found in listed:
            refund = known.get(found.refund_id)
            if refund is None and found.pence in coming:
                coming.remove(found.pence)  # it may be the one that is on its way: the queue asks
                continue
            if refund is None:
                refund = refunds.outside(payment, found, provider=provider, by=system_user(), at=at)
            refund.payment = payment
            if refunds.stands(refund, found, at=at):
                payment.refresh_from_db()
                _tell(case, refund, at=at)


def _go(case: Case, refund: Refund, *, by: User, at: datetime) -> None:
    if refund.provider:
        text = f"{money.display(refund.pence)} to be given back through {providers.name_of(refund.provider)}: {refund.reason}."
        paying.say(case, refund.payment, text, by=by, at=at)
        return
    refunds.done(refund, at=at)
    refund.save(update_fields=["status", "done_at", "look_at"])
    _tell(case, refund, by=by, at=at)


def _tell(case: Case, refund: Refund, *, at: datetime, by: User | None = None) -> None:
    by, amount = by or system_user(), money.display(refund.pence)
    if refund.status == Refund.Status.DONE:
        paying.gave_back(
            case, refund.payment, pence=refund.pence, text=f"{amount} given back: {refund.reason}", by=by, at=at
        )
    elif refund.status == Refund.Status.FAILED:
        paying.say(case, refund.payment, f"{amount} could not be given back: {refund.problem}", by=by, at=at)


def _needs_second(payment: Payment, pence: int) -> bool:
    """Whether all that is given back of a payment comes to more than one officer may give back alone."""
    limit = read(Payments).second_officer_over_pence
    counted = payment.refunds.exclude(status__in=(Refund.Status.DECLINED, Refund.Status.FAILED))
    return bool(limit) and pence + (counted.aggregate(all=Sum("pence"))["all"] or 0) > limit


def _proposed(case: Case, refund: Refund, *, by: User | None) -> Refund:
    refund = _held(case, refund.pk)
    if refund.status != Refund.Status.PROPOSED:
        raise PaymentRefused("This refund is decided already.")
    if by is not None and refund.asked_by_id == by.pk:
        raise PaymentRefused("You proposed this refund: another officer must agree to it.")
    return refund


def _held(case: Case, refund_id: int) -> Refund:
    refund = Refund.objects.select_for_update(of=("self",)).get(pk=refund_id, payment__case_link__case=case)
    refund.payment = _locked(case, refund.payment_id)
    return refund


def _locked(case: Case, payment_id: int) -> Payment:
    return Payment.objects.select_for_update(of=("self",)).get(pk=payment_id, case_link__case=case)
