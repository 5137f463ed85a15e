"""Systems that are told of changes by calls to an address of theirs: added, paused, gone on with, given another secret."""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.db.models import Q, QuerySet
from pydantic import Field

from moothall.core import sealed
from moothall.core.accounts.actions import system_user
from moothall.core.accounts.models import User
from moothall.core.audit import recording
from moothall.core.council.settings import Section, read
from moothall.domain.people.golden import changes
from moothall.domain.people.models import Follower
from moothall.kit import text
from moothall.kit.invalid import Invalid

MOST = 50
BOTH_FOR = timedelta(days=1)
"""How long the earlier secret signs as well after it was exchanged."""
_PURPOSE = "moothall.people.followers"


class ChangeFeed(Section):
    """How other systems are told of changes. `internal_hosts` may be in the council's own network; no other may."""

    section = "change_feed"
    internal_hosts: list[str] = []
    timeout_seconds: float = Field(default=10.0, gt=0, le=60)
    at_once: int = Field(default=200, ge=1, le=1_000)  # changes in one call
    pause_after_hours: int = Field(default=24, ge=1)  # of calls that all failed


def add(name: str, address: str, *, everything: bool = False, by: User, at: datetime) -> tuple[Follower, str]:
    """Add a system, told of what changes from now on, or of `everything` still kept; with its secret, shown only now.

    Raises Invalid with a sentence.
    """
    tidy = " ".join(text.clean(name).split())
    if not tidy or len(tidy) > 100:
        raise Invalid("Give the system a name of up to 100 characters.")
    _check(address)
    secret = secrets.token_urlsafe(32)
    with recording.because(action="follower.added", by=by, at=at):
        if Follower.objects.filter(name=tidy).exists():
            raise Invalid("A system of this name is told already.")
        if Follower.objects.count() >= MOST:
            raise Invalid(f"{MOST} systems are told already. Remove one first.")
        position = 0 if everything else changes.last()
        row = Follower.objects.create(
            name=tidy, address=address, secret=_sealed(secret), position=position, next_at=at, by=by, at=at
        )
        recording.record("follower.added", row, by=by, at=at, host=urlsplit(address).hostname)
    return row, secret


def exchange(follower: Follower, *, by: User, at: datetime) -> str:
    """Give it another secret, shown only now. The one before signs as well for a day."""
    secret = secrets.token_urlsafe(32)
    with recording.because(action="follower.secret_exchanged", by=by, at=at):
        row = _locked(follower)
        row.earlier_secret, row.earlier_until, row.secret = row.secret, at + BOTH_FOR, _sealed(secret)
        row.save(update_fields=["secret", "earlier_secret", "earlier_until"])
        recording.record("follower.secret_exchanged", row, by=by, at=at)
    return secret


def pause(follower: Follower, *, by: User, at: datetime) -> None:
    """Tell it nothing until it is gone on with; its place is kept. Paused already, it stays so."""
    with recording.because(action="follower.paused", by=by, at=at):
        row = _locked(follower)
        if row.paused_at is None:
            row.paused_at, row.paused_why = at, ""
            row.save(update_fields=["paused_at", "paused_why"])
            recording.record("follower.paused", row, by=by, at=at)


def go_on(follower: Follower, *, from_now: bool = False, by: User, at: datetime) -> None:
    """Tell it again, from where it was, or leaving out what changed meanwhile."""
    with recording.because(action="follower.resumed", by=by, at=at):
        row = _locked(follower)
        row.paused_at, row.paused_why, row.by_itself = None, "", False
        row.failures, row.failing_since, row.next_at = 0, None, at
        row.position = changes.last() if from_now else row.position
        row.save()
        recording.record("follower.resumed", row, by=by, at=at, position=row.position)


def remove(follower: Follower, *, by: User, at: datetime) -> None:
    """Tell it nothing any more, and forget its place and its secret."""
    with recording.because(action="follower.removed", by=by, at=at):
        row = _locked(follower)
        recording.record("follower.removed", row, by=by, at=at, name=row.name)
        row.delete()


def pause_by_itself(follower: Follower, *, why: str, at: datetime) -> None:
    """Nothing is told it until somebody has put right why."""
    by = system_user()
    with recording.because(action="follower.paused", by=by, at=at):
        row = _locked(follower)
        row.paused_at, row.paused_why, row.by_itself = at, why[:300], True
        row.save(update_fields=["paused_at", "paused_why", "by_itself"])
        recording.record("follower.paused", row, by=by, at=at, reason=why[:300])


def due(*, at: datetime) -> QuerySet[Follower]:
    """Those that may be called now."""
    return Follower.objects.filter(paused_at=None, next_at__lte=at)


def waiting(*, at: datetime) -> Sequence[int]:
    """The followers that may be called now and do not know the newest change."""
    return list(due(at=at).filter(position__lt=changes.last()).order_by("pk").values_list("pk", flat=True)[:MOST])


def stopped() -> QuerySet[Follower]:
    """Those that nothing is told any more because it failed for long."""
    return Follower.objects.filter(Q(by_itself=True)).order_by("-paused_at", "-pk")


def secrets_of(follower: Follower, *, at: datetime) -> list[str]:
    """What a call is signed with: its secret, and the one before while that still holds."""
    kept = [follower.secret]
    if follower.earlier_secret and follower.earlier_until and at < follower.earlier_until:
        kept.append(follower.earlier_secret)
    return [sealed.box(_PURPOSE).decrypt(bytes(one)).decode() for one in kept]


def _check(address: str) -> None:
    try:
        parts = urlsplit(address)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise Invalid("This is no web address.") from None
    internal = {one.casefold() for one in read(ChangeFeed).internal_hosts}
    here = parts.scheme == "http" and host in {"127.0.0.1", "::1", "localhost"} and host in internal
    if not host or not (parts.scheme == "https" or here) or parts.username or parts.fragment or len(address) > 500:
        raise Invalid("Enter a web address that begins with https:// and holds no user name.")
    if port == 0 or not address.isascii() or any(sign.isspace() for sign in address):
        raise Invalid("This is no web address.")


def _sealed(secret: str) -> bytes:
    return sealed.box(_PURPOSE).encrypt(secret.encode())


def _locked(follower: Follower) -> Follower:
    found = Follower.objects.select_for_update().filter(pk=follower.pk).first()
    if found is None:
        raise Invalid("This system was removed meanwhile.")
    return found
