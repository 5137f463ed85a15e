"""Who is signed in at the desk, since when, and when that ends."""

from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.contrib.auth import login, logout
from django.http import HttpRequest

from moothall.core.accounts.models import User
from moothall.core.accounts.permissions import Permission
from moothall.core.audit import recording

SINCE, USED = "since", "used"
USE_NOTED_EVERY = timedelta(minutes=1)
TOLD_BEFORE = timedelta(minutes=30)
"""So long before a session ends, every page says so."""
BACKEND = "moothall.core.accounts.backends.Backend"


def begin(request: HttpRequest, user: User, *, at: datetime) -> None:
    """Sign somebody in, whose password was right. The session gets a new key."""
    with recording.because(action="user.signed_in", by=user, at=at):
        login(request, user, backend=BACKEND)
        request.session[SINCE] = request.session[USED] = at.timestamp()
        recording.record("user.signed_in", user, by=user, at=at)


def end(request: HttpRequest, *, at: datetime) -> None:
    """Sign out: the session and all it kept go."""
    user = request.user
    if isinstance(user, User):
        with recording.because(action="user.signed_out", by=user, at=at):
            recording.record("user.signed_out", user, by=user, at=at)
            logout(request)


def holder(request: HttpRequest, *, at: datetime) -> User | None:
    """Who is signed in: still active, still allowed to be here, and not for longer than one may be."""
    user = getattr(request, "user", None)
    if not isinstance(user, User) or not user.may(Permission.SIGN_IN):
        return None
    return user if at < ends(request) else None


def ends(request: HttpRequest) -> datetime:
    """When the session ends however busy somebody is."""
    since = datetime.fromtimestamp(request.session.get(SINCE, 0), UTC)
    return since + timedelta(hours=settings.SESSION_HOURS)


def note_use(request: HttpRequest, *, at: datetime) -> None:
    """The session was used now, which is kept to the minute: so long later it ends."""
    if at.timestamp() - request.session.get(USED, 0) >= USE_NOTED_EVERY.total_seconds():
        request.session[USED] = at.timestamp()
