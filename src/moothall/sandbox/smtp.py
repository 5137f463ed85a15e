"""A real mail server on a loopback port that keeps every message and delivers none. Faults on demand."""

import asyncio
import email
import email.policy
import itertools
from collections import deque
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session

KEPT = 2000
LARGEST_BYTES = 30 * 1024 * 1024
FAULTS = {"4xx": "451 4.3.0 Try again later", "5xx": "550 5.1.1 No such mailbox", "hang": ""}
LONGEST_WAIT_SECONDS = 600


class UnknownMailFault(ValueError):
    """Its message may be shown to whoever asked."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file in a message. `size` is in bytes."""

    name: str
    media_type: str
    size: int


@dataclass(frozen=True, slots=True)
class Mail:
    """A message that was accepted."""

    number: int
    at: str
    sender: str
    recipients: list[str]
    subject: str
    text: str
    html: str
    attachments: list[Attachment]
    headers: dict[str, str]
    raw: str


class MailSink:
    """Accepts mail for anybody. It is the handler aiosmtpd calls."""

    def __init__(self) -> None:
        self._mail: deque[Mail] = deque(maxlen=KEPT)
        self._numbers = itertools.count(1)
        self.fault = ""
        self.left: int | None = None

    def set_fault(self, fault: str, count: int | None = None) -> None:
        """Strike the next `count` messages (all when None) with 4xx, 5xx or hang; "" to stop.

        Raises `UnknownMailFault`.
        """
        if fault and fault not in FAULTS:
            raise UnknownMailFault(f"{fault!r} is not a mail fault. There are: {', '.join(FAULTS)}.")
        self.fault, self.left = fault, count

    def messages(self) -> list[Mail]:
        """Every kept message, newest first."""
        return list(reversed(self._mail))

    def as_json(self) -> list[dict[str, Any]]:
        """Every kept message, newest first, as JSON."""
        return [asdict(mail) for mail in self.messages()]

    def clear(self) -> None:
        """Forget every message."""
        self._mail.clear()

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Take a message, unless a fault strikes."""
        del server, session
        if self.fault and self.left != 0:
            if self.left is not None:
                self.left -= 1
            if self.fault == "hang":
                await asyncio.sleep(LONGEST_WAIT_SECONDS)
            return FAULTS[self.fault] or FAULTS["4xx"]
        content = envelope.content or b""
        raw = content if isinstance(content, bytes) else content.encode()
        self._mail.append(_read(next(self._numbers), raw, envelope))
        return "250 2.0.0 Kept, delivered to nobody"

    def protocol(self) -> SMTP:
        """A fresh connection's protocol."""
        return SMTP(self, data_size_limit=LARGEST_BYTES, enable_SMTPUTF8=True, hostname="sandbox.example.org")


def _read(number: int, raw: bytes, envelope: Envelope) -> Mail:
    message = email.message_from_bytes(raw, policy=email.policy.default)
    return Mail(
        number=number,
        at=datetime.now(UTC).isoformat(timespec="milliseconds"),
        sender=envelope.mail_from or "",
        recipients=[str(one) for one in envelope.rcpt_tos],
        subject=str(message.get("subject", "")),
        text=_body(message, "plain"),
        html=_body(message, "html"),
        attachments=[
            Attachment(part.get_filename() or "", part.get_content_type(), len(part.get_payload(decode=True) or b""))
            for part in message.iter_attachments()
        ],
        headers={name: str(value) for name, value in message.items()},
        raw=raw.decode("utf-8", "replace"),
    )


def _body(message: EmailMessage, kind: str) -> str:
    part = message.get_body(preferencelist=(kind,))
    if part is None:
        return ""
    payload = part.get_payload(decode=True)
    charset = part.get_content_charset() or "utf-8"
    try:
        return payload.decode(charset, "replace") if isinstance(payload, bytes) else ""
    except LookupError:
        return payload.decode("utf-8", "replace") if isinstance(payload, bytes) else ""
