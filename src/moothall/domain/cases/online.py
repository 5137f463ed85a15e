"""Payments of cases taken online: begun, asked about, recorded once.

A provider is called in no transaction. What it answers is written in one, with the case locked, and only if that is not
known already: so the payer's return, a message of the provider, a look by the clock and any of them twice come to the same.
"""

from contextlib import suppress
from datetime import date, datetime, timedelta

from django.db import IntegrityError, transaction

from moothall.core.accounts.actions import system_user
from moothall.core.accounts.models import User
from moothall.core.audit import recording
from moothall.core.council.settings import read
from moothall.domain.cases import communications, paying, recipients, timeline
from moothall.domain.cases.locking import lock
from moothall.domain.cases.models import Case, CasePayment, TimelineEntry
from moothall.domain.messages.language import TemplateFault
from moothall.domain.messages.templates import NoSuchTemplate
from moothall.domain.payments import actions as payments
from moothall.domain.payments import attempts, providers
from moothall.domain.payments.actions import WAITED_FOR, PaymentRefused
from moothall.domain.payments.models import Attempt, Payment
from moothall.domain.payments.providers import Asked, NoSuchPayment, ProviderError, Standing, State
from moothall.domain.payments.settings import Payments
from moothall.kit import money
from moothall.kit.calendars import LONDON

MOST_AT_ONCE = 50
RECEIPT = "payment_receipt"
"""The letter of a service that whoever paid online is sent."""
SURELY_NOT = timedelta(hours=2)  # after which a search would have found a payment that was begun


def begin(payment_id: int, *, return_url: str, language: str = "en", by: User, at: datetime) -> str:
    """Where the payer goes to pay what was asked for: one page at a time for one payment.

    Where an earlier attempt is still open the payer goes on with it. Raises PaymentRefused, ProviderError.
    """
    provider = providers.get(read(Payments).provider)
    if not provider.connected():
        raise ProviderError(f"{provider.name} is not set up.")
    earlier = attempts.open_one(Payment.objects.get(pk=payment_id), provider.key)
    if earlier and earlier.provider_id:
        standing = provider.standing(earlier.provider_id)
        settle(earlier.pk, standing, at=at)
        if standing.state == State.WAITING and standing.next_url:
            return standing.next_url
    attempt, asked = _note(payment_id, provider.key, return_url=return_url, language=language, by=by, at=at)
    try:
        standing = provider.begin(asked)
    except ProviderError as error:
        if not error.unknown:
            _came_to_nothing(attempt.pk, str(error), at=at)
        raise
    settle(attempt.pk, standing, at=at)
    return standing.next_url


def look(attempt: Attempt, *, at: datetime) -> Attempt:
    """Ask how an attempt stands, and write it down; stop one that nobody waits for any more. Raises ProviderError."""
    provider = providers.get(attempt.provider)
    if not attempt.provider_id:
        found = provider.find(attempt.reference)
        if found is None:
            return _not_there(attempt, at=at)
        settle(attempt.pk, found, at=at)
        attempt.refresh_from_db()
    if not attempt.is_open:
        return attempt
    unwanted = not Payment.objects.filter(pk=attempt.payment_id, status__in=WAITED_FOR).exists()
    try:
        ask = provider.cancel if unwanted else provider.standing
        standing = ask(attempt.provider_id)
    except NoSuchPayment:
        return _not_there(attempt, at=at)
    return settle(attempt.pk, standing, at=at)


def settle(attempt_id: int, standing: Standing, *, at: datetime) -> Attempt:
    """Write down how an attempt stands. Money that was taken is recorded the first time that is known, whatever came before."""
    case = Case.objects.defer("submitted").get(payment_links__payment__attempts=attempt_id)
    with recording.because(action="payment.looked_at", by=system_user(), at=at):
        lock(case)
        attempt = Attempt.objects.select_for_update(of=("self",)).select_related("payment").get(pk=attempt_id)
        if attempt.state == Attempt.State.TAKEN:
            return attempt
        if attempt.provider_id and attempt.provider_id != standing.provider_id:
            raise PaymentRefused("This is another payment than the one that was begun.")
        attempts.answered(attempt, standing)
        if standing.state == State.TAKEN:
            _record(case, attempt, standing, at=at)
        elif standing.state != State.WAITING:
            was_open = attempt.is_open
            attempts.ended(attempt, standing.state, why=standing.why, at=at)
            if was_open:
                _say(case, attempt, f"{providers.name_of(attempt.provider)}: no money was taken. {standing.why}", at=at)
        elif attempt.is_open:
            attempts.look_again(attempt, at=at)
        attempt.save()
        return attempt


def sweep(*, at: datetime, most: int = MOST_AT_ONCE) -> int:
    """Ask about attempts whose time has come, the longest waiting first. Returns how many; one that fails waits longer."""
    due = Attempt.objects.filter(look_at__lte=at).order_by("look_at", "id")
    asked = 0
    for attempt in due[:most]:
        asked += 1
        try:
            look(attempt, at=at)
        except ProviderError:
            with transaction.atomic():
                mine = Attempt.objects.select_for_update().filter(pk=attempt.pk, look_at__lte=at).first()
                if mine:
                    mine.look_at = at + attempts.HOURLY / 12
                    mine.save(update_fields=["look_at"])
    return asked


def adopt(provider: str, standing: Standing, *, at: datetime) -> Attempt | None:
    """Match a payment of a provider to the attempt that asked for it by its reference; None when there is none."""
    attempt = Attempt.objects.filter(provider=provider, reference=standing.reference).first()
    if attempt is None or attempt.provider_id not in ("", standing.provider_id):
        return None
    try:
        return settle(attempt.pk, standing, at=at)
    except IntegrityError:  # it was matched to another at this moment
        return None


def _note(
    payment_id: int, provider: str, *, return_url: str, language: str, by: User, at: datetime
) -> tuple[Attempt, Asked]:
    """The attempt, committed before the provider hears of it. Raises PaymentRefused."""
    case = Case.objects.defer("submitted").get(payment_links__payment=payment_id)
    with recording.because(action="payment.begun", by=by, at=at):
        lock(case)
        payment = Payment.objects.select_for_update().get(pk=payment_id)
        attempts.check_payable(payment, at=at)
        attempt = attempts.begin(payment, provider=provider, stem=case.reference, at=at)
        recording.record("payment.begun", attempt, by=by, at=at, case=case.pk, pence=payment.pence)
    asked = Asked(
        reference=attempt.reference,
        pence=payment.pence,
        purpose=payment.purpose,
        return_url=return_url,
        language=language,
        details={"case": case.reference, "service": case.service.key},
    )
    return attempt, asked


def _record(case: Case, attempt: Attempt, standing: Standing, *, at: datetime) -> None:
    """Record money that was taken: for what it was asked for, or, when that is settled already, as a payment of its own."""
    by, asked_for = system_user(), Payment.objects.select_for_update().get(pk=attempt.payment_id)
    attempt.late = asked_for.status not in WAITED_FOR
    paid_already = asked_for.status in (Payment.Status.RECEIVED, Payment.Status.REFUNDED)
    again = paid_already or standing.pence != asked_for.pence
    name = f"{providers.name_of(attempt.provider)} {standing.provider_id}"[:60]
    if again:
        attempt.late = True
        paid = payments.record(
            pence=standing.pence,
            method=Payment.Method.ONLINE,
            purpose=f"{'Paid again' if paid_already else 'Another amount paid'}: {asked_for.purpose}"[:120],
            reference=name,
            received_at=at,
            by=by,
        )
        link = CasePayment.objects.get(payment=asked_for)
        CasePayment.objects.create(case=case, payment=paid, run_id=link.run_id)
    else:
        paid = payments.receive(asked_for, method=Payment.Method.ONLINE, reference=name, at=at, late=attempt.late)
    attempt.state, attempt.settles, attempt.why = Attempt.State.TAKEN, paid, ""
    attempt.finished_at, attempt.look_at, attempt.audit = at, None, standing.audit[:60]
    said = ""
    if again:
        why = "It had been paid already" if paid_already else f"{money.display(asked_for.pence)} was asked for"
        said = f" {why}: look whether this is to be given back."
    elif attempt.late:
        said = " It came late: the request was not open any more."
    paying.came(case, paid, also=said, by=by, at=at)
    _send_receipt(case, at=at)


def _send_receipt(case: Case, *, at: datetime) -> None:
    """Send the payer a receipt, by e-mail or else by post, where the service has a letter for it."""
    if not read(Payments).receipts:
        return
    with suppress(NoSuchTemplate, TemplateFault, communications.MessageRefused), transaction.atomic():
        channels = (
            ("email",) if recipients.find(case.customer, "customer", on=_day(at), post=False).email else ("letter",)
        )
        communications.send_by_rule(case, RECEIPT, channels=channels, by=system_user(), at=at)


def _day(at: datetime) -> date:
    return at.astimezone(LONDON).date()


def _came_to_nothing(attempt_id: int, why: str, *, at: datetime) -> None:
    with transaction.atomic():
        attempt = Attempt.objects.select_for_update().get(pk=attempt_id)
        if attempt.is_open:
            attempts.ended(attempt, State.ERROR, why=why, at=at)
            attempt.save()


def _not_there(attempt: Attempt, *, at: datetime) -> Attempt:
    """The provider does not know it: after a while it never will."""
    if at - attempt.began_at > SURELY_NOT:
        _came_to_nothing(attempt.pk, "The provider never heard of it.", at=at)
    else:
        with transaction.atomic():
            mine = Attempt.objects.select_for_update().get(pk=attempt.pk)
            if mine.is_open:
                attempts.look_again(mine, at=at)
                mine.save()
    attempt.refresh_from_db()
    return attempt


def _say(case: Case, attempt: Attempt, text: str, *, at: datetime) -> None:
    said = f"{money.display(attempt.pence)} for {attempt.payment.purpose}. {text}".strip()
    kind = TimelineEntry.Kind.PAYMENT
    timeline.write(case, kind=kind, text=said, by=system_user(), at=at, payment=attempt.payment_id)
