"""The browsers a citizen is signed in with. They have nothing in common with the sessions of the desk: neither table nor cookie."""

from datetime import datetime, timedelta

from django.db.models import QuerySet

from moothall.core.accounts.actions import system_user
from moothall.core.audit import recording
from moothall.domain.citizens import rules, secrets
from moothall.domain.citizens.models import Account, Session

USE_NOTED_EVERY = timedelta(minutes=1)
MOST = 20  # of one account; the oldest ends when another begins


def begin(account: Account, *, browser: str, at: datetime) -> str:
    """Sign a browser in. Returns the secret of its cookie, which cannot be read again."""
    secret, by = secrets.new(), system_user()
    with recording.because(action="citizen.signed_in", by=by, at=at):
        Session.objects.create(
            account=account, digest=secrets.digest(secret), browser=browser[:100], began_at=at, used_at=at
        )
        kept = Session.objects.filter(account=account).order_by("-used_at", "-pk").values_list("pk", flat=True)[:MOST]
        Session.objects.filter(account=account).exclude(pk__in=list(kept)).delete()
        recording.record("citizen.signed_in", account, by=by, at=at)
    return secret


def holder(secret: str, *, at: datetime) -> Session | None:
    """The session of a cookie, with its account, while it lasts; its use is noted to the minute. None for any other."""
    if not secret:
        return None
    session = _living(at).filter(digest=secrets.digest(secret)).select_related("account").first()
    if session is not None and at - session.used_at >= USE_NOTED_EVERY:
        Session.objects.filter(pk=session.pk).update(used_at=at)
    return session


def living(account: Account, *, at: datetime) -> QuerySet[Session]:
    """Where somebody is signed in now, the last used first."""
    return _living(at).filter(account=account).order_by("-used_at", "-pk")


def end(session: Session, *, at: datetime) -> None:
    """Sign one browser out. Ending it again changes nothing."""
    by = system_user()
    with recording.because(action="citizen.signed_out", by=by, at=at):
        if Session.objects.filter(pk=session.pk).delete()[0]:
            recording.record("citizen.signed_out", session.account, by=by, at=at)


def end_all(account: Account, *, but: Session | None = None) -> None:
    """Sign every browser of an account out, `but` perhaps the one that asks."""
    rows = Session.objects.filter(account=account)
    (rows.exclude(pk=but.pk) if but else rows).delete()


def forget(*, before: datetime) -> int:
    """Delete sessions not used since. Returns how many."""
    return Session.objects.filter(used_at__lt=before).delete()[0]


def _living(at: datetime) -> QuerySet[Session]:
    return Session.objects.filter(used_at__gt=at - rules.idle(), began_at__gt=at - rules.longest())
