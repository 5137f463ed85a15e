"""What the stand-in for GOV.UK Pay knows: payments, refunds and the webhook messages they cause."""

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from moothall.sandbox.dft.store import Store
from moothall.sandbox.pay.webhooks import Webhooks

PREFIX = "/govuk_pay"
ALPHABET = "0123456789abcdefghijklmnopqrstuv"
LIFE = timedelta(minutes=90)
CAPTURE_LIFE = timedelta(hours=120)
FINISHED = frozenset({"success", "failed", "cancelled", "error"})
FAILURES = {
    "rejected": ("failed", "P0010", "Payment method rejected"),
    "expired": ("failed", "P0020", "Payment expired"),
    "payer": ("failed", "P0030", "Payment was cancelled by the user"),
    "service": ("cancelled", "P0040", "Payment was cancelled by the service"),
    "error": ("error", "P0050", "Payment provider returned an error"),
}


@dataclass(slots=True)
class PayRefund:
    """Money given back of a payment."""

    id: str
    pence: int
    status: str
    created: float


@dataclass(slots=True)
class PayPayment:
    """A payment; `asked` is the body it was created with. Moments are seconds since 1970."""

    id: str
    asked: dict[str, Any]
    created: float
    status: str = "created"
    code: str = ""
    message: str = ""
    token: str = ""  # of the link to the card page, which works once
    card: dict[str, Any] | None = None
    captured: float | None = None
    refunds: list[PayRefund] = field(default_factory=list)
    events: list[tuple[str, float]] = field(default_factory=list)

    @property
    def pence(self) -> int:
        return int(self.asked["amount"])

    @property
    def refunded(self) -> int:
        """What was given back or is on its way."""
        return sum(one.pence for one in self.refunds if one.status != "error")

    @property
    def finished(self) -> bool:
        return self.status in FINISHED


@dataclass(slots=True)
class PaySettings:
    """What may be changed while it runs. `search_lag` is how many seconds late a search finds a payment."""

    zero_allowed: bool = False
    live: bool = False  # a live account takes return addresses with https only
    rate_limited: bool = True
    search_lag: float = 0.0
    refunds_at_once: bool = True  # else they stay submitted until moved
    disabled: bool = False  # the account is closed: P0941


class PayWorld:
    """All payments of one account, kept in the sandbox's file when there is one."""

    def __init__(
        self, *, store: Store, seed: str | None = None, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self.store = store
        self.clock = clock
        self.base_url = ""
        made = hashlib.sha256(f"pay {seed}".encode()).hexdigest() if seed else secrets.token_hex(32)
        self.api_key = f"api_test_{made}"
        self.signing_secret = hashlib.sha256(f"webhook {made}".encode()).hexdigest()
        self.settings = PaySettings()
        self.webhooks = Webhooks()
        self.payments: dict[str, PayPayment] = {}
        self._second = (0, {"POST": 0, "GET": 0})
        for _, value, _ in store.all("pay_payment"):
            refunds = [PayRefund(**one) for one in value.pop("refunds")]
            self.payments[value["id"]] = PayPayment(**value, refunds=refunds)

    def now(self) -> float:
        """Seconds since 1970."""
        return self.clock().timestamp()

    def new_id(self) -> str:
        """26 characters, as the service makes them."""
        return "".join(secrets.choice(ALPHABET) for _ in range(26))

    def too_many(self, method: str) -> bool:
        """Whether this call is more than the account may make in a second: 15 that write, 75 that read."""
        second = int(self.now())
        if self._second[0] != second:
            self._second = (second, {"POST": 0, "GET": 0})
        kind = "GET" if method == "GET" else "POST"
        self._second[1][kind] += 1
        return self.settings.rate_limited and self._second[1][kind] > (75 if kind == "GET" else 15)

    def add(self, asked: dict[str, Any]) -> PayPayment:
        """A new payment."""
        payment = PayPayment(self.new_id(), asked, self.now(), token=secrets.token_urlsafe(16))
        payment.events.append(("created", payment.created))
        self.payments[payment.id] = payment
        return self.keep(payment)

    def get(self, payment_id: str) -> PayPayment | None:
        """A payment as it is now: one that was left alone for too long has expired."""
        payment = self.payments.get(payment_id)
        if payment is None:
            return None
        life = CAPTURE_LIFE if payment.status == "capturable" else LIFE
        if not payment.finished and self.now() - payment.created > life.total_seconds():
            self.fail(payment, "expired")
        return payment

    def all(self) -> list[PayPayment]:
        """Every payment, the newest first."""
        found = [self.get(one) for one in list(self.payments)]
        return sorted((one for one in found if one), key=lambda one: one.created, reverse=True)

    def move(self, payment: PayPayment, status: str, *, code: str = "", message: str = "") -> None:
        """Give a payment another status."""
        payment.status, payment.code, payment.message = status, code, message
        payment.events.append((status, self.now()))
        if status == "started":
            self.tell(payment, "card_payment_started")
        self.keep(payment)

    def succeed(self, payment: PayPayment) -> None:
        """The card was charged: captured at once, unless that was to be delayed."""
        if payment.asked.get("delayed_capture") and payment.status != "capturable":
            self.move(payment, "capturable")
            return
        self.move(payment, "success")
        payment.captured = self.now()
        self.keep(payment)
        self.tell(payment, "card_payment_succeeded")
        self.tell(payment, "card_payment_captured")

    def fail(self, payment: PayPayment, why: str) -> None:
        """It came to nothing: one of `FAILURES`."""
        status, code, message = FAILURES[why]
        self.move(payment, status, code=code, message=message)
        if status in ("failed", "error"):
            self.tell(payment, "card_payment_expired" if why == "expired" else "card_payment_failed")

    def refund(self, payment: PayPayment, pence: int) -> PayRefund:
        """Give money back."""
        status = "success" if self.settings.refunds_at_once else "submitted"
        refund = PayRefund(self.new_id(), pence, status, self.now())
        payment.refunds.append(refund)
        self.keep(payment)
        if status == "success":
            self.tell(payment, "card_payment_refunded")
        return refund

    def settle_refund(self, payment: PayPayment, refund_id: str, status: str) -> None:
        """Let a submitted refund succeed or fail. Raises StopIteration when there is none."""
        refund = next(one for one in payment.refunds if one.id == refund_id)
        refund.status = status
        self.keep(payment)
        if status == "success":
            self.tell(payment, "card_payment_refunded")

    def tell(self, payment: PayPayment, event: str) -> None:
        """Note a webhook message, and deliver it where somebody listens."""
        from moothall.sandbox.pay.shapes import whole  # shapes show what a world holds

        resource = whole(self, payment)
        resource.pop("_links", None)
        self.webhooks.add(self.new_id(), event, payment.id, resource, secret=self.signing_secret, at=self.clock())

    def keep(self, payment: PayPayment) -> PayPayment:
        """Write a payment to the file."""
        self.store.put("pay_payment", payment.id, asdict(payment))
        return payment

    def clear(self) -> None:
        """Forget every payment and message; the key stays, settings are as at the start."""
        for payment_id in self.payments:
            self.store.remove("pay_payment", payment_id)
        self.payments.clear()
        self.settings = PaySettings()
        self.webhooks.clear()
