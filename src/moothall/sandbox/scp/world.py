"""What the stand-in for the Secure Card Portal knows: the payments of one portal."""

import base64
import hashlib
import secrets
from dataclasses import asdict, dataclass
from typing import Any

from moothall.sandbox.dft.store import Store

PREFIX = "/pay360"
STATUSES = ("SUCCESS", "INVALID_REQUEST", "CARD_DETAILS_REJECTED", "CANCELLED", "LOGGED_OUT", "NOT_ATTEMPTED", "ERROR")


@dataclass(slots=True)
class ScpPayment:
    """A payment. Without a `status` it is in progress."""

    reference: str
    request_id: str
    pence: int
    description: str
    return_url: str
    lines: list[str]
    status: str = ""
    transaction: str = ""


class ScpWorld:
    """All payments of one portal, kept in the sandbox's file when there is one."""

    def __init__(self, *, store: Store, seed: str | None = None) -> None:
        self.store = store
        self.base_url = ""
        key = hashlib.sha256(f"portal {seed}".encode()).digest() if seed else secrets.token_bytes(32)
        self.scp_id, self.site_id, self.key_id = 1234567, 42, 123
        self.secret = base64.b64encode(key).decode()
        self.used: set[str] = set()  # references of requests, each of which is good once
        self.payments: dict[str, ScpPayment] = {key: ScpPayment(**value) for key, value, _ in store.all("scp_payment")}

    def add(self, **given: Any) -> ScpPayment:
        """A new payment."""
        payment = ScpPayment(reference=f"z{secrets.token_hex(9)}", **given)
        return self.keep(payment)

    def end(self, payment: ScpPayment, status: str) -> ScpPayment:
        """Let a payment come to a status. Raises ValueError for one that is none, or when it is over."""
        if status not in STATUSES:
            raise ValueError(f"There is no status {status!r}.")
        if payment.status:
            raise ValueError(f"The payment is {payment.status} already.")
        payment.status = status
        if status == "SUCCESS":
            payment.transaction = secrets.token_hex(6).upper()
        return self.keep(payment)

    def keep(self, payment: ScpPayment) -> ScpPayment:
        """Write a payment to the file."""
        self.payments[payment.reference] = payment
        self.store.put("scp_payment", payment.reference, asdict(payment))
        return payment

    def clear(self) -> None:
        """Forget every payment; the secret stays."""
        for reference in self.payments:
            self.store.remove("scp_payment", reference)
        self.payments.clear()
        self.used.clear()
