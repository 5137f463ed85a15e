"""GOV.UK Pay as a way to take money: its statuses in our words."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from moothall.connectors.govuk_pay import KEY, NAME, client
from moothall.connectors.govuk_pay.client import Row
from moothall.connectors.govuk_pay.errors import PayError
from moothall.connectors.govuk_pay.settings import GovukPay
from moothall.core.council.settings import read
from moothall.domain.payments.providers import Asked, RefundState, Returned, Standing, State

REFUND = f"{KEY}.refund"
_STATES = {
    "created": State.WAITING,
    "started": State.WAITING,
    "submitted": State.WAITING,
    "capturable": State.WAITING,
    "success": State.TAKEN,
    "cancelled": State.CANCELLED,
    "error": State.ERROR,
}
_FAILED = {"P0010": State.DECLINED, "P0020": State.EXPIRED, "P0030": State.CANCELLED}
_WHY = {
    "P0010": "The card was declined.",
    "P0020": "The payment was not finished in time.",
    "P0030": "The payer cancelled the payment.",
    "P0040": "We cancelled the payment.",
    "P0050": "The bank or GOV.UK Pay had a fault.",
}
_REFUNDS = {"submitted": RefundState.SENT, "success": RefundState.DONE, "error": RefundState.FAILED}
_BLOCKED = str.maketrans(dict.fromkeys('<>"\\|', " "))
_LONGEST = 255
_LONGEST_DETAIL = 100


class Pay:
    """Answers `payments.providers.Provider`."""

    key = KEY
    name = NAME
    refunds = True
    lists = True

    def connected(self) -> bool:
        """Whether the council has set its key."""
        return read(GovukPay).connected

    def begin(self, asked: Asked) -> Standing:
        """Begin a payment: where the payer goes is in the answer."""
        body: dict[str, Any] = {
            "amount": asked.pence,
            "reference": _clean(asked.reference),
            "description": _clean(asked.purpose),
            "return_url": asked.return_url,
            "language": "cy" if asked.language == "cy" else "en",
        }
        if asked.details:
            body["metadata"] = {name: _clean(value)[:_LONGEST_DETAIL] for name, value in asked.details.items()}
        answer = client.current().create(body).body
        if not answer.get("payment_id"):
            raise PayError("The answer of GOV.UK Pay could not be read.", status=200, unknown=True)
        return _standing(answer)

    def standing(self, provider_id: str) -> Standing:
        """How a payment stands. Raises NoSuchPayment."""
        return _standing(client.current().payment(provider_id))

    def find(self, reference: str) -> Standing | None:
        """The payment with this reference; a search may be minutes behind, so None is not yet certain."""
        pay = client.current()
        for row in pay.search(reference=_clean(reference)):
            if str(row.get("reference")) == _clean(reference):
                return _standing(pay.payment(str(row.get("payment_id"))))
        return None

    def cancel(self, provider_id: str) -> Standing:
        """Stop a payment that was not made; how it stands afterwards."""
        pay = client.current()
        with suppress(_Over):
            try:
                pay.cancel(provider_id)
            except PayError as error:
                if error.status not in (400, 409):
                    raise
                raise _Over from error
        return _standing(pay.payment(provider_id))

    def returned(self, provider_id: str) -> list[Returned]:
        """All refunds of a payment."""
        return [as_returned(row, provider_id) for row in client.current().refunds(provider_id)]

    def taken(self, *, since: datetime, until: datetime) -> Iterator[Standing]:
        """All payments begun between these moments that were taken."""
        for row in client.current().search(state="success", **_between(since, until)):
            yield _standing(row)

    def given_back(self, *, since: datetime, until: datetime) -> Iterator[Returned]:
        """All refunds made between these moments."""
        for row in client.current().search_refunds(**_between(since, until)):
            yield as_returned(row, _payment_of(row))

    def refund_operation(self) -> str:
        """The operation of the integration queue that gives money back."""
        return REFUND


class _Over(Exception):
    """The payment cannot be cancelled any more."""


def as_returned(row: Row, provider_id: str) -> Returned:
    """A refund in our words. Raises PayError."""
    try:
        return Returned(
            provider_id=provider_id,
            refund_id=str(row["refund_id"]),
            pence=int(row["amount"]),
            state=_REFUNDS[row["status"]],
            created_at=_moment(row.get("created_date")),
        )
    except (KeyError, TypeError, ValueError) as fault:
        raise PayError("The answer of GOV.UK Pay could not be read.", status=200, retryable=True) from fault


def _standing(row: Row) -> Standing:
    try:
        state = row["state"]
        code = str(state.get("code") or "")
        summary = row.get("refund_summary") or {}
        ours = _FAILED.get(code, State.DECLINED) if state["status"] == "failed" else _STATES[state["status"]]
        return Standing(
            provider_id=str(row["payment_id"]),
            reference=str(row["reference"]),
            state=ours,
            pence=int(row["amount"]),
            given_back=int(summary.get("amount_submitted") or 0),
            why=_WHY.get(code, str(state.get("message") or ""))[:200]
            if ours not in (State.TAKEN, State.WAITING)
            else "",
            next_url=_next(row),
            created_at=_moment(row.get("created_date")),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as fault:
        raise PayError("The answer of GOV.UK Pay could not be read.", status=200, retryable=True) from fault


def _next(row: Row) -> str:
    link = (row.get("_links") or {}).get("next_url") or {}
    return str(link.get("href") or "")


def _payment_of(row: Row) -> str:
    """A refund found by searching names its payment, or links to it."""
    link = ((row.get("_links") or {}).get("payment") or {}).get("href") or ""
    return str(row.get("payment_id") or str(link).rpartition("/")[2])


def _moment(text: Any) -> datetime | None:
    try:
        return datetime.fromisoformat(str(text)) if text else None
    except ValueError:
        return None


def _between(since: datetime, until: datetime) -> dict[str, str]:
    return {"from_date": _iso(since), "to_date": _iso(until)}


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _clean(text: str) -> str:
    """Text without what its firewall blocks, in one line, as long as it takes."""
    return " ".join(text.translate(_BLOCKED).split())[:_LONGEST]
