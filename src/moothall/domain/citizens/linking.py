"""Which cases are somebody's: those they showed to be theirs, and those of the person their account is tied to."""

from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from moothall.core.accounts.actions import system_user
from moothall.core.audit import recording
from moothall.domain.cases import timeline
from moothall.domain.cases.models import Case, TimelineEntry
from moothall.domain.citizens import limits
from moothall.domain.citizens.models import Account, LinkedCase
from moothall.domain.citizens.rules import CitizenRefused
from moothall.domain.forms import destinations
from moothall.domain.forms.models import Delivery
from moothall.domain.people.models import Customer
from moothall.domain.people.names import fold

MOST = 1000
"""Cases of one account that it made by a form or that were added, the newest."""


class NotFound(CitizenRefused):
    """No case fits what was given: always the same sentence, whatever of it is wrong."""

    def __init__(self) -> None:
        super().__init__(_("We cannot find an application with these details. Check them against a letter from us."))


def cases_of(account: Account) -> QuerySet[Case]:
    """Every case this account may see, and no other."""
    linked = LinkedCase.objects.filter(account=account).order_by("-pk")
    mine = Q(pk__in=list(linked.values_list("case", flat=True)[:MOST]))  # a list: the database then goes by its indexes
    return Case.objects.filter(mine | Q(customer=account.customer_id) if account.customer_id else mine)


def link(account: Account, *, reference: str, last_name: str, year: int, source: str, at: datetime) -> Case:
    """Show that a case is one's own by what stands on every letter about it and the year of one's birth (CT-80).

    The account is tied to the case's customer as well when its confirmed address is recorded as theirs. Tries are
    counted by account, by network address and by case. Raises NotFound or TooManyTries.
    """
    reference = "".join(reference.split()).upper()
    attempts = [
        limits.begin("link", str(account.pk), source=source, at=at),
        limits.begin("case", reference, source=reference, at=at),
    ]
    case = Case.objects.select_related("customer__person", "service").filter(reference=reference).first()
    if case is None or not _fits(case.customer, last_name, year):
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
        if account.customer_id is None and _is_theirs(case.customer, account.email):
            tie(account, case.customer, how=Account.Tied.CASE, at=at)
    return case


@destinations.delivered_to("case")
def made_by_form(delivery: Delivery, at: datetime) -> None:
    """The case of a form that was sent from an account is in its list."""
    sent = delivery.submission
    account = Account.objects.filter(pk=int(sent.account)).first() if sent.account.isdecimal() else None
    if account is None:
        return
    case, by = Case.objects.only("pk").get(reference=delivery.result), system_user()
    with recording.because(action="citizen.linked", by=by, at=at):
        if LinkedCase.objects.get_or_create(account=account, case=case, defaults={"at": at})[1]:
            recording.record("citizen.linked", account, by=by, at=at, case=case.pk)


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
    """Whether an address is recorded as the customer's own, not as that of somebody who helps them."""
    return customer.contact_details.filter(type="email", normalised=email, holder="", to_date=None).exists()
