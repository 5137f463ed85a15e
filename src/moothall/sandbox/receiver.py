"""A system that is told of changes: it keeps what it is sent at `POST /receiver/…`, for whoever looks whether it is right.

Faults strike it as they strike the service: a rule with the pattern `POST /receiver`.
"""

from collections import deque
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

KEPT = 1_000
PATH = "/receiver"


class Receiver:
    """What was received, the latest last."""

    def __init__(self) -> None:
        self._kept: deque[dict[str, Any]] = deque(maxlen=KEPT)

    def as_json(self) -> list[dict[str, Any]]:
        return list(self._kept)

    def clear(self) -> None:
        """Forget everything."""
        self._kept.clear()

    async def take(self, request: Request) -> Response:
        """Keep a call and answer that it was taken."""
        body = (await request.body()).decode("utf-8", "replace")
        wanted = ("moothall-timestamp", "moothall-signature", "content-type")
        headers = {name: request.headers.get(name, "") for name in wanted}
        self._kept.append({"path": request.url.path, "headers": headers, "body": body})
        return Response(status_code=204)
