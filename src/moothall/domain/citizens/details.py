"""What the council knows of somebody, as they see and change it themselves.

How they are reached is changed at once. Their name, address and e-mail address for letters are what the council goes by: a
change of them is asked for, and made when an officer has confirmed it.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from moothall.core.accounts.actions import system_user
from moothall.core.accounts.models import User
from moothall.core.accounts.permissions import Permission
from moothall.core.audit import recording
from moothall.domain.cases.models import Case, WorkItem
from moothall.domain.citizens import limits
from moothall.domain.citizens.models import Account, DetailChange
from moothall.domain.citizens.rules import CitizenRefused
from moothall.domain.notifications.actions import notify
from moothall.domain.notifications.models import Notification
from moothall.domain.people import actions as people
from moothall.domain.people import corrections
from moothall.domain.people.details import AddressLines, Contact
from moothall.domain.people.models import ContactDetail, Customer
from moothall.kit.invalid import Invalid

NAMES = ("title", "first_names", "last_name", "known_as")
ADDRESS = ("line1", "line2", "town", "postcode")
PHONE = "phone"
State = DetailChange.State


def contacts(customer: Customer) -> list[ContactDetail]:
    """How somebody is reached now, their own ways alone."""
    return list(customer.contact_details.filter(to_date=None, holder="").order_by("type", "-preferred", "-pk")[:50])


def set_phone(account: Account, *, number: str, at: datetime) -> None:
    """Record another telephone number at once. Raises CitizenRefused."""
    assert account.customer is not None
    try:
        people.set_contact(account.customer, Contact(type=PHONE, value=number, preferred=True), by=system_user(), at=at)
    except Invalid as problem:
        raise CitizenRefused(str(problem), field="number") from problem


def set_written_language(account: Account, *, language: str, at: datetime) -> None:
    """Write to somebody in English or Welsh from now on, at once."""
    assert account.customer is not None
    person = account.customer.person
    if person.language != language:
        corrections.change_person(
            account.customer,
            changes={"language": language},
            version=corrections.version_of(person),
            reason="Chosen by the customer online.",
            by=system_user(),
            at=at,
        )


def ask(account: Account, *, facts: Mapping[str, Any], words: str, source: str, at: datetime) -> DetailChange:
    """Ask for a change of what the council goes by. One open request at a time: a newer one takes its place.

    `facts` has names of `PersonDetails` or the lines of an `address`. Raises CitizenRefused, TooManyTries.
    """
    assert account.customer is not None
    if not facts:
        raise CitizenRefused(_("Nothing is different from what we have."))
    limits.spend("details", str(account.pk), source=source, at=at)
    by = system_user()
    with recording.because(action="details.asked", by=by, at=at):
        DetailChange.objects.filter(
            customer=account.customer, state=State.OPEN, facts__has_any_keys=list(facts)
        ).update(state=State.REFUSED, ended_at=at, reason="Asked for anew by the customer.")
        change = DetailChange.objects.create(
            account=account, customer=account.customer, facts=dict(facts), words=words.strip()[:2000], asked_at=at
        )
        _tell(change, at=at)
        recording.record("details.asked", account.customer, by=by, at=at, change=change.pk, facts=sorted(facts))
    return change


def refused_of(account: Account) -> QuerySet[DetailChange]:
    """What an officer left as it is, with the reason: the newest of this account."""
    refused = DetailChange.objects.filter(account=account, state=State.REFUSED, ended_by__isnull=False)
    return refused.order_by("-ended_at", "-pk")


def asked_for(customer: Customer) -> QuerySet[DetailChange]:
    """What waits to be confirmed of one person."""
    return DetailChange.objects.filter(customer=customer, state=State.OPEN).order_by("asked_at", "pk")


def confirm(change: DetailChange, *, evidence: str, by: User, at: datetime) -> None:
    """Make the change that was asked for. Raises CitizenRefused, and Invalid or others of `people` where it cannot be made."""
    with recording.because(action="details.confirmed", by=by, at=at):
        row = _held(change, by)
        facts = dict(row.facts)
        if (lines := facts.pop("address", None)) is not None:
            people.set_address(row.customer, AddressLines(**lines), by=by, at=at)
        if facts:
            person = row.customer.person
            corrections.change_person(
                row.customer,
                changes=facts,
                version=corrections.version_of(person),
                reason="Asked for by the customer online.",
                evidence=evidence,
                by=by,
                at=at,
            )
        _end(row, State.CONFIRMED, reason=evidence, by=by, at=at)


def refuse(change: DetailChange, *, reason: str, by: User, at: datetime) -> None:
    """Leave what was asked for as it is, and say why. Raises CitizenRefused."""
    if not reason.strip():
        raise CitizenRefused(_("Say why it is not changed: the customer reads it."), field="reason")
    with recording.because(action="details.refused", by=by, at=at, reason=reason):
        _end(_held(change, by), State.REFUSED, reason=reason, by=by, at=at)


def _tell(change: DetailChange, *, at: datetime) -> None:
    """Tell those who work on the customer's cases and may change people."""
    cases = Case.objects.filter(customer=change.customer_id, closed_at=None)
    taken = WorkItem.objects.filter(case__in=cases.values("pk"), finished_at=None, assigned_to__isnull=False)
    found = User.objects.filter(Q(pk__in=cases.values("owner")) | Q(pk__in=taken.values("assigned_to"))).distinct()
    notify(
        [one for one in found.order_by("pk")[:50] if one.may(Permission.EDIT_PEOPLE)],
        kind=Notification.Kind.WORK,
        text="A customer asks online for a change of their details.",
        cause=f"details.{change.pk}",
        page="details_asked",
        at=at,
    )


def _held(change: DetailChange, by: User) -> DetailChange:
    if not by.may(Permission.EDIT_PEOPLE):
        raise CitizenRefused(_("You may not change people."))
    row = DetailChange.objects.select_for_update(of=("self",)).select_related("customer").get(pk=change.pk)
    if row.state != State.OPEN:
        raise CitizenRefused(f"This was {row.get_state_display().lower()} already.")
    return row


def _end(row: DetailChange, state: DetailChange.State, *, reason: str, by: User, at: datetime) -> None:
    row.state, row.ended_at, row.ended_by, row.reason = state, at, by, reason.strip()
    row.save(update_fields=["state", "ended_at", "ended_by", "reason"])
    recording.record(f"details.{state}", row.customer, by=by, at=at, change=row.pk)
