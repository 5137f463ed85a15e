"""Telling a follower what changed: signed, in order, each change at least once, and again later where it was not taken."""

import hashlib
import hmac
import json
import random
import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import httpx
from django.db import transaction
from django.utils import timezone

from moothall.connectors import network
from moothall.connectors.change_feed.destinations import NotCalled, addresses
from moothall.core import locks
from moothall.core.council.settings import read
from moothall.domain.people.golden import changes, following
from moothall.domain.people.golden.following import ChangeFeed
from moothall.domain.people.models import Call, Change, Follower

SHORTEST_WAIT, LONGEST_WAIT = timedelta(seconds=30), timedelta(hours=1)
LONGEST_RUN = 40.0  # seconds, then others have their turn
KEPT = timedelta(days=30)


def deliver(follower_id: int) -> bool:
    """Tell a follower all it does not know, a batch at a time. Whether there is more, which another run tells."""
    with locks.claimed("follower", [follower_id], most=1) as taken:
        if not taken:
            return False
        until = time.monotonic() + LONGEST_RUN
        with _client() as http:
            while time.monotonic() < until:
                follower = following.due(at=timezone.now()).filter(pk=follower_id).first()
                if follower is None or not _batch(follower, http):
                    return False
    return True


def test(follower: Follower) -> Call:
    """Call it with no changes, whether it is paused or not; its place stays."""
    with _client() as http:
        call = _call(follower, [], http, test=True)
    call.save()
    return call


def forget(*, before: datetime) -> int:
    """Delete what is known of earlier calls. Returns how many."""
    return Call.objects.filter(at__lt=before).delete()[0]


def signature(secret: str, *, timestamp: str, body: bytes) -> str:
    """HMAC-SHA256 over the time, a full stop and the body, in hexadecimal."""
    return hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def _batch(follower: Follower, http: httpx.Client) -> bool:
    """Tell it the next changes, if there are any. Whether it took them and there may be more."""
    try:
        rows = changes.after(follower.position, most=read(ChangeFeed).at_once)
    except changes.TooOld as old:
        following.pause_by_itself(follower, why=str(old), at=timezone.now())
        return False
    if not rows:
        return False
    call = _call(follower, rows, http)
    now = timezone.now()
    with transaction.atomic():
        call.save()
        mine = Follower.objects.filter(pk=follower.pk, position=follower.position)
        if not call.problem:
            mine.update(position=call.up_to, failures=0, failing_since=None, next_at=now)
            return True
        since = follower.failing_since or now
        wait = min(LONGEST_WAIT, SHORTEST_WAIT * 2 ** min(follower.failures, 10)) * random.uniform(0.8, 1.2)  # noqa: S311
        mine.update(failures=follower.failures + 1, failing_since=since, next_at=now + wait)
        if now - since >= timedelta(hours=read(ChangeFeed).pause_after_hours):
            following.pause_by_itself(follower, why=call.problem, at=now)
    return False


def _call(follower: Follower, rows: Sequence[Change], http: httpx.Client, *, test: bool = False) -> Call:
    """One call, and what came of it; not saved."""
    at, began = timezone.now(), time.monotonic()
    last = (rows[-1].position or 0) if rows else follower.position
    told = {"test": test, "after": follower.position, "last": last, "changes": [_told(row) for row in rows]}
    body, timestamp = json.dumps(told, separators=(",", ":")).encode(), str(int(at.timestamp()))
    signed = [signature(secret, timestamp=timestamp, body=body) for secret in following.secrets_of(follower, at=at)]
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "Moothall",
        "Moothall-Timestamp": timestamp,
        "Moothall-Signature": ", ".join(f"v1={one}" for one in signed),
    }
    call = Call(follower=follower, at=at, test=test, after=follower.position, up_to=last, changes=len(rows))
    try:
        with (
            network.within(read(ChangeFeed).timeout_seconds),
            http.stream("POST", follower.address, content=body, headers=headers) as answer,
        ):
            call.status = answer.status_code
            call.problem = "" if answer.is_success else f"It answered {answer.status_code}."
    except NotCalled as refused:
        call.problem = str(refused)[:300]
    except httpx.TimeoutException:
        call.problem = "It did not answer in time."
    except (httpx.HTTPError, httpx.InvalidURL):
        call.problem = "It could not be reached, or broke the connection off."
    call.milliseconds = round((time.monotonic() - began) * 1000)
    return call


def _told(row: Change) -> dict[str, Any]:
    """A change as others are told of it: who and what, and no values."""
    return {
        "position": row.position,
        "kind": row.kind,
        "customer": row.customer,
        "other": row.other or None,
        "fields": row.fields,
        "at": row.at.isoformat(),
    }


def _client() -> httpx.Client:
    seconds = read(ChangeFeed).timeout_seconds
    return httpx.Client(timeout=seconds, transport=network.Wire(addresses()), follow_redirects=False)
