"""The messages GOV.UK Pay sends: whether one is really from there, and which payment it is about.

Nothing else in a message is believed: they come late, twice and in any order. The payment is asked about instead.
"""

import hashlib
import hmac
import json
from dataclasses import dataclass

from moothall.connectors.govuk_pay.settings import GovukPay
from moothall.core.council.settings import read

HEADER = "Pay-Signature"


@dataclass(frozen=True, kw_only=True)
class Told:
    """A message: its own id, what happened, and to which payment."""

    message_id: str
    event: str
    provider_id: str


def signature(body: bytes, secret: str) -> str:
    """HMAC-SHA256 of the raw body, lower-case hexadecimal."""
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def genuine(body: bytes, signed: str) -> bool:
    """Whether the signature is that of our webhook; never while no secret is set."""
    secret = read(GovukPay).signing_secret.get_secret_value()
    given = signed.strip().lower().encode("utf-8", "replace")
    return bool(secret) and hmac.compare_digest(signature(body, secret).encode(), given)


def told(body: bytes) -> Told | None:
    """What a genuine message says; None when it is about nothing we follow."""
    try:
        message = json.loads(body)
        found = Told(
            message_id=str(message["webhook_message_id"])[:60],
            event=str(message["event_type"])[:60],
            provider_id=str(message["resource_id"])[:60],
        )
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    return found if message.get("resource_type") == "payment" and found.provider_id.isalnum() else None
