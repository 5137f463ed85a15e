"""What somebody looked for, kept in their session for a while: names and numbers are never in an address (PPP-6).

A page is asked by POST, keeps the question under a key, and leads to the page of that key, which can be reloaded and
come back to. Gone when they sign out, after an hour, or once they asked ten more.
"""

from datetime import datetime, timedelta
from typing import Any

from django.http import Http404, HttpRequest
from django.utils.crypto import get_random_string

KEPT = 10
KEPT_FOR = timedelta(hours=1)


def keep(request: HttpRequest, page: str, question: dict[str, Any], *, at: datetime) -> str:
    """Keep what was asked on `page`, which is JSON; returns the key it is read by."""
    name = _name(page)
    rows = [row for row in request.session.get(name, []) if _lives(row, at)]
    for row in rows:
        if row["question"] == question:
            return str(row["key"])
    key = get_random_string(12)
    request.session[name] = [*rows, {"key": key, "question": question, "at": at.timestamp()}][-KEPT:]
    return key


def read(request: HttpRequest, page: str, key: str, *, at: datetime) -> dict[str, Any]:
    """What was asked under this key. Raises Http404 once it is gone, or was asked by somebody else."""
    for row in request.session.get(_name(page), []):
        if row["key"] == key and _lives(row, at):
            return dict(row["question"])
    raise Http404


def _name(page: str) -> str:
    return f"asked {page}"


def _lives(row: dict[str, Any], at: datetime) -> bool:
    return bool(at.timestamp() - row["at"] < KEPT_FOR.total_seconds())
