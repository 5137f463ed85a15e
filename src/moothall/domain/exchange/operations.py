"""What an outside operation is, and the register of them by name. Connectors implement and register them.

The dispatcher calls an operation in this order: `build`, `validate` and `request` (inside a transaction, just before
sending),
`send` (in none), `done` (in the transaction that marks the item done). When nobody knows whether a `send` arrived,
`ask` comes before anything else.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Protocol

from moothall.core.accounts.models import User
from moothall.domain.exchange.models import Item

Payload = dict[str, Any]
LONGEST_RETRY_AFTER = timedelta(hours=2)


@dataclass(frozen=True, kw_only=True)
class Transcript:
    """One exchange as it went over the wire. The queue masks secrets and shortens pictures before it keeps it.

    `request` may hold method, url, headers and body; `response` status, headers and body; None when none came.
    """

    request: Mapping[str, Any] | None = None
    response: Mapping[str, Any] | None = None


@dataclass(frozen=True, kw_only=True)
class Reply:
    """The other system has it. `result` is what it answered in our words; `summary` a sentence for the timeline."""

    result: Mapping[str, Any] = field(default_factory=dict)
    summary: str = ""
    transcript: Transcript = Transcript()


class SendError(Exception):
    """A call failed; the message may be shown to an officer.

    `unknown`: it may have arrived (time-out, connection lost after sending), so ask before anything else.
    `retryable`: it surely was not done and trying again makes sense (never reached, busy, broken for now).
    Neither: a person must put something right. `retry_after`: when the other system said how long to wait, up to two hours.
    """

    def __init__(
        self,
        sentence: str,
        *,
        retryable: bool = False,
        unknown: bool = False,
        retry_after: timedelta | None = None,
        request: Mapping[str, Any] | None = None,
        response: Mapping[str, Any] | None = None,
    ) -> None:
        if retryable and unknown:
            raise ValueError("A call that may have arrived is asked about first: it is unknown, not retryable.")
        super().__init__(sentence)
        self.retryable = retryable
        self.unknown = unknown
        self.retry_after = None if retry_after is None else min(max(retry_after, timedelta(0)), LONGEST_RETRY_AFTER)
        self.transcript = Transcript(request=request, response=response)


@dataclass(frozen=True, kw_only=True)
class Editable:
    """A field of a request that an officer may change while it waits. Null leaves it out of the request.

    `title` follows "the" in a sentence. `kind`: text, a whole number, yes or no, or a day (as YYYY-MM-DD). What a
    `personal` field was and became is not written on the case.
    """

    title: str
    kind: type[str] | type[int] | type[bool] | type[date] = str
    personal: bool = False


class Operation(Protocol):
    """One thing an outside system can be told. Stateless: everything comes from the item and its case.

    Calls must end well within the connector's `lease_seconds`, beyond which no lease is renewed: use a time-out on
    every step of them.
    """

    @property
    def name(self) -> str:
        """Its name in definitions, e.g. `dft_blue_badge.order`."""

    @property
    def connector(self) -> str:
        """The key of the connector it goes through."""

    @property
    def title(self) -> str:
        """What it does, in an officer's words, e.g. "Badge order"."""

    @property
    def lane(self) -> str:
        """What must keep its order with it on a case: an unsettled item holds back later ones of its lane only."""

    @property
    def editable(self) -> Mapping[str, Editable]:
        """The fields of the request an officer may change, by name. All others come from the case, whatever is edited:
        so it holds nothing that says whose record the request is about, unless `validate` compares it with the case.
        """

    def subject(self, item: Item) -> str:
        """Whom it is about (e.g. the customer's id): a second item within the connector's days is paused.

        Called with the item not saved yet. Empty: the rule does not apply.
        """

    def build(self, item: Item) -> Payload:
        """The request made from the case as it is now. May raise SendError when it cannot be made."""

    def validate(self, payload: Payload, *, item: Item) -> list[str]:
        """What an officer must put right before this can be sent, as sentences; empty when nothing."""

    def request(self, payload: Payload, *, item: Item) -> Mapping[str, Any]:
        """The call `send` is going to make: method, url and headers, as they are kept before it is made.

        What is wrong in the program or in `payload` should show here, where surely nothing was sent. May raise SendError.
        """

    def send(self, payload: Payload, *, item: Item) -> Reply:
        """Tell the other system. Raises SendError. Its transport says `leaving.leaves()` before anything leaves."""

    def ask(self, payload: Payload, *, item: Item) -> Reply | None:
        """How it stands there: the reply if it was done, None if it surely was not. Raises SendError.

        `payload` is what was sent (the case may have changed since), with pictures shortened.
        """

    def done(self, item: Item, reply: Reply, *, by: User, at: datetime) -> None:
        """What follows from it in our own records; committed together with the item being done."""


class UnknownOperation(LookupError):
    """No operation is registered under that name."""


_operations: dict[str, Operation] = {}
_longest: dict[str, float] = {}  # by connector
_called: dict[str, str] = {}  # by connector
_set_up: dict[str, Callable[[], bool]] = {}  # by connector


def register(operation: Operation) -> None:
    """Make an operation known under its name. Called from the connector's AppConfig.ready."""
    known = _operations.get(operation.name)
    if known is not None and type(known) is not type(operation):
        raise ValueError(f"Two operations are called {operation.name}.")
    _operations[operation.name] = operation


def get(name: str) -> Operation:
    """Find an operation; raises UnknownOperation."""
    if name not in _operations:
        raise UnknownOperation(f"There is no operation called {name}: is its connector installed?")
    return _operations[name]


def lasts(connector: str, *, seconds: float) -> None:
    """Say how long a call of a connector may be under way at most. Called from the connector's AppConfig.ready."""
    _longest[connector] = seconds


def longest_call(connector: str) -> float:
    """How long a call of a connector may be under way at most, in seconds; 0 when it did not say."""
    return _longest.get(connector, 0)


def called(connector: str, name: str) -> None:
    """Say what people call a connector. Called from the connector's AppConfig.ready."""
    _called[connector] = name


def used_when(connector: str, is_set_up: Callable[[], bool]) -> None:
    """Say how to know that the council has set a connector up, so that it can be tested and watched before its first use."""
    _set_up[connector] = is_set_up


def set_up() -> list[str]:
    """The keys of connectors the council has set up, of those that say so."""
    return [connector for connector, is_set_up in sorted(_set_up.items()) if is_set_up()]


def name_of(connector: str) -> str:
    """What people call a connector; its key in words when it did not say."""
    return _called.get(connector, connector.replace("_", " ").capitalize())


def names() -> frozenset[str]:
    return frozenset(_operations)


def connectors() -> frozenset[str]:
    """The keys of the connectors that operations go through."""
    return frozenset(operation.connector for operation in _operations.values())
