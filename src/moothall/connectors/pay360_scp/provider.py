"""The Secure Card Portal as a way to take money: its statuses in our words. It gives nothing back and sends no messages."""

from collections.abc import Iterator
from datetime import datetime

from django.utils import timezone

from moothall.connectors.pay360_scp import KEY, NAME, client
from moothall.connectors.pay360_scp.client import PortalError
from moothall.connectors.pay360_scp.messages import Said
from moothall.connectors.pay360_scp.settings import Pay360
from moothall.core.council.settings import read
from moothall.domain.payments.providers import Asked, NoSuchPayment, Returned, Standing, State

_STATES = {
    "SUCCESS": State.TAKEN,
    "CARD_DETAILS_REJECTED": State.DECLINED,
    "CANCELLED": State.CANCELLED,
    "LOGGED_OUT": State.EXPIRED,
    "NOT_ATTEMPTED": State.CANCELLED,
    "INVALID_REQUEST": State.ERROR,
    "ERROR": State.ERROR,
}
_WHY = {
    "CARD_DETAILS_REJECTED": "The card was declined.",
    "CANCELLED": "The payer cancelled the payment.",
    "LOGGED_OUT": "The payment was not finished in time.",
    "NOT_ATTEMPTED": "The payer did not try to pay.",
}


class Portal:
    """Answers `payments.providers.Provider`."""

    key = KEY
    name = NAME
    refunds = False
    lists = False

    def connected(self) -> bool:
        """Whether the council has set its portal."""
        return read(Pay360).connected

    def begin(self, asked: Asked) -> Standing:
        """Begin a payment: where the payer goes is in the answer."""
        said = client.current().invoke(
            reference=asked.reference,
            pence=asked.pence,
            purpose=asked.purpose,
            return_url=asked.return_url,
            fund=read(Pay360).fund_of(asked.details.get("service", "")),
            at=timezone.now(),
        )
        if said.status != "SUCCESS" or not said.redirect:
            raise PortalError(f"Pay360 refused the payment ({said.error or said.status}).")
        return Standing(
            provider_id=said.reference,
            reference=asked.reference,
            state=State.WAITING,
            pence=asked.pence,
            next_url=said.redirect,
        )

    def standing(self, provider_id: str) -> Standing:
        """How a payment stands. Raises NoSuchPayment."""
        said = client.current().query(provider_id, at=timezone.now())
        if said.state == "INVALID_REFERENCE":
            raise NoSuchPayment("Pay360 has no such payment.")
        return _standing(said, provider_id)

    def find(self, reference: str) -> Standing | None:  # noqa: ARG002
        """Nothing: it cannot be asked by our reference. The payer was not sent there without an answer."""
        return None

    def cancel(self, provider_id: str) -> Standing:
        """It cannot be cancelled from here: how it stands."""
        return self.standing(provider_id)

    def returned(self, provider_id: str) -> list[Returned]:  # noqa: ARG002
        """Nothing is given back through it."""
        return []

    def taken(self, *, since: datetime, until: datetime) -> Iterator[Standing]:  # noqa: ARG002
        """It tells only of payments it is asked about."""
        return iter(())

    def given_back(self, *, since: datetime, until: datetime) -> Iterator[Returned]:  # noqa: ARG002
        """Nothing is given back through it."""
        return iter(())

    def refund_operation(self) -> str:
        """There is none."""
        return ""


def _standing(said: Said, provider_id: str) -> Standing:
    """Raises PortalError for a status that is not in its contract."""
    if said.state == "IN_PROGRESS":
        state = State.WAITING
    elif said.status in _STATES:
        state = _STATES[said.status]
    else:
        raise PortalError(
            f"Pay360 answered with a status that is not known ({said.status or said.state}).", retryable=True
        )
    if state == State.TAKEN and said.pence <= 0:
        raise PortalError("Pay360 says that money was taken, and not how much.", retryable=True)
    why = (
        _WHY.get(said.status, said.error or "Pay360 had a fault.") if state not in (State.TAKEN, State.WAITING) else ""
    )
    return Standing(
        provider_id=provider_id,
        reference=said.request_id,
        state=state,
        pence=said.pence,
        why=why[:200],
        audit=said.transaction,
    )
