"""The account somebody had on the website before this one, theirs once they show that they are its customer (ACC-6)."""

from datetime import date, datetime

from django.utils.translation import gettext as _

from moothall.core.accounts.actions import system_user
from moothall.core.audit import recording
from moothall.domain.citizens import limits, linking
from moothall.domain.citizens.models import Account
from moothall.domain.citizens.rules import CitizenRefused
from moothall.domain.people.models import Customer, WebAccount
from moothall.domain.people.names import fold


class NotTheirs(CitizenRefused):
    """What was given is not what is recorded: always the same sentence, whatever of it is wrong."""

    def __init__(self) -> None:
        super().__init__(_("We cannot join the account with these details. Check them, or contact us."))


def waiting(account: Account) -> WebAccount | None:
    """The earlier account with the confirmed address of this one, unless it was confirmed or this one is another's."""
    found = WebAccount.objects.filter(email=account.email, confirmed_at=None, customer__kind=Customer.Kind.PERSON)
    if account.customer_id is not None:
        found = found.filter(customer=account.customer_id)
    return found.select_related("customer__person").first()


def confirm(account: Account, *, last_name: str, born: date, source: str, at: datetime) -> None:
    """Show that the earlier account is one's own: this account is tied to its customer, whom a reader of that mailbox
    alone would not know by name and birthday. Raises NotTheirs or TooManyTries."""
    attempts = [
        limits.begin("earlier", str(account.pk), source=source, at=at),
        limits.begin("earlier of", account.email, source=account.email, at=at),
    ]
    by = system_user()
    with recording.because(action="citizen.earlier_confirmed", by=by, at=at):
        found = waiting(account)
        row = WebAccount.objects.select_for_update().filter(pk=found.pk, confirmed_at=None).first() if found else None
        if found is None or row is None or not _fits(found.customer, last_name, born):
            raise NotTheirs
        row.confirmed_at = at
        row.save(update_fields=["confirmed_at"])
        linking.tie(account, found.customer, how=Account.Tied.EARLIER, at=at)
        recording.record("citizen.earlier_confirmed", account, by=by, at=at, customer=found.customer_id)
    for attempt in attempts:
        limits.succeeded(attempt)


def _fits(customer: Customer, last_name: str, born: date) -> bool:
    person, key = customer.person, fold(last_name)
    return bool(key) and person.surname_key == key and person.date_of_birth == born
