"""Who is told what a citizen did, and the citizen of what an officer wrote: that there is news, never what it says."""

from datetime import datetime
from html import escape

from django.core.mail import EmailMultiAlternatives
from django.db.models import Q
from django.utils import translation
from django.utils.translation import gettext as _
from procrastinate.contrib.django import app

from moothall.core.accounts.models import User
from moothall.core.accounts.permissions import Permission
from moothall.core.council.settings import Council, read
from moothall.domain.cases.models import Case
from moothall.domain.citizens import seeing
from moothall.domain.citizens.models import Account, OnlineMessage
from moothall.domain.messages import mail
from moothall.domain.messages.models import Message
from moothall.domain.notifications.actions import notify
from moothall.domain.notifications.models import Notification

TASK = "citizens.tell_of_message"
QUEUE = "messages"
MOST = 200  # of a team


def officers(
    case: Case, text: str, *, cause: str, page: str, at: datetime, needs: Permission, anchor: str = ""
) -> None:
    """Tell who has the case or its work and what it `needs` to see it; when nobody has, its team."""
    taken = case.work_items.filter(finished_at=None, assigned_to__isnull=False).values("assigned_to")
    found = list(User.objects.filter(Q(pk=case.owner_id) | Q(pk__in=taken)))
    if not found and case.team_id:
        found = list(User.objects.filter(groups=case.team_id).order_by("pk")[:MOST])
    service = case.service_key
    notify(
        [one for one in found if one.may(Permission.VIEW_CASES, service) and one.may(needs, service)],
        kind=Notification.Kind.WORK,
        text=text,
        cause=cause,
        reference=case.reference,
        page=page,
        anchor=anchor,
        at=at,
    )


def citizens(message: OnlineMessage) -> None:
    """Queue an e-mail for everybody who follows the case, that there is a message."""
    app.configure_task(TASK, queue=QUEUE, lock=f"online message {message.pk}").defer(message_id=message.pk)


def followers(case: Case) -> list[Account]:
    """The accounts that see the whole of a case."""
    return list(seeing.accounts(case))


def deliver(message_id: int, *, at: datetime) -> None:
    """Send the e-mails about one message of an officer that was not seen yet. Raises NotSent when another try makes sense."""
    message = OnlineMessage.objects.select_related("case").filter(pk=message_id, by__isnull=False, seen_at=None).first()
    if message is None:
        return
    for account in followers(message.case):
        try:
            mail.hand_over(_email(message, account, at=at))
        except mail.NotSent as refused:
            if not refused.permanent:
                raise


def _email(message: OnlineMessage, account: Account, *, at: datetime) -> EmailMultiAlternatives:
    with translation.override("cy" if account.language == "cy" else None):
        subject = _("There is a message for you")
        lines = [
            _("We have written to you about your request %s.") % message.case.reference,
            _("Sign in to your account to read it. For your safety this e-mail does not say what it is about."),
        ]
    email = mail.build(
        Message(
            channel=Message.Channel.EMAIL,
            reference=message.case.reference,
            to_name=account.email,
            to_email=account.email,
            subject=subject,
            html="".join(f"<p>{escape(line)}</p>" for line in lines),
            language=account.language,
            created_at=message.at,
        ),
        council=read(Council),
        at=at,
    )
    domain = email.extra_headers["Message-ID"].rpartition("@")[2]
    email.extra_headers["Message-ID"] = f"<online-{message.pk}.{account.pk}.{message.at:%Y%m%d%H%M%S%f}@{domain}"
    return email
