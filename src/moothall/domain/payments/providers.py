"""The question to whoever takes money online, as a Protocol: connectors answer it and register themselves.

No call is made inside a transaction. What a browser or a message says of a payment is never believed: how it stands is
asked here, of the provider itself.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class State(StrEnum):
    """How a payment stands at its provider, in our words."""

    WAITING = "waiting"  # the payer may still pay
    TAKEN = "taken"  # the money was taken
    DECLINED = "declined"  # the card was refused
    EXPIRED = "expired"
    CANCELLED = "cancelled"  # by the payer or by us
    ERROR = "error"


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What a provider is asked to take. `reference` is ours, of this one attempt; `return_url` is where the payer goes."""

    reference: str
    pence: int
    purpose: str
    return_url: str
    language: str = "en"
    details: Mapping[str, str] = field(default_factory=dict)  # what the council's finance needs, e.g. the case


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How one payment stands there. `pence` is what is or was to be taken, `given_back` what was returned of it."""

    provider_id: str
    reference: str
    state: State
    pence: int
    given_back: int = 0
    why: str = ""  # why it came to nothing, in words
    next_url: str = ""  # where the payer goes to pay; a secret
    created_at: datetime | None = None
    audit: str = ""  # what finance reconciles on, where the provider gives something of the kind


class RefundState(StrEnum):
    """How a refund stands at its provider."""

    SENT = "sent"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, kw_only=True)
class Returned:
    """A refund as the provider knows it. `provider_id` is the payment's, `refund_id` its own."""

    provider_id: str
    refund_id: str
    pence: int
    state: RefundState
    created_at: datetime | None = None


class ProviderError(Exception):
    """A provider could not be asked, or refuses. The message may be shown to an officer.

    `retryable`: surely nothing was done and trying again makes sense. `unknown`: it may have been done: ask first.
    """

    retryable: bool = False
    unknown: bool = False


class NoSuchPayment(ProviderError):
    """The provider knows nothing of this payment."""


class Provider(Protocol):
    """One way to take money online. Every call ends in time, and raises ProviderError."""

    @property
    def key(self) -> str:
        """The key of its connector, e.g. `govuk_pay`."""

    @property
    def name(self) -> str:
        """What people call it."""

    @property
    def refunds(self) -> bool:
        """Whether money can be given back through it."""

    @property
    def lists(self) -> bool:
        """Whether it can be asked for all it took, not only for what we know of."""

    def connected(self) -> bool:
        """Whether the council has set enough to call it."""

    def begin(self, asked: Asked) -> Standing:
        """Begin a payment: where the payer goes is in the answer."""

    def standing(self, provider_id: str) -> Standing:
        """How a payment stands. Raises NoSuchPayment."""

    def find(self, reference: str) -> Standing | None:
        """The payment with this reference of ours; None when there is none, as far as can be known."""

    def cancel(self, provider_id: str) -> Standing:
        """Stop a payment that was not made; how it stands afterwards, which may be taken all the same."""

    def returned(self, provider_id: str) -> list[Returned]:
        """All refunds of a payment."""

    def taken(self, *, since: datetime, until: datetime) -> Iterator[Standing]:
        """All payments begun between these moments that were taken."""

    def given_back(self, *, since: datetime, until: datetime) -> Iterator[Returned]:
        """All refunds made between these moments."""

    def refund_operation(self) -> str:
        """The operation of the integration queue that gives money back; empty when there is none."""


_providers: dict[str, Provider] = {}


def register(provider: Provider) -> None:
    """Make a provider known. Called from its connector's AppConfig.ready."""
    _providers[provider.key] = provider


def get(key: str) -> Provider:
    """A provider by its key. Raises ProviderError."""
    if key not in _providers:
        raise ProviderError("This way to take payments is not installed.")
    return _providers[key]


def connected() -> list[Provider]:
    """Every provider the council has set up, in the order of their keys."""
    return [_providers[key] for key in sorted(_providers) if _providers[key].connected()]


def name_of(key: str) -> str:
    """What people call a provider."""
    return _providers[key].name if key in _providers else key
