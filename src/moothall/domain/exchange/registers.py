"""The question to whoever keeps a national register of what a service issues (badges, say), as a Protocol (CT-4, CT-70).

A connector answers it and registers itself, so that the desk shows such a register without knowing which it is. What it
answers is kept (`lookups`) until somebody asks again. A register that cannot be asked raises `SendError`, a question that
cannot be asked `Invalid`, each with a sentence that may be shown. No call is made inside a transaction.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol

from moothall.core.accounts.models import User
from moothall.domain.cases.models import Case
from moothall.domain.exchange.models import Lookup
from moothall.domain.people.actions import OrganisationDetails, PersonDetails
from moothall.domain.people.models import Customer
from moothall.domain.places.models import Address

Fact = tuple[str, str | date | None]
"""What is known of something, with the word for it."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One thing of a register, in our words."""

    number: str
    status: str
    authority: str
    expires: date | None
    name: str = ""
    postcode: str = ""


class Register(Protocol):
    """A national register. `key` is that of its connector, `numbers` the type of its numbers where we record them, `kind`
    that of the answers to searches; `thing` is what it holds, in the singular."""

    key: str
    numbers: str
    kind: str

    @property
    def thing(self) -> str:
        """What it is a register of, in the singular: “Badge”."""

    def service(self) -> str:
        """The key of the service whose cases it is about."""

    def search(
        self,
        *,
        by: User,
        at: datetime,
        number: str = "",
        name: str = "",
        postcode: str = "",
        nino: str = "",
        refresh: bool = False,
    ) -> Lookup:
        """What it has of any authority; the kept answer to the same question, unless `refresh`."""

    def entries(self, answer: Lookup) -> list[Entry]:
        """What a search found, in the order of `answer.found`."""

    def holder(self, row: Mapping[str, Any]) -> tuple[PersonDetails | OrganisationDetails, str] | None:
        """Who holds something a search found, and their postcode; None when it is recorded here already."""

    def take_over(self, number: str, *, source: str, customer: Customer | None, by: User, at: datetime) -> Case:
        """Record its holder (`customer` where somebody said who it is) with it and a case. Raises cases.CannotOpen too."""

    def kept_of(self, case: Case, home: Address | None) -> Lookup | None:
        """The newest answer kept with a case about its customer."""

    def ask_of(self, case: Case, *, by: User, at: datetime) -> Lookup:
        """Ask what the customer of a case holds now."""

    def held(self, answer: Lookup, *, today: date) -> list[Entry]:
        """What of an answer is current."""

    def kept(self, number: str) -> Lookup | None:
        """The newest answer about one number."""

    def ask(self, number: str, *, by: User, at: datetime) -> Lookup:
        """Ask about one number; our record of it follows."""

    def facts(self, found: Mapping[str, Any]) -> list[Fact]:
        """What an answer about one number says, in the order people read it."""

    def status(self, found: Mapping[str, Any]) -> str:
        """The status an answer about one number gives it, in our words."""


_registers: dict[str, Register] = {}


def add(register: Register) -> None:
    """Make a register known. Called from its connector's AppConfig.ready."""
    _registers[register.key] = register


def first() -> Register | None:
    """The register that is searched by itself; None where none is installed."""
    return next(iter(_registers.values()), None)


def of_service(service: str) -> Register | None:
    """The register about cases of a service."""
    return next((one for one in _registers.values() if one.service() == service), None)


def of_numbers(type: str) -> Register | None:
    """The register that knows numbers of this type."""
    return next((one for one in _registers.values() if one.numbers == type), None)
