"""Where submissions go: who delivers each kind of destination, and where references come from.

Forms know nothing of cases or connectors: whoever does says so as the product starts.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from moothall.domain.forms.definition import Destination
from moothall.domain.forms.journey import Journey
from moothall.domain.forms.models import Delivery, Submission


class NotDelivered(Exception):
    """A submission could not be delivered; the message says why. `retryable`: another try makes sense."""

    def __init__(self, sentence: str, *, retryable: bool) -> None:
        super().__init__(sentence)
        self.retryable = retryable


@dataclass(frozen=True, kw_only=True)
class Parcel:
    """A submission on its way to one destination. `key` is the same at every try."""

    submission: Submission
    delivery: Delivery
    destination: Destination
    journey: Journey

    @property
    def key(self) -> str:
        """What tells one delivery from every other, at every try."""
        return f"{self.submission.key}.{self.delivery.place}"


class Deliverer(Protocol):
    """Delivers to one kind of destination, in the transaction that marks it done; returns what it is known by there.

    Raises NotDelivered.
    """

    def __call__(self, parcel: Parcel, *, at: datetime) -> str: ...


Listener = Callable[[Delivery, datetime], None]
Referencer = Callable[[str], tuple[int, str]]
_deliverers: dict[str, Deliverer] = {}
_referencers: list[Referencer] = []
_listeners: dict[str, list[Listener]] = {}


def delivers(kind: str) -> Callable[[Deliverer], Deliverer]:
    """Register who delivers to one kind of destination."""

    def register(deliverer: Deliverer) -> Deliverer:
        _deliverers[kind] = deliverer
        return deliverer

    return register


def delivered_to(kind: str) -> Callable[[Listener], Listener]:
    """Register who is told, in the same transaction, that something was delivered to one kind of destination."""

    def register(listener: Listener) -> Listener:
        _listeners.setdefault(kind, []).append(listener)
        return listener

    return register


def tell(delivery: Delivery, *, at: datetime) -> None:
    """Tell everybody who asked to be told of a delivery that was made."""
    for listener in _listeners.get(delivery.kind, ()):
        listener(delivery, at)


def deliverer(kind: str) -> Deliverer:
    """Who delivers to a kind. Raises NotDelivered where nobody does."""
    try:
        return _deliverers[kind]
    except KeyError:
        raise NotDelivered(f"Nothing here delivers to “{kind}”: is its connector installed?", retryable=True) from None


def references_by(referencer: Referencer) -> Referencer:
    """Register who takes the next number of a service, and makes a reference of it."""
    _referencers[:] = [referencer]
    return referencer


def next_reference(service: str) -> tuple[int, str]:
    """The next number of a service, and its reference."""
    return _referencers[0](service)
