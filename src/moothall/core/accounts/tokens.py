"""Bearer tokens of the API: made, recognised, ended. The token itself is shown once and only its digest is kept."""

import hashlib
import secrets
from datetime import datetime, timedelta

from moothall.core.accounts.models import ApiToken, User
from moothall.core.audit import recording

_PREFIX = "mh_"
_USE_NOTED_EVERY = timedelta(minutes=1)
MAX_DAYS = 365


class TokenRefused(Exception):
    """Why a token was not made. Its sentence may be shown to whoever asked."""


def issue(user: User, *, name: str, days: int, by: User, at: datetime) -> tuple[ApiToken, str]:
    """Make a token that ends after `days`. Returns its row and the token, which cannot be read again."""
    if not 1 <= days <= MAX_DAYS:
        raise TokenRefused(f"A token lasts between 1 and {MAX_DAYS} days.")
    token = _PREFIX + secrets.token_urlsafe(32)
    with recording.because(action="token.issued", by=by, at=at):
        row = ApiToken.objects.create(
            user=user,
            name=name,
            prefix=token[:8],
            digest=_digest(token),
            created_at=at,
            expires_at=at + timedelta(days=days),
        )
        recording.record("token.issued", row, by=by, at=at, name=name, days=days)
    return row, token


def owner(token: str, *, at: datetime) -> User | None:
    """Whose token this is, or None when it is unknown, ended, out of date or its owner deactivated.

    Its last use is noted to the minute.
    """
    row = ApiToken.objects.live(at).select_related("user").filter(digest=_digest(token)).first()
    if row is None:
        return None
    if row.last_used_at is None or at - row.last_used_at > _USE_NOTED_EVERY:
        ApiToken.objects.filter(pk=row.pk).update(last_used_at=at)
    return row.user


def revoke(token: ApiToken, *, by: User, at: datetime) -> None:
    """End a token at once. Ending it again changes nothing."""
    with recording.because(action="token.revoked", by=by, at=at):
        if ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=at):
            recording.record("token.revoked", token, by=by, at=at)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).hexdigest()
