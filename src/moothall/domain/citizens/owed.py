"""What is asked of somebody to pay, by a link that says nothing of them: whoever has it can pay, for themselves or for another.

The amount is that of the request, and stays so. How a payment stands is asked of the provider, never of the browser.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from django.utils.crypto import constant_time_compare, salted_hmac

from moothall.core.accounts.actions import system_user
from moothall.core.council.settings import read
from moothall.domain.cases import online
from moothall.domain.payments import providers
from moothall.domain.payments.actions import WAITED_FOR
from moothall.domain.payments.models import OPEN_ATTEMPTS, Attempt, Payment
from moothall.domain.payments.providers import ProviderError
from moothall.domain.payments.settings import Payments

MOST = 20
"""Payments of one case that are shown: the newest."""

_SALT = "moothall.citizens.owed"
_DIGITS = 32
_CAME_TO_NOTHING = (Attempt.State.DECLINED, Attempt.State.EXPIRED, Attempt.State.CANCELLED, Attempt.State.ERROR)


@dataclass(frozen=True)
class Owed:
    """A payment with the secret of its link; `failed`: the last try to pay it came to nothing."""

    payment: Payment
    secret: str
    failed: bool = False

    @property
    def waited_for(self) -> bool:
        """Whether it is still to be paid."""
        return self.payment.status in WAITED_FOR

    @property
    def trying(self) -> bool:
        """Whether somebody may be paying it at this moment, as far as is known here."""
        return self.waited_for and any(
            one.state in OPEN_ATTEMPTS and one.provider_id for one in self.payment.attempts.all()
        )


def of_case(reference: str) -> list[Owed]:
    """What is or was to be paid on the case with a reference, the newest first."""
    rows = Payment.objects.filter(case_link__case__reference=reference).exclude(status=Payment.Status.CANCELLED)
    return [_owed(one) for one in rows.prefetch_related("attempts").order_by("-pk")[:MOST]]


def found(secret: str) -> Owed | None:
    """What a link is about; nothing for one that is not ours."""
    number, _dash, proof = secret.partition("-")
    if not number.isdecimal() or len(number) > 18 or not constant_time_compare(proof, _proof(int(number))):
        return None
    rows = Payment.objects.filter(pk=int(number), case_link__isnull=False).select_related("case_link__case__service")
    payment = rows.defer("case_link__case__submitted").prefetch_related("attempts").first()
    return _owed(payment) if payment else None


def by_card() -> bool:
    """Whether the council takes cards online."""
    try:
        return providers.get(read(Payments).provider).connected()
    except ProviderError:
        return False


def begin(payment: Payment, *, return_url: str, language: str, at: datetime) -> str:
    """Where the payer goes to pay. Raises payments.PaymentRefused, ProviderError."""
    return online.begin(payment.pk, return_url=return_url, language=language, by=system_user(), at=at)


def came_back(payment_id: int, *, at: datetime) -> None:
    """Ask the provider how the last try stands, now that the payer is back. Not told now, it is asked again by the clock."""
    attempt = Attempt.objects.filter(payment=payment_id, state__in=OPEN_ATTEMPTS).order_by("-pk").first()
    if attempt:
        with suppress(ProviderError):
            online.look(attempt, at=at)


def _owed(payment: Payment) -> Owed:
    tries: Sequence[Attempt] = sorted(payment.attempts.all(), key=lambda one: one.pk)
    failed = bool(tries) and tries[-1].state in _CAME_TO_NOTHING
    return Owed(payment, f"{payment.pk}-{_proof(payment.pk)}", failed)


def _proof(number: int) -> str:
    return salted_hmac(_SALT, str(number), algorithm="sha256").hexdigest()[:_DIGITS]
