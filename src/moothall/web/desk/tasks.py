"""What the desk does by itself."""

from datetime import UTC, datetime

from django.utils import timezone
from django.utils.translation import gettext as _
from procrastinate.contrib.django import app

from moothall.core.accounts.models import User
from moothall.core.accounts.permissions import Permission
from moothall.domain.notifications.actions import notify
from moothall.domain.notifications.models import Notification
from moothall.web.desk import failures, typed


@app.periodic(cron="0 6 * * *")
@app.task(name="desk.daily_digest", queue="housekeeping")
def daily_digest(timestamp: int) -> None:
    """Every morning: tell who may see the queue how much failed and waits for somebody, once a day (BEST-31)."""
    at = datetime.fromtimestamp(timestamp, tz=UTC)
    for user in User.objects.filter(is_active=True, kind=User.Kind.PERSON).order_by("pk").iterator():
        if not user.may(Permission.VIEW_QUEUE):
            continue
        found = [section for section in failures.sections(user) if section.count]
        if found:
            counts = "; ".join(f"{section.title}: {section.count}" for section in found)
            notify(
                [user],
                kind=Notification.Kind.WORK,
                text=_("What failed and waits for somebody. %s") % counts,
                cause=f"digest.{timezone.localdate(at).isoformat()}",
                page="digest",
                at=at,
            )


@app.periodic(cron="17 * * * *")
@app.task(name="desk.forget_typed", queue="housekeeping")
def forget_typed(timestamp: int) -> None:
    """Delete what was typed when a session ended and nobody came back for within a day."""
    typed.forget(before=datetime.fromtimestamp(timestamp, tz=UTC) - typed.KEPT)
