"""What the stand-in for GOV.UK Notify knows: one service with three keys, its templates and its messages."""

import asyncio
import base64
import hashlib
import hmac
import json
import time
import urllib.error
import urllib.request
import uuid
from dataclasses import asdict, dataclass
from typing import Any

from moothall.sandbox.pay.moments import moment

KINDS = ("live", "team", "test")
PER_MINUTE = 3000
DAY = {"email": 250_000, "sms": 250_000, "letter": 20_000}
TRIAL = 50
TEAM = frozenset({"team@council.example", "07700900999"})
SIMULATED = frozenset(
    {
        *("07700900000", "07700900111", "07700900222"),
        *(f"simulate-delivered{one}@notifications.service.gov.uk" for one in ("", "-2", "-3")),
    }
)
OUTCOMES = {
    "07700900003": "temporary-failure",
    "07700900002": "permanent-failure",
    "temp-fail@simulator.notify": "temporary-failure",
    "perm-fail@simulator.notify": "permanent-failure",
}


@dataclass(slots=True)
class Template:
    """A template; placeholders stand as ((name)) in its words."""

    id: str
    type: str
    name: str
    body: str
    subject: str = ""


@dataclass(slots=True)
class Sent:
    """A message as it was taken."""

    id: str
    type: str
    to: str
    reference: str
    template: str
    subject: str
    body: str
    status: str
    created: float
    key: str
    pdf: str = ""  # of a letter produced elsewhere: its SHA-256


TEMPLATES = (
    Template(
        "f33517ff-2a88-4f6e-b855-c550268ce08a",
        "email",
        "Application received",
        "Dear ((first_name))\n\nWe have your application ((case_ref)).((post??\n\nWe write to you by post.))",
        "Your application ((case_ref))",
    ),
    Template("6a9d8e0c-2f0b-4a51-9c1b-1f4f6f0a1a11", "sms", "Received", "We have your application ((case_ref))."),
    Template(
        "0b8f3b52-9b5f-4c0f-8f9e-7c5e7d1b2c22",
        "letter",
        "Received",
        "Dear ((first name))\n\nWe have your application ((case ref)).",
        "Your application",
    ),
)


class NotifyWorld:
    """One service. Nothing is kept over a restart."""

    def __init__(self, *, seed: str | None = None) -> None:
        made = hashlib.sha256(f"notify {seed or uuid.uuid4()}".encode()).digest()
        self.service_id = str(uuid.UUID(bytes=made[:16]))
        self.secrets = {
            kind: str(uuid.UUID(bytes=hashlib.sha256(made + kind.encode()).digest()[:16])) for kind in KINDS
        }
        self.callback_token = base64.urlsafe_b64encode(made).decode()[:32]
        self.clear()

    def clear(self) -> None:
        """Forget every message; settings are as at the start."""
        self.templates = {one.id: one for one in TEMPLATES}
        self.sent: dict[str, Sent] = {}
        self.trial = False
        self.callback_url = ""
        self.per_minute = PER_MINUTE
        self.day = dict(DAY)
        self.receipts: list[dict[str, Any]] = []
        self._recent: dict[str, list[float]] = {kind: [] for kind in KINDS}
        self._going: set[asyncio.Task[None]] = set()

    def key(self, kind: str) -> str:
        """An API key as the service shows it once: a name, the service and a secret."""
        return f"sandbox_{kind}-{self.service_id}-{self.secrets[kind]}"

    def key_of(self, authorization: str) -> str:
        """The kind of the key a token was signed with. Raises ValueError with what is wrong."""
        scheme, _, token = authorization.partition(" ")
        parts = token.split(".")
        if scheme != "Bearer" or len(parts) != 3:
            raise ValueError("Invalid token: signature, api token not found")
        try:
            claims = json.loads(_decoded(parts[1]))
            issuer, issued = str(claims["iss"]), float(claims["iat"])
        except (ValueError, KeyError, TypeError) as fault:
            raise ValueError("Invalid token: signature, api token not found") from fault
        if issuer != self.service_id:
            raise ValueError("Invalid token: service not found")
        for kind, secret in self.secrets.items():
            made = hmac.new(secret.encode(), f"{parts[0]}.{parts[1]}".encode(), hashlib.sha256).digest()
            if hmac.compare_digest(made, _decoded(parts[2])):
                if abs(time.time() - issued) > 30:
                    raise ValueError("Error: Your system clock must be accurate to within 30 seconds")
                return kind
        raise ValueError("Invalid token: API key not found")

    def over_rate(self, kind: str) -> bool:
        """Whether this is more than a key may send in a minute."""
        now = time.time()
        recent = [at for at in self._recent[kind] if at > now - 60]
        self._recent[kind] = [*recent, now]
        return len(recent) >= self.per_minute

    def keep(self, message: Sent) -> None:
        """Take a message, unless it is to a recipient that is only simulated; what becomes of it is told at once."""
        if message.to in SIMULATED:
            return
        self.sent[message.id] = message
        if message.type != "letter":
            outcome = OUTCOMES.get(message.to, "delivered") if message.key == "test" else ""
            if outcome:
                self.end(message, outcome)

    def end(self, message: Sent, status: str) -> None:
        """Let a message end so, and send the receipt where that is wanted."""
        message.status = status
        told = {
            "id": message.id,
            "reference": message.reference or None,
            "to": message.to,
            "status": status,
            "created_at": moment(message.created),
            "completed_at": moment(time.time()),
            "sent_at": moment(message.created),
            "notification_type": message.type,
            "template_id": message.template or None,
            "template_version": 1,
        }
        self.receipts.append(told)
        if self.callback_url:
            task = asyncio.get_running_loop().create_task(self._tell(self.callback_url, told))
            self._going.add(task)
            task.add_done_callback(self._going.discard)

    async def _tell(self, url: str, told: dict[str, Any]) -> None:
        headers = {"Authorization": f"Bearer {self.callback_token}", "Content-Type": "application/json"}
        request = urllib.request.Request(url, json.dumps(told).encode(), headers, method="POST")  # noqa: S310
        for wait in (0, 300, 300, 300, 300, 300):
            await asyncio.sleep(wait)
            status = await asyncio.to_thread(_post, request)
            if status and status < 500 and status != 429:
                return

    def as_json(self) -> list[dict[str, Any]]:
        """Every message, the oldest first."""
        return [asdict(one) for one in self.sent.values()]


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _post(request: urllib.request.Request) -> int:
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310 - set by a tester
            return int(answer.status)
    except urllib.error.HTTPError as refused:
        return refused.code
    except OSError:
        return 0
