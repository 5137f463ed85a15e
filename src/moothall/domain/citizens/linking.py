"""How cases become somebody's: shown to be theirs, made with a form, or of the person their account is tied to."""

from datetime import datetime

from django.utils.translation import gettext as _

from moothall.core.accounts.actions import system_user
from moothall.core.audit import recording
from moothall.domain.cases import senders, timeline
from moothall.domain.cases.models import Case, TimelineEntry
from moothall.domain.citizens import limits
from moothall.domain.citizens.models import Account, LinkedCase
from moothall.domain.citizens.rules import CitizenRefused
from moothall.domain.forms import about, destinations, submitting
from moothall.domain.forms.models import Delivery
from moothall.domain.people.models import ContactDetail, Customer
from moothall.domain.people.names import fold
from moothall.domain.people.numbers import normalise_contact
from moothall.kit.calendars import LONDON


class NotFound(CitizenRefused):
    """No case fits what was given: always the same sentence, whatever of it is wrong."""

    def __init__(self) -> None:
        super().__init__(_("We cannot find an application with these details. Check them against a letter from us."))


class SentForAnother(CitizenRefused):
    """Who sent a form for somebody else knows what stands on letters about it: it is no proof that it is theirs."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "You sent this for somebody else, so you see here that we have it. They can add it to an account of their own."
            )
        )


def link(account: Account, *, reference: str, last_name: str, year: int, source: str, at: datetime) -> Case:
    """Show that a case is one's own by what stands on every letter about it and the year of one's birth (CT-80).

    The account is tied to the case's customer as well when its confirmed address is recorded as theirs. Tries are
    counted by account, by network address and by case. Of a case somebody sent for another the three facts are known to
    its sender: there the account's address must be recorded as the customer's own as well.

    Raises NotFound, SentForAnother or TooManyTries.
    """
    reference = "".join(reference.split()).upper()
    attempts = [
        limits.begin("link", str(account.pk), source=source, at=at),
        limits.begin("case", reference, source=reference, at=at),
    ]
    case = Case.objects.select_related("customer__person", "service").filter(reference=reference).first()
    if case and LinkedCase.objects.filter(account=account, case=case, sent_for_another=True).exists():
        raise SentForAnother
    if case is None or not _fits(case.customer, last_name, year):
        raise NotFound
    theirs = _is_theirs(case.customer, account.email)
    if not theirs and case.customer_id != account.customer_id and _sent_by_another(case):
        raise NotFound
    for attempt in attempts:
        limits.succeeded(attempt)
    by = system_user()
    with recording.because(action="citizen.linked", by=by, at=at):
        _row, new = LinkedCase.objects.get_or_create(account=account, case=case, defaults={"at": at})
        if new:
            timeline.write(
                case, kind=TimelineEntry.Kind.CASE, text="The customer follows this case online now.", by=by, at=at
            )
            recording.record("citizen.linked", account, by=by, at=at, case=case.pk)
        if account.customer_id is None and theirs:
            tie(account, case.customer, how=Account.Tied.CASE, at=at)
    return case


@destinations.delivered_to("case")
def made_by_form(delivery: Delivery, at: datetime) -> None:
    """The case of a form that was sent from an account is in its list; of one about somebody else, that it was sent."""
    sent = delivery.submission
    account = Account.objects.filter(pk=int(sent.account)).first() if sent.account.isdecimal() else None
    if account is None:
        return
    case, by = Case.objects.only("pk").get(reference=delivery.result), system_user()
    for_another = about.another(submitting.journey_of(sent))
    with recording.because(action="citizen.linked", by=by, at=at):
        told = {"at": at, "sent_for_another": for_another}
        if LinkedCase.objects.get_or_create(account=account, case=case, defaults=told)[1]:
            recording.record("citizen.linked", account, by=by, at=at, case=case.pk, for_another=for_another)


def unlink(account: Account, case: Case, *, at: datetime) -> None:
    """Follow a case no longer. One of the tied person stays in the list all the same."""
    by = system_user()
    with recording.because(action="citizen.unlinked", by=by, at=at):
        if LinkedCase.objects.filter(account=account, case=case).delete()[0]:
            recording.record("citizen.unlinked", account, by=by, at=at, case=case.pk)


def tie(account: Account, customer: Customer, *, how: Account.Tied, at: datetime) -> None:
    """Tie an account to one person of the golden record, whose cases and details it then shows. Once tied it stays so."""
    by = system_user()
    with recording.because(action="citizen.tied", by=by, at=at):
        golden = customer.golden
        if Account.objects.filter(pk=account.pk, customer=None).update(customer=golden, tied_how=how, tied_at=at):
            account.customer, account.tied_how, account.tied_at = golden, how, at
            recording.record("citizen.tied", account, by=by, at=at, customer=golden.pk, how=str(how))


def _fits(customer: Customer, last_name: str, year: int) -> bool:
    if customer.kind != Customer.Kind.PERSON:
        return False
    person, key = customer.person, fold(last_name)
    return (
        bool(key)
        and person.surname_key == key
        and person.date_of_birth is not None
        and person.date_of_birth.year == year
    )


def _is_theirs(customer: Customer, email: str) -> bool:
    """Whether an address is recorded as the customer's own: not as that of somebody who helps them, nor by a form that
    anybody could have sent in their name, unless an officer made sure of it since.
    """
    own = customer.contact_details.filter(type="email", normalised=email, holder="", to_date=None).first()
    if own is None:
        return False
    return own.verified_at is not None or not _only_claimed(own)


def _only_claimed(detail: ContactDetail) -> bool:
    """Whether it was a form nobody but its sender vouches for that brought a way to reach a customer."""
    return any(
        normalise_contact(detail.type, str(answer), strict=False) == detail.normalised
        for sent in senders.of_customer(detail.customer)
        if sent.officer_id is None and sent.submitted_at.astimezone(LONDON).date() <= detail.from_date
        for answer in sent.answers.values()
        if isinstance(answer, str)
    )


def _sent_by_another(case: Case) -> bool:
    """Whether somebody sent a form for the customer of a case, and so knows all that stands on letters about it."""
    sent = senders.of_case(case)
    return sent is not None and sent.officer_id is None and about.another(submitting.journey_of(sent))
