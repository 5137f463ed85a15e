"""The receipts GOV.UK Notify sends: whether one is really from there, and how a message ended."""

import hmac
import json
from dataclasses import dataclass

from moothall.connectors.govuk_notify.settings import GovukNotify
from moothall.core.council.settings import read

SHORTEST_TOKEN = 10
STATES = {
    "delivered": "delivered",
    "sent": "sent abroad, where nothing more is heard",
    "received": "printed and posted",
    "permanent-failure": "could not be delivered: the address or number is wrong",
    "temporary-failure": "could not be delivered: the inbox is full or the telephone off, for three days",
    "technical-failure": "could not be delivered: GOV.UK Notify had a fault",
    "validation-failed": "could not be printed: something of it lies outside the page",
    "virus-scan-failed": "could not be printed: it seems to hold a virus",
    "cancelled": "was cancelled in GOV.UK Notify",
    "returned-letter": "came back",
}
GOOD = frozenset({"delivered", "sent", "received"})
THEIR_FAULT = frozenset({"technical-failure"})


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """How a message ended: its id there, its status there, and that in words."""

    id: str
    status: str
    said: str


def genuine(authorization: str) -> bool:
    """Whether a receipt carries our token; never while none is set."""
    token = read(GovukNotify).callback_token.get_secret_value()
    wanted = f"Bearer {token}".encode()
    return len(token) >= SHORTEST_TOKEN and hmac.compare_digest(authorization.encode("utf-8", "replace"), wanted)


def receipt(body: bytes) -> Receipt | None:
    """What a receipt says; None when it is about nothing that is followed here."""
    try:
        told = json.loads(body)
        id_ = str(told.get("id") or told.get("notification_id") or "")[:60]
        status = str(told.get("status") or ("returned-letter" if "notification_id" in told else ""))
    except (ValueError, AttributeError, RecursionError):
        return None
    return Receipt(id=id_, status=status, said=STATES[status]) if id_ and status in STATES else None


def sent_again(status: str) -> bool:
    """Whether a message that ended so is sent by the council's own mail server instead, if it is an e-mail."""
    return status in THEIR_FAULT and read(GovukNotify).fall_back
