"""Webhook messages as GOV.UK Pay sends them: signed, at least once, in no promised order, with a ladder of retries."""

import asyncio
import hashlib
import hmac
import json
import urllib.error
import urllib.request
from collections import deque
from datetime import datetime
from typing import Any

from moothall.sandbox.pay.moments import moment

KEPT = 2_000
LADDER = (60.0, 300.0, 3600.0, 86400.0, 172800.0)
"""Seconds before each retry after the first try; then never."""
TIMEOUT_SECONDS = 3.0


def sign(body: bytes, secret: str) -> str:
    """The value of Pay-Signature: HMAC-SHA256 of the raw body, lower-case hexadecimal."""
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


class Webhooks:
    """The messages sent so far. Without a `url` they are kept and sent to nobody."""

    def __init__(self) -> None:
        self.url = ""
        self.ladder: tuple[float, ...] = LADDER
        self._kept: deque[dict[str, Any]] = deque(maxlen=KEPT)
        self._going: set[asyncio.Task[None]] = set()

    def add(
        self, message_id: str, event: str, payment_id: str, resource: dict[str, Any], *, secret: str, at: datetime
    ) -> None:
        """Keep a message about a payment, and send it in the background where `url` says."""
        told = {
            "webhook_message_id": message_id,
            "api_version": 1,
            "created_date": moment(at.timestamp()),
            "resource_id": payment_id,
            "resource_type": "payment",
            "event_type": event,
            "resource": resource,
        }
        body = json.dumps(told, ensure_ascii=False)
        kept = {"event": event, "body": body, "signature": sign(body.encode(), secret), "answers": []}
        self._kept.append(kept)
        if self.url:
            task = asyncio.get_running_loop().create_task(self._deliver(kept, self.url))
            self._going.add(task)
            task.add_done_callback(self._going.discard)

    def as_json(self) -> list[dict[str, Any]]:
        """Every message, the oldest first, with what was answered to each try."""
        return list(self._kept)

    def clear(self) -> None:
        """Forget every message, and send nothing any more."""
        self.url, self.ladder = "", LADDER
        self._kept.clear()
        for task in self._going:
            task.cancel()

    async def _deliver(self, kept: dict[str, Any], url: str) -> None:
        for wait in (0.0, *self.ladder):
            await asyncio.sleep(wait)
            status = await asyncio.to_thread(_post, url, kept["body"].encode(), kept["signature"])
            kept["answers"].append(status)
            if 200 <= status < 300:
                return


def _post(url: str, body: bytes, signature: str) -> int:
    """The status that was answered; 0 when nothing was."""
    headers = {"Content-Type": "application/json", "Pay-Signature": signature}
    request = urllib.request.Request(url, data=body, headers=headers, method="POST")  # noqa: S310 - set by a tester
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310
            return int(answer.status)
    except urllib.error.HTTPError as refused:
        return refused.code
    except OSError:
        return 0
