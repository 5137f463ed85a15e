"""How somebody must be told things, and what they agreed to or refused; each from when to when (PPP-10)."""

from datetime import date, datetime, timedelta

from django.db.models import Q
from django.utils import timezone

from moothall.core.accounts.models import User
from moothall.core.audit import recording
from moothall.core.lists import actions as lists
from moothall.domain.people.details import check_start
from moothall.domain.people.lists import CHANNELS, NEEDS, PURPOSES
from moothall.domain.people.models import Customer, Need, Preference
from moothall.domain.places.actions import check_lengths
from moothall.kit import text
from moothall.kit.invalid import Invalid

_DAY = timedelta(days=1)
OTHER = "other"


def set_need(
    customer: Customer, *, kind: str, by: User, at: datetime, said: str = "", from_date: date | None = None
) -> Need:
    """Record a communication need from a day on, today when none is given. The same again takes new words.

    Raises Invalid with a sentence.
    """
    words, today = _spaced(said), timezone.localdate(at)
    lists.check(NEEDS.key, [kind])
    if kind == OTHER and not words:
        raise Invalid("Say what they need.")
    check_lengths(Need, text=words)
    check_start(from_date, today=today)
    with recording.because(action="need.set", by=by, at=at):
        _lock(customer)
        need = Need.objects.filter(customer=customer, kind=kind, to_date=None).first()
        need = need or Need(customer=customer, kind=kind, from_date=from_date or today)
        need.text, need.set_by, need.set_at = words, by, at
        need.save()
        recording.record("need.set", customer, by=by, at=at, kind=kind)
    return need


def end_need(need: Need, *, by: User, at: datetime) -> None:
    """They need it no longer, from today; it stays on record. Ended already, it stays as it is."""
    with recording.because(action="need.ended", by=by, at=at):
        _lock(need.customer)
        row = Need.objects.select_for_update(of=("self",)).get(pk=need.pk)
        if row.to_date is None:
            row.to_date = max(row.from_date, timezone.localdate(at))
            row.save(update_fields=["to_date"])
            recording.record("need.ended", need.customer, by=by, at=at, kind=row.kind)


def set_preference(
    customer: Customer,
    *,
    channel: str,
    purpose: str,
    agreed: bool,
    how: str,
    by: User,
    at: datetime,
    given_on: date | None = None,
    from_date: date | None = None,
    to_date: date | None = None,
) -> Preference:
    """Record what somebody agreed to or refused, how and when they said so. What they said of it before ends and is kept;
    what they said later stays.

    Raises Invalid with a sentence.
    """
    today, said = timezone.localdate(at), _spaced(how)
    first = from_date or given_on or today
    lists.check(CHANNELS.key, [channel])
    lists.check(PURPOSES.key, [purpose])
    if not said:
        raise Invalid("Say how they told us, such as “by telephone” or “on the form”.")
    check_lengths(Preference, how=said)
    check_start(from_date, today=today)
    if given_on and given_on > today:
        raise Invalid("They cannot have said so after today.")
    if to_date and to_date < first:
        raise Invalid("The last day cannot be before the first.")
    with recording.because(action="preference.set", by=by, at=at):
        _lock(customer)
        of_it = Preference.objects.filter(customer=customer, channel=channel, purpose=purpose, withdrawn_at=None)
        meeting = of_it.filter(Q(to_date=None) | Q(to_date__gte=first))
        if to_date:
            meeting = meeting.filter(from_date__lte=to_date)
        if newer := meeting.filter(given_on__gt=given_on or today).order_by("from_date").first():
            raise Invalid(
                f"They said something newer on {newer.given_on:%-d %B %Y}, which holds from {newer.from_date:%-d %B %Y}: what"
                " they said before holds until the day before at the latest."
            )
        for old in meeting:
            old.to_date = max(old.from_date, first - _DAY)
            if old.to_date >= first:  # another answer of that very day: it holds no more from now on
                old.withdrawn_by, old.withdrawn_at, old.withdrawn_how = by, at, said
            old.save()
        row = Preference.objects.create(
            customer=customer,
            channel=channel,
            purpose=purpose,
            agreed=agreed,
            how=said,
            given_on=given_on or today,
            from_date=first,
            to_date=to_date,
            set_by=by,
            set_at=at,
        )
        recording.record("preference.set", customer, by=by, at=at, channel=channel, purpose=purpose, agreed=agreed)
    return row


def withdraw(preference: Preference, *, how: str, by: User, at: datetime) -> None:
    """They take back what they agreed to or refused, from now on; it stays on record. Again changes nothing.

    Raises Invalid with a sentence.
    """
    said = _spaced(how)
    if not said:
        raise Invalid("Say how they told us, such as “by telephone” or “on the form”.")
    check_lengths(Preference, withdrawn_how=said)
    with recording.because(action="preference.withdrawn", by=by, at=at):
        _lock(preference.customer)
        row = Preference.objects.select_for_update(of=("self",)).get(pk=preference.pk)
        if row.withdrawn_at is not None:
            return
        today = timezone.localdate(at)
        row.withdrawn_by, row.withdrawn_at, row.withdrawn_how = by, at, said
        if row.to_date is None or row.to_date > today:
            row.to_date = max(row.from_date, today)
        row.save(update_fields=["withdrawn_by", "withdrawn_at", "withdrawn_how", "to_date"])
        about = {"channel": row.channel, "purpose": row.purpose}
        recording.record("preference.withdrawn", preference.customer, by=by, at=at, **about)


def _spaced(given: str) -> str:
    return " ".join(text.clean(given).split())


def _lock(customer: Customer) -> None:
    Customer.objects.select_for_update(no_key=True).get(pk=customer.pk)
