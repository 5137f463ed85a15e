"""Giving money back through GOV.UK Pay, by way of the integration queue: once, whatever happens on the way.

The service knows no key of ours for a refund. Instead each says how much is left of the payment, which stops a second
one; and a refund that is there and that nobody here knows of is the one that got no answer.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from moothall.connectors.govuk_pay import KEY, client, errors
from moothall.connectors.govuk_pay.client import Answer
from moothall.connectors.govuk_pay.errors import PayError
from moothall.connectors.govuk_pay.provider import REFUND, as_returned
from moothall.core.accounts.models import User
from moothall.domain.cases import refunding
from moothall.domain.exchange.models import Item
from moothall.domain.exchange.operations import Editable, Payload, Reply, Transcript
from moothall.domain.payments.models import Attempt, Refund
from moothall.domain.payments.providers import Returned
from moothall.kit import money

COUNTED = (Refund.Status.SENT, Refund.Status.DONE)


class GiveBack:
    """Gives back what a refund says, if as much is left of the payment as we think."""

    name = REFUND
    connector = KEY
    title = "Refund"
    lane = "refunds"
    editable: Mapping[str, Editable] = {}

    def subject(self, item: Item) -> str:  # noqa: ARG002 - two refunds of one customer are two refunds
        return ""

    def build(self, item: Item) -> Payload:
        refund, attempt = _about(item)
        others = list(refund.payment.refunds.filter(status__in=COUNTED).exclude(refund_id=""))
        return {
            "payment": attempt.provider_id,
            "amount": refund.pence,
            "available": attempt.settles.pence - sum(one.pence for one in others) if attempt.settles else 0,
            "known": sorted(one.refund_id for one in others),
        }

    def validate(self, payload: Payload, *, item: Item) -> list[str]:
        refund, _ = _about(item)
        if refund.status != Refund.Status.QUEUED:
            return ["This refund is not waiting to be sent any more: cancel this."]
        if payload["amount"] > payload["available"]:
            return ["More is to be given back than is left of the payment: cancel this, and give back what is left."]
        return []

    def request(self, payload: Payload, *, item: Item) -> Mapping[str, Any]:  # noqa: ARG002
        return client.current().refunding(str(payload["payment"]))

    def send(self, payload: Payload, *, item: Item) -> Reply:  # noqa: ARG002
        pay, payment = client.current(), str(payload["payment"])
        try:
            answer = pay.refund(payment, pence=payload["amount"], available=payload["available"])
        except PayError as error:
            if error.code == errors.MISMATCH and (found := _unknown(payload)):
                return _reply(found)
            raise
        return _reply(as_returned(answer.body, payment), answer)

    def ask(self, payload: Payload, *, item: Item) -> Reply | None:  # noqa: ARG002
        found = _unknown(payload)
        return _reply(found) if found else None

    def done(self, item: Item, reply: Reply, *, by: User, at: datetime) -> None:  # noqa: ARG002
        found = reply.result
        refund, attempt = _about(item)
        refunding.stands(
            refund.pk,
            Returned(
                provider_id=attempt.provider_id,
                refund_id=str(found["refund_id"]),
                pence=int(found["pence"]),
                state=found["state"],
            ),
            at=at,
        )


def _about(item: Item) -> tuple[Refund, Attempt]:
    refund = Refund.objects.select_related("payment__settled_by__settles").get(pk=item.arguments["refund"])
    return refund, refund.payment.settled_by


def _unknown(payload: Payload) -> Returned | None:
    """A refund of this amount that is there and was not known here when this one was sent."""
    payment = str(payload["payment"])
    for row in client.current().refunds(payment):
        found = as_returned(row, payment)
        known = found.refund_id in payload["known"] or Refund.objects.filter(refund_id=found.refund_id).exists()
        if not known and found.pence == payload["amount"]:
            return found
    return None


def _reply(found: Returned, answer: Answer | None = None) -> Reply:
    result = {"refund_id": found.refund_id, "pence": found.pence, "state": str(found.state)}
    transcript = Transcript(request=answer.request, response=answer.response) if answer else Transcript()
    return Reply(result=result, summary=f"{money.display(found.pence)} given back.", transcript=transcript)
