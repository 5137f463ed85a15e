"""What a row carries over besides who somebody is: the account they sign in with, and what was dealt with before (ACC-6)."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from moothall.core import rows
from moothall.core.accounts.models import User
from moothall.core.audit import recording
from moothall.domain.people.importing import services
from moothall.domain.people.importing.refusal import RowRefused
from moothall.domain.people.models import EarlierDealing, Import, WebAccount
from moothall.domain.people.names import fold
from moothall.domain.places.actions import check_lengths
from moothall.kit import email

Try = Callable[[str, Callable[[], str]], str]
"""Reads the value of a field, naming its column in what is refused."""

ACCOUNT = {
    "account_email": "E-mail address they sign in with",
    "account_since": "Day the account was opened",
}
DEALING = {
    "dealing_number": "Number of the contact or case",
    "dealing_kind": "Whether it is a contact or a case",
    "dealing_on": "Day of the contact, or day the case was opened",
    "dealing_ended": "Day the case was closed",
    "dealing_subject": "What it was about",
    "dealing_text": "What was said or done",
    "dealing_way": "How they got in touch",
    "dealing_stood": "How it stood",
    "dealing_service": "Service it belongs to, by its name or key",
}
KINDS = {
    **dict.fromkeys(("case", "service request", "request", "complaint", "report"), EarlierDealing.Kind.CASE),
    **dict.fromkeys(
        ("contact", "interaction", "call", "telephone call", "e-mail", "email", "letter", "visit", "enquiry"),
        EarlierDealing.Kind.CONTACT,
    ),
}
"""What systems call their contacts and cases."""


@dataclass(frozen=True, kw_only=True)
class Account:
    """An account of the website: its address, in lower case, and when it was opened."""

    email: str
    since: date | None


@dataclass(frozen=True, kw_only=True)
class Dealing:
    """A contact or case of the system before, as it is kept."""

    number: str
    kind: EarlierDealing.Kind
    on: date
    ended_on: date | None
    subject: str
    way: str
    stood: str
    text: str
    service: str  # its key, or empty


class Carried:
    """Reads what rows carry over. `column` names the heading of a field, `day` reads a day, `tried` another value; contacts
    and cases that do not say so are of `service`."""

    def __init__(
        self,
        column: Mapping[str, str],
        *,
        today: date,
        day: Callable[[str, str], date | None],
        tried: Try,
        service: str,
    ) -> None:
        self._column, self._today, self._day, self._try = column, today, day, tried
        self._service = service
        self._services = {fold(word): key for key, name in services.known().items() for word in (name, key)}

    def account(self, said: Mapping[str, str]) -> Account | None:
        """The account, if the row has one. Raises RowRefused."""
        given = said.get("account_email", "")
        if not given:
            return None
        address = self._try("account_email", lambda: email.normalise(given)).lower()
        return Account(email=address, since=self._past("account_since", said))

    def dealing(self, said: Mapping[str, str]) -> Dealing | None:
        """The contact or case, if the row has one. Raises RowRefused."""
        if not said.keys() & DEALING.keys():
            return None
        if not (number := said.get("dealing_number", "")):
            raise RowRefused(self._column.get("dealing_number", ""), "The contact or case has no number.")
        on, ended = self._past("dealing_on", said), self._past("dealing_ended", said)
        if on is None:
            raise RowRefused(self._column.get("dealing_on", ""), "The contact or case has no day.")
        if ended is not None and ended < on:
            raise RowRefused(self._column["dealing_ended"], "It was closed before it was opened.")
        text = said.get("dealing_text", "")
        subject = said.get("dealing_subject", "") or " ".join(text.split())[:200]
        if not subject:
            raise RowRefused(self._column.get("dealing_subject", ""), "Nothing says what it was about.")
        short = {"number": number, "subject": subject}
        short |= {name: said.get(f"dealing_{name}", "") for name in ("way", "stood")}
        for name, value in short.items():
            self._try(f"dealing_{name}", lambda name=name, value=value: _fits(name, value))  # type: ignore[misc]
        return Dealing(kind=self._kind(said), on=on, ended_on=ended, text=text, service=self._service_of(said), **short)

    def _service_of(self, said: Mapping[str, str]) -> str:
        given = said.get("dealing_service", "")
        if given and fold(given) not in self._services:
            raise RowRefused(self._column["dealing_service"], f"“{given[:60]}” is no service of this council.")
        return self._services[fold(given)] if given else self._service

    def _kind(self, said: Mapping[str, str]) -> EarlierDealing.Kind:
        """As said; where nothing is said, what stood or was closed was a case."""
        given = said.get("dealing_kind", "").casefold()
        if given and given not in KINDS:
            raise RowRefused(self._column["dealing_kind"], "This is neither a contact nor a case.")
        stood = said.get("dealing_stood") or said.get("dealing_ended")
        return KINDS[given] if given else EarlierDealing.Kind.CASE if stood else EarlierDealing.Kind.CONTACT

    def _past(self, field: str, said: Mapping[str, str]) -> date | None:
        found = self._day(field, said.get(field, ""))
        if found is not None and not date(1900, 1, 1) <= found <= self._today:
            raise RowRefused(self._column[field], "This day is after today, or before 1900.")
        return found


def _fits(name: str, value: str) -> str:
    check_lengths(EarlierDealing, **{name: value})
    return value


def accounts_of(given: Iterable[Account | None]) -> dict[str, int]:
    """Whose accounts these are already, by address."""
    wanted = {one.email for one in given if one}
    if not wanted:
        return {}
    return dict(WebAccount.objects.filter(email__in=wanted).values_list("email", "customer"))


def dealings_of(given: Iterable[Dealing | None], *, source: str) -> dict[str, int]:
    """With whom these were already, by number."""
    wanted = {one.number for one in given if one}
    if not wanted:
        return {}
    found = EarlierDealing.objects.filter(source=source, number__in=wanted)
    return dict(found.values_list("number", "customer"))


def write(
    accounts: Sequence[tuple[Account, int]],
    dealings: Sequence[tuple[Dealing, int]],
    importing: Import,
    *,
    source: str,
    at: datetime,
) -> None:
    """Keep accounts and dealings, each with the number of its customer. Runs in the transaction of a chunk."""
    rows.copy(
        [
            WebAccount(customer_id=customer, email=one.email, since=one.since, importing=importing, carried_at=at)
            for one, customer in accounts
        ]
    )
    rows.copy(
        [
            EarlierDealing(
                customer_id=customer,
                source=source,
                number=one.number,
                kind=one.kind,
                on=one.on,
                ended_on=one.ended_on,
                subject=one.subject,
                way=one.way,
                stood=one.stood,
                text=one.text,
                service=one.service,
                importing=importing,
                carried_at=at,
            )
            for one, customer in dealings
        ]
    )


def there(importing: Import) -> bool:
    """Whether anything is here that an import carried over and that can be taken back."""
    accounts = WebAccount.objects.filter(importing=importing, confirmed_at=None)
    return accounts.exists() or EarlierDealing.objects.filter(importing=importing).exists()


def remove(importing: Import, *, by: User, at: datetime) -> None:
    """Take back what an import carried over, but for accounts their owners have confirmed; again changes nothing."""
    with recording.because(action="import.carried_back", by=by, at=at):
        dealings = EarlierDealing.objects.filter(importing=importing).delete()[0]
        accounts = WebAccount.objects.filter(importing=importing, confirmed_at=None).delete()[0]
        if dealings or accounts:
            recording.record("import.carried_back", importing, by=by, at=at, dealings=dealings, accounts=accounts)
