"""Attempts to pay online, as rows: begun, answered, taken or come to nothing. All amounts are whole pence."""

from datetime import datetime, timedelta

from moothall.domain.payments.actions import WAITED_FOR, PaymentRefused
from moothall.domain.payments.models import OPEN_ATTEMPTS, Attempt, Payment
from moothall.domain.payments.providers import Standing, State
from moothall.kit.calendars import LONDON

LOOKS = (2, 5, 10, 20, 30)  # minutes before each of the first looks, while somebody may be paying
HOURLY, DAILY = timedelta(hours=1), timedelta(days=1)
HOURLY_LOOKS, MOST_LOOKS = 24, 37  # hourly for a day, then daily for a week
_ENDS = {
    State.DECLINED: Attempt.State.DECLINED,
    State.EXPIRED: Attempt.State.EXPIRED,
    State.CANCELLED: Attempt.State.CANCELLED,
    State.ERROR: Attempt.State.ERROR,
}


def check_payable(payment: Payment, *, at: datetime) -> None:
    """Raises PaymentRefused for a payment that is not waited for."""
    if payment.status not in WAITED_FOR:
        raise PaymentRefused(f"This payment is {payment.status}, so it cannot be paid.")
    if payment.expires_on and payment.expires_on < at.astimezone(LONDON).date():
        raise PaymentRefused("The last day to pay this has passed: ask for a new one.")


def open_one(payment: Payment, provider: str) -> Attempt | None:
    """The attempt somebody may be paying at this moment."""
    return payment.attempts.filter(provider=provider, state__in=OPEN_ATTEMPTS).order_by("-id").first()


def begin(payment: Payment, *, provider: str, stem: str, at: datetime) -> Attempt:
    """Note that a payment is about to be tried; its reference is `stem` and a number of its own. The payment is locked."""
    number = Attempt.objects.filter(payment=payment).count() + 1
    return Attempt.objects.create(
        payment=payment,
        provider=provider,
        reference=f"{stem}-{payment.pk}-{number}",
        pence=payment.pence,
        began_at=at,
        look_at=at + timedelta(minutes=LOOKS[0]),
    )


def look_soon(payment: Payment, *, at: datetime) -> None:
    """Have open attempts of a payment looked at now: it is not waited for any more."""
    payment.attempts.filter(state__in=OPEN_ATTEMPTS).update(look_at=at)


def answered(attempt: Attempt, standing: Standing) -> None:
    """Note that the provider has it, if that was not known."""
    if not attempt.provider_id:
        attempt.provider_id = standing.provider_id
    if attempt.state == Attempt.State.BEGUN:
        attempt.state = Attempt.State.WAITING


def ended(attempt: Attempt, state: State, *, why: str, at: datetime) -> None:
    """Note that an attempt came to nothing."""
    attempt.state, attempt.why, attempt.finished_at, attempt.look_at = _ENDS[state], why[:300], at, None


def look_again(attempt: Attempt, *, at: datetime) -> None:
    """Say when the provider is asked next: soon while somebody may be paying, then hourly, daily, and no more."""
    attempt.looks += 1
    if attempt.looks >= MOST_LOOKS:
        attempt.state, attempt.finished_at, attempt.look_at = Attempt.State.LOST, at, None
        attempt.why = "Nothing was heard of it any more."
    elif attempt.looks < len(LOOKS):
        attempt.look_at = at + timedelta(minutes=LOOKS[attempt.looks])
    else:
        attempt.look_at = at + (HOURLY if attempt.looks < len(LOOKS) + HOURLY_LOOKS else DAILY)
