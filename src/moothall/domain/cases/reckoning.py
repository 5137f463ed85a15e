"""A day's money at a provider compared with ours, and what belongs to nobody here matched or listed (BEST-42)."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Sum

from moothall.core.accounts.actions import system_user
from moothall.core.accounts.models import User
from moothall.core.audit import recording
from moothall.domain.cases import online, paying, refunding
from moothall.domain.cases.locking import lock
from moothall.domain.cases.models import Case, CasePayment
from moothall.domain.payments import actions as payments
from moothall.domain.payments.actions import PaymentRefused
from moothall.domain.payments.models import Attempt, Payment, Reckoning, Refund, Stray
from moothall.domain.payments.providers import (
    NoSuchPayment,
    Provider,
    RefundState,
    Returned,
    Standing,
    State,
)
from moothall.kit.calendars import whole_day

LISTED = 200
KEPT = timedelta(days=6 * 366)
COUNTED = (Refund.Status.SENT, Refund.Status.DONE)


def reckon(provider: Provider, day: date, *, at: datetime) -> Reckoning:
    """Compare a day, record what was not known, and keep the report. Raises ProviderError."""
    since, until = whole_day(day)
    taken = list(provider.taken(since=since, until=until)) if provider.lists else _ask_each(provider, since, until)
    given_back = [one for one in provider.given_back(since=since, until=until) if one.state != RefundState.FAILED]
    for standing in taken:
        match(provider.key, standing, at=at)
    for provider_id in sorted({one.provider_id for one in given_back}):
        look_at_refunds(provider, provider_id, at=at)
    differences = [*_money(provider, taken, since, until), *_refunds(provider, given_back)]
    ours = _ours(provider, taken, since, until)
    known = Refund.objects.filter(provider=provider.key, refund_id__in=[one.refund_id for one in given_back])
    found: dict[str, Any] = {
        "at": at,
        "theirs": len(taken),
        "theirs_pence": sum(one.pence for one in taken),
        "theirs_returned": sum(one.pence for one in given_back),
        "ours": len(ours),
        "ours_pence": sum(one.pence for one in ours),
        "ours_returned": known.filter(status__in=COUNTED).aggregate(all=Sum("pence"))["all"] or 0,
        "differences": differences[:LISTED],
        "differing": len(differences),
    }
    with recording.because(action="payment.reckoned", by=system_user(), at=at):
        kept, _ = Reckoning.objects.update_or_create(provider=provider.key, day=day, defaults=found)
    return kept


def match(provider: str, standing: Standing, *, at: datetime) -> None:
    """Record money a provider took: with the attempt it is of, or else as nobody's until somebody says whose it is."""
    attempt = Attempt.objects.filter(provider=provider, provider_id=standing.provider_id).first()
    if attempt and attempt.state == Attempt.State.TAKEN:
        return
    if attempt:
        online.settle(attempt.pk, standing, at=at)
    elif online.adopt(provider, standing, at=at) is None and standing.state == State.TAKEN:
        with recording.because(action="payment.stray_found", by=system_user(), at=at):
            Stray.objects.get_or_create(
                provider=provider,
                provider_id=standing.provider_id,
                defaults={
                    "reference": standing.reference[:255],
                    "pence": standing.pence,
                    "taken_at": standing.created_at or at,
                    "found_at": at,
                },
            )


def heard(provider: Provider, provider_id: str, *, at: datetime) -> None:
    """Look at a payment of which a message says that something happened to it. Raises ProviderError."""
    attempt = Attempt.objects.filter(provider=provider.key, provider_id=provider_id).first()
    if attempt is None or attempt.state != Attempt.State.TAKEN:
        match(provider.key, provider.standing(provider_id), at=at)
    look_at_refunds(provider, provider_id, at=at)


def look_at_refunds(provider: Provider, provider_id: str, *, at: datetime) -> None:
    """Bring what was given back of a payment up to date. Raises ProviderError."""
    attempt = Attempt.objects.filter(provider=provider.key, provider_id=provider_id, settles__isnull=False).first()
    if attempt is not None and attempt.settles_id is not None and provider.refunds:
        refunding.compare(attempt.settles_id, provider.returned(provider_id), provider=provider.key, at=at)


def look_at_due_refunds(*, at: datetime, of: Provider, most: int = 50) -> int:
    """Ask whether refunds under way were paid out. Returns how many payments were asked about. Raises ProviderError."""
    due = Refund.objects.filter(provider=of.key, look_at__lte=at).order_by("look_at")
    ids = list(dict.fromkeys(due.values_list("payment__settled_by__provider_id", flat=True)[:most]))
    for provider_id in ids:
        look_at_refunds(of, provider_id, at=at)
    return len(ids)


def belongs_to(stray: Stray, case: Case, *, by: User, at: datetime) -> Payment:
    """Say that money that belonged to nobody here is a case's. Raises PaymentRefused."""
    with recording.because(action="payment.stray_matched", by=by, at=at):
        lock(case)
        stray = _open(stray)
        reference = f"{stray.provider} {stray.provider_id}"[:60]
        paid = payments.record(
            pence=stray.pence, method="online", purpose="Payment matched by hand", reference=reference,
            received_at=stray.taken_at, by=by,
        )  # fmt: skip
        CasePayment.objects.create(case=case, payment=paid, run_id=paying.run_it_is_for(case))
        Attempt.objects.create(
            payment=paid,
            provider=stray.provider,
            provider_id=stray.provider_id,
            reference=f"stray-{stray.pk}",
            pence=stray.pence,
            state=Attempt.State.TAKEN,
            settles=paid,
            began_at=stray.taken_at,
            finished_at=at,
        )
        stray.payment, stray.settled_by, stray.settled_at = paid, by, at
        stray.note = f"It is of {case.reference}."
        stray.save(update_fields=["payment", "note", "settled_by", "settled_at"])
        paying.came(case, paid, also=" It was matched by hand.", by=by, at=at)
    return paid


def not_ours(stray: Stray, *, note: str, by: User, at: datetime) -> None:
    """Say that money is of no case here, and why. Raises PaymentRefused."""
    if not note.strip():
        raise PaymentRefused("Say what it is.")
    with recording.because(action="payment.stray_set_aside", by=by, at=at, reason=note):
        stray = _open(stray)
        stray.note, stray.settled_by, stray.settled_at = note.strip(), by, at
        stray.save(update_fields=["note", "settled_by", "settled_at"])
        recording.record("payment.stray_set_aside", stray, by=by, at=at, reason=note)


def explain(reckoning: Reckoning, *, note: str, by: User, at: datetime) -> None:
    """Write down how the differences of a day were dealt with. Raises PaymentRefused."""
    if not note.strip():
        raise PaymentRefused("Say how it was dealt with.")
    with recording.because(action="payment.reckoning_explained", by=by, at=at, reason=note):
        Reckoning.objects.filter(pk=reckoning.pk).update(note=note.strip(), noted_by=by)
        recording.record("payment.reckoning_explained", reckoning, by=by, at=at, reason=note)


def forget(*, before: datetime) -> int:
    """Delete what is older. Returns how many rows."""
    with recording.because(action="payment.forgotten", by=system_user(), at=before):
        strays = Stray.objects.filter(taken_at__lt=before).delete()[0]
        return strays + Reckoning.objects.filter(at__lt=before).delete()[0]


def _open(stray: Stray) -> Stray:
    found = Stray.objects.select_for_update().get(pk=stray.pk)
    if found.settled_at:
        raise PaymentRefused("Somebody has dealt with this payment already.")
    return found


def _of_day(provider: Provider, since: datetime, until: datetime) -> Any:
    return Attempt.objects.filter(provider=provider.key, began_at__gte=since, began_at__lt=until)


def _ask_each(provider: Provider, since: datetime, until: datetime) -> list[Standing]:
    """What was taken, of a provider that tells only of what it is asked about."""
    ids = _of_day(provider, since, until).exclude(provider_id="").values_list("provider_id", flat=True)
    found = []
    for provider_id in ids:
        try:
            standing = provider.standing(provider_id)
        except NoSuchPayment:
            continue
        if standing.state == State.TAKEN:
            found.append(standing)
    return found


def _ours(provider: Provider, taken: Iterable[Standing], since: datetime, until: datetime) -> list[Attempt]:
    """Money recorded here that was begun that day, or that they have on that day."""
    here = Attempt.objects.filter(provider=provider.key, state=Attempt.State.TAKEN)
    theirs = here.filter(provider_id__in=[one.provider_id for one in taken])
    return list(theirs.union(_of_day(provider, since, until).filter(state=Attempt.State.TAKEN)))


def _money(provider: Provider, taken: list[Standing], since: datetime, until: datetime) -> list[dict[str, Any]]:
    """What they took and we do not have, what we have and they did not take, and amounts that differ."""
    theirs = {one.provider_id: one for one in taken}
    ours = {one.provider_id: one for one in _ours(provider, taken, since, until)}
    found = [_line("not_here", one, theirs=one.pence) for key, one in theirs.items() if key not in ours]
    for key, attempt in ours.items():
        there = theirs.get(key) or _elsewhere(provider, key)
        if there is None or there.state != State.TAKEN:
            found.append(_line("not_there", attempt, ours=attempt.pence))
        elif there.pence != _recorded(attempt):
            found.append(_line("amount", attempt, theirs=there.pence, ours=_recorded(attempt)))
    return found


def _elsewhere(provider: Provider, provider_id: str) -> Standing | None:
    try:
        return provider.standing(provider_id)
    except NoSuchPayment:
        return None


def _recorded(attempt: Attempt) -> int:
    return Payment.objects.values_list("pence", flat=True).get(settled_by=attempt)


def _refunds(provider: Provider, given_back: list[Returned]) -> list[dict[str, Any]]:
    """Refunds of theirs that are not recorded here: of payments that are nobody's, or still on their way."""
    ids = [one.refund_id for one in given_back]
    known = dict(
        Refund.objects.filter(provider=provider.key, refund_id__in=ids, status__in=COUNTED).values_list(
            "refund_id", "pence"
        )
    )
    return [
        _line("refund", one, theirs=one.pence, ours=known.get(one.refund_id, 0))
        for one in given_back
        if known.get(one.refund_id) != one.pence
    ]


def _line(what: str, of: Any, *, theirs: int = 0, ours: int = 0) -> dict[str, Any]:
    reference = getattr(of, "reference", "")
    return {"what": what, "provider_id": of.provider_id, "reference": reference, "theirs": theirs, "ours": ours}
