"""Links sent to an e-mail address: made, sent by the worker, found again, used up.

Whoever asks learns nothing of whether an address has an account: the answer is the same, and what is written differs
only in the mailbox of its owner.
"""

from datetime import datetime, timedelta
from html import escape

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _
from procrastinate.contrib.django import app

from moothall.core.council.settings import Council, read
from moothall.domain.citizens import rules, secrets
from moothall.domain.citizens.models import Account, Ticket
from moothall.domain.messages import mail
from moothall.domain.messages.models import Message

TASK = "citizens.send_ticket"
QUEUE = "messages"
Purpose = Ticket.Purpose
LASTS = {Purpose.REGISTER: timedelta(hours=24), Purpose.EMAIL: timedelta(hours=24)}
OTHERWISE = timedelta(hours=1)
_HOUR = timedelta(hours=1)


@transaction.atomic
def send(
    purpose: Ticket.Purpose,
    email: str,
    *,
    language: str,
    at: datetime,
    account: Account | None = None,
    password: str = "",
) -> None:
    """Queue an e-mail with a link. One address gets so many in an hour; further ones are not written, and nobody is told."""
    recent = Ticket.objects.filter(email=email, made_at__gt=at - _HOUR)
    if recent.count() >= read(rules.Portal).letters_an_hour:
        return
    seed = secrets.new()
    ticket = Ticket.objects.create(
        purpose=purpose,
        email=email,
        password=password,
        language=language,
        account=account,
        seed=seed,
        digest=secrets.digest(secrets.of_link(seed)),
        made_at=at,
        expires_at=at + LASTS.get(purpose, OTHERWISE),
    )
    app.configure_task(TASK, queue=QUEUE, lock=f"citizens ticket {ticket.pk}").defer(ticket_id=ticket.pk)


def find(secret: str, *purposes: Ticket.Purpose, at: datetime) -> Ticket | None:
    """The ticket of a link that is still good for one of these purposes; None for every other link."""
    rows = Ticket.objects.filter(digest=secrets.digest(secret), purpose__in=purposes, used_at=None, expires_at__gt=at)
    return rows.select_related("account").first()


def use(ticket: Ticket, *, at: datetime) -> bool:
    """Use a ticket up, and every other link of its kind to the same address. False when it was used meanwhile."""
    if not Ticket.objects.filter(pk=ticket.pk, used_at=None).update(used_at=at):
        return False
    Ticket.objects.filter(purpose=ticket.purpose, email=ticket.email, used_at=None).update(used_at=at)
    return True


def deliver(ticket_id: int, *, at: datetime) -> None:
    """Send one e-mail, unless it is no longer of use. Raises NotSent when another try makes sense."""
    ticket = Ticket.objects.filter(pk=ticket_id, used_at=None, sent_at=None, expires_at__gt=at).first()
    if ticket is None:
        return
    with translation.override("cy" if ticket.language == "cy" else None):
        subject, lines, page, words = _said(ticket)
        html = "".join(f"<p>{escape(line)}</p>" for line in lines)
        if page and not (link := rules.address(_path(page, ticket))):
            raise mail.NotSent(
                "No link can be sent before the setting portal.url says where it leads.", permanent=False
            )
        if page:
            html += f'<p><a href="{escape(link)}">{escape(words)}</a></p><p>{escape(link)}</p>'
        message = Message(
            channel=Message.Channel.EMAIL,
            to_name=ticket.email,
            to_email=ticket.email,
            subject=subject,
            html=html,
            language=ticket.language,
            created_at=ticket.made_at,
        )
        email = mail.build(message, council=read(Council), at=at)
    domain = email.extra_headers["Message-ID"].rpartition("@")[2]
    email.extra_headers["Message-ID"] = f"<account-{ticket.pk}.{ticket.made_at:%Y%m%d%H%M%S%f}@{domain}"
    try:
        mail.hand_over(email)
    except mail.NotSent as refused:
        if not refused.permanent:
            raise
        return
    Ticket.objects.filter(pk=ticket.pk).update(sent_at=at)


def forget(*, before: datetime) -> int:
    """Delete tickets made before a time. Returns how many."""
    return Ticket.objects.filter(made_at__lt=before).delete()[0]


def _path(page: str, ticket: Ticket) -> str:
    """Where the portal answers: `web.portal.urls` has the same paths."""
    start = "/cy" if ticket.language == "cy" else ""
    return f"{start}/account/{page}/{secrets.of_link(ticket.seed)}/"


def _said(ticket: Ticket) -> tuple[str, list[str], str, str]:
    """Subject, sentences, the page the link leads to (or nothing) and the words of the link."""
    not_you = _("If it was not you, do nothing: without the link nothing happens.")
    if ticket.purpose == Purpose.REGISTER:
        asked = _("Somebody, we hope you, asked for an account with this e-mail address.")
        good = _("Follow the link within 24 hours and enter the password you chose.")
        return _("Confirm your e-mail address"), [asked, good, not_you], "confirm", _("Confirm my e-mail address")
    if ticket.purpose == Purpose.KNOWN:
        asked = _("Somebody, we hope you, asked for an account with this e-mail address. It has one already.")
        return _("You already have an account"), [asked, _("Sign in, or choose a new password.")], "", ""
    if ticket.purpose == Purpose.RESET:
        asked = _("Somebody, we hope you, asked to choose a new password. The link is good for one hour.")
        return _("Choose a new password"), [asked, not_you], "reset", _("Choose a new password")
    if ticket.purpose == Purpose.UNKNOWN:
        asked = _(
            "Somebody, we hope you, asked to choose a new password. There is no account with this e-mail address."
        )
        return _("There is no account with this address"), [asked, _("If you need one, register first.")], "", ""
    asked = _("Somebody, we hope you, asked to use this e-mail address for their account.")
    good = _("Follow the link within 24 hours.")
    return _("Confirm your new e-mail address"), [asked, good, not_you], "new-email", _("Confirm my new e-mail address")
