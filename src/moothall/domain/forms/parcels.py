"""A submission as another system is sent it: one JSON document, signed, and where the council says such documents go."""

import hashlib
import hmac
import json
from typing import Any

from pydantic import Field, SecretStr

from moothall.core.council.settings import Section, read
from moothall.domain.forms import looking_over
from moothall.domain.forms.destinations import NotDelivered, Parcel


class FormDestinations(Section):
    """Where forms go besides cases. Each entry is a name that forms use, a space, and the address or folder it stands for.

    `secret` signs what is sent. `internal_hosts` may be in the council's own network; no other host may.
    """

    section = "form_destinations"
    mailboxes: list[str] = []
    webhooks: list[str] = []
    folders: list[str] = []
    secret: SecretStr = SecretStr("")
    internal_hosts: list[str] = []
    timeout_seconds: float = Field(default=10.0, gt=0, le=60)


def place(parcel: Parcel, entries: list[str], setting: str) -> str:
    """What the name of a destination stands for. Raises NotDelivered where the council has not said."""
    known = dict(entry.strip().partition(" ")[::2] for entry in entries)
    name = parcel.destination.name or ""
    if not known.get(name, "").strip():
        sentence = f"Nobody has said where “{name}” is: set form_destinations.{setting}."
        raise NotDelivered(sentence, retryable=True)
    return known[name].strip()


def document(parcel: Parcel) -> bytes:
    """The submission as JSON: the answers as they are kept, and in words. The same bytes at every try."""
    sent, journey = parcel.submission, parcel.journey
    uploads = sent.uploads.select_related("document").order_by("pk")
    content: dict[str, Any] = {
        "id": str(sent.key),
        "delivery": parcel.key,
        "reference": sent.reference,
        "form": sent.version.form.key,
        "version": sent.version.number,
        "submitted_at": sent.submitted_at.isoformat(),
        "language": sent.language,
        "channel": "officer" if sent.officer_id else "web",
        "pence": sent.pence,
        "answers": sent.answers,
        "words": [
            {"question": row.question, "label": row.label, "answer": row.text}
            for section in looking_over.rows(journey)
            for row in section.rows
        ],
        "files": [
            {
                "id": str(one.pk),
                "question": one.question,
                "name": one.document.name,
                "media_type": one.document.media_type,
                "sha256": one.document.sha256,
            }
            for one in uploads
        ],
    }
    return json.dumps(content, ensure_ascii=False, sort_keys=True, indent=1).encode()


def signature(body: bytes, *, timestamp: str) -> str:
    """HMAC-SHA256 over the time, a full stop and the body, in hexadecimal. Raises NotDelivered without a secret."""
    secret = read(FormDestinations).secret.get_secret_value()
    if not secret:
        raise NotDelivered("Nothing can be signed before form_destinations.secret is set.", retryable=True)
    return hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()
