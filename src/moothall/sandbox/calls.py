"""The last calls made to the stand-ins, with secrets masked."""

import itertools
import re
from collections import deque
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

KEPT = 500
LONGEST_BODY = 4000
MASK = "***"
SECRET_HEADERS = frozenset({b"authorization", b"cookie"})
SECRET_IN_TEXT = re.compile(
    r'("(?:access_token|client_secret|imageFile)"\s*:\s*")[^"]*|((?:X-Signature|client_secret)=)[^&"\s]*'
)


@dataclass(frozen=True, slots=True)
class CallMade:
    """One call and its answer. `status` is 0 when no answer was sent; `milliseconds` is how long it took."""

    number: int
    at: str
    method: str
    path: str
    headers: dict[str, str]
    request: str
    status: int
    answer: str
    milliseconds: float
    fault: str


class Calls:
    """Remembers the last calls."""

    def __init__(self) -> None:
        self._calls: deque[dict[str, Any]] = deque(maxlen=KEPT)
        self._numbers = itertools.count(1)

    def add(
        self, scope: dict[str, Any], *, request: bytes, status: int, answer: bytes, seconds: float, fault: str
    ) -> None:
        """Remember a call; it is only made readable when somebody looks."""
        self._calls.append(
            {
                "number": next(self._numbers),
                "at": datetime.now(UTC),
                "method": scope["method"],
                "path": scope["path"],
                "query": scope.get("query_string", b""),
                "headers": scope["headers"],
                "request": request[:LONGEST_BODY],
                "status": status,
                "answer": answer[:LONGEST_BODY],
                "seconds": seconds,
                "fault": fault,
            }
        )

    def clear(self) -> None:
        """Forget every call."""
        self._calls.clear()

    def newest_first(self) -> list[CallMade]:
        """Every remembered call."""
        return [_readable(call) for call in reversed(self._calls)]

    def as_json(self) -> list[dict[str, Any]]:
        """Every remembered call, newest first, as JSON."""
        return [asdict(call) for call in self.newest_first()]


def _readable(call: dict[str, Any]) -> CallMade:
    query = masked(call["query"])
    return CallMade(
        number=call["number"],
        at=call["at"].isoformat(timespec="milliseconds"),
        method=call["method"],
        path=call["path"] + (f"?{query}" if query else ""),
        headers={
            name.decode("latin-1"): MASK if name in SECRET_HEADERS else value.decode("latin-1")
            for name, value in call["headers"]
        },
        request=masked(call["request"]),
        status=call["status"],
        answer=masked(call["answer"]),
        milliseconds=round(call["seconds"] * 1000, 1),
        fault=call["fault"],
    )


def masked(content: bytes) -> str:
    """Text of a body with tokens, secrets, signatures and photos taken out."""
    return SECRET_IN_TEXT.sub(lambda found: (found[1] or found[2]) + MASK, content.decode("utf-8", "replace"))
