"""Telling colleagues, and what they do with what they were told."""

from collections.abc import Iterable
from datetime import datetime

from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.db.models import QuerySet
from django.utils.html import escape
from django.utils.translation import gettext as _
from procrastinate.contrib.django import app

from moothall.core.accounts.models import User
from moothall.core.audit import recording
from moothall.core.council.settings import Council, read
from moothall.domain.messages import mail
from moothall.domain.messages.models import Message
from moothall.domain.notifications.models import ByEmail, Notification

TASK = "notifications.email"
QUEUE = "messages"
TAG = "notification"
MOST_SHOWN = 99  # unread ones that are counted


@transaction.atomic
def notify(
    users: Iterable[User],
    *,
    kind: Notification.Kind,
    text: str,
    cause: str,
    at: datetime,
    by: User | None = None,
    reference: str = "",
    page: str = "",
    anchor: str = "",
) -> list[User]:
    """Tell each of `users` one sentence, once for a `cause`, and by e-mail who chose that. Returns who was told now.

    `text` says nothing of whom the case is for. It leads to the part `page` of the case `reference` (a tab, e.g.
    "notes"), there to `anchor`; without a reference to the desk's page of that name. Who did it (`by`), accounts that
    are closed and the product itself are not told. That one may see the case is for the caller to know.
    """
    wanted = {user.pk: user for user in users if user.is_active and user.kind == User.Kind.PERSON and user != by}
    mine = Notification.objects.filter(user__in=wanted, cause=cause)
    before = set(mine.values_list("user_id", flat=True))
    Notification.objects.bulk_create(
        [
            Notification(
                user_id=pk,
                kind=kind,
                text=text[:300],
                reference=reference,
                page=page,
                anchor=anchor,
                cause=cause,
                by=by,
                at=at,
            )
            for pk in wanted
            if pk not in before
        ],
        ignore_conflicts=True,
    )
    by_email = mine.filter(user__notified_by_email__isnull=False).exclude(user__in=before)
    for notification in by_email.values_list("pk", flat=True):
        app.configure_task(TASK, queue=QUEUE, lock=f"{TAG}:{notification}").defer(notification_id=notification)
    return [user for pk, user in wanted.items() if pk not in before]


def not_read(user: User) -> QuerySet[Notification]:
    """What somebody was told and has not read yet."""
    return Notification.objects.filter(user=user, read_at=None)


def unread(user: User) -> int:
    """How many somebody has not read yet, counted up to 99."""
    return not_read(user)[:MOST_SHOWN].count()


def mark_read(user: User, *, at: datetime, only: int | None = None) -> int:
    """Say that somebody has read all, or `only` one. Returns how many were unread."""
    unread = not_read(user)
    return (unread if only is None else unread.filter(pk=only)).update(read_at=at)


def choose_email(user: User, *, wanted: bool, at: datetime) -> None:
    """Say whether somebody wants an e-mail for each notification; the same choice again changes nothing."""
    with recording.because(action="notifications.chosen", by=user, at=at):
        if wanted:
            _row, changed = ByEmail.objects.get_or_create(user=user, defaults={"since": at})
        else:
            changed = bool(ByEmail.objects.filter(user=user).delete()[0])
        if changed:
            recording.record("notifications.chosen", user, by=user, at=at, by_email=wanted)


def email(notification_id: int, *, at: datetime) -> None:
    """Send somebody's notification by e-mail, unless they have read it or changed their mind.

    Raises NotSent when another try makes sense.
    """
    waiting = Notification.objects.select_related("user").filter(pk=notification_id, read_at=None, emailed_at=None)
    notification = waiting.filter(user__is_active=True, user__notified_by_email__isnull=False).first()
    if notification is None:
        return
    try:
        mail.hand_over(_email(notification, at=at))
    except mail.NotSent as refused:
        if refused.permanent:
            return  # it stands at the desk
        raise
    waiting.update(emailed_at=at)


def forget(*, before: datetime) -> int:
    """Delete notifications of an earlier time. Returns how many."""
    return Notification.objects.filter(at__lt=before).delete()[0]


def _email(notification: Notification, *, at: datetime) -> EmailMultiAlternatives:
    """The e-mail about a notification: its sentence and where to read on, under the same Message-ID at every try."""
    council, user = read(Council), notification.user
    onward = _("Sign in to the desk and open Notifications to read on.")
    message = Message(
        channel=Message.Channel.EMAIL,
        reference=notification.reference,
        to_name=user.full_name,
        to_email=user.email,
        subject=notification.text,
        html=f"<p>{escape(notification.text)}</p><p>{escape(onward)}</p>",
        created_at=notification.at,
    )
    email = mail.build(message, council=council, at=at)
    domain = email.extra_headers["Message-ID"].rpartition("@")[2]
    email.extra_headers["Message-ID"] = f"<notification-{notification.pk}.{notification.at:%Y%m%d%H%M%S%f}@{domain}"
    return email
