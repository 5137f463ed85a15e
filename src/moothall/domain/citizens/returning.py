"""E-mails with a link somebody asked for: to go on with what they began to fill in, or for somebody else to pay.

What goes into the job is sealed: the link opens answers, and the address is somebody's.
"""

import json
from datetime import datetime
from html import escape

from django.utils import translation
from django.utils.translation import gettext as _
from procrastinate.contrib.django import app

from moothall.core import sealed
from moothall.core.council.settings import Council, read
from moothall.domain.citizens import limits, rules, secrets
from moothall.domain.messages import mail
from moothall.domain.messages.models import Message

TASK = "citizens.send_return"
QUEUE = "messages"
_PURPOSE = "moothall.citizens.return"


def send(*, email: str, path: str, form: str, days: int, language: str, source: str, at: datetime) -> None:
    """Queue an e-mail with the address `path` of somebody's draft. Raises TooManyTries."""
    limits.spend("return", email.strip().lower(), source=source, at=at)
    _queue(email=email, path=path, form=form, days=days, language=language, at=at)


def ask_to_pay(*, email: str, path: str, purpose: str, amount: str, language: str, source: str, at: datetime) -> None:
    """Queue an e-mail that asks somebody to pay by the link `path`. Raises TooManyTries."""
    limits.spend("asked to pay", email.strip().lower(), source=source, at=at)
    _queue(email=email, path=path, purpose=purpose, amount=amount, language=language, at=at)


def _queue(*, email: str, at: datetime, **told: str | int) -> None:
    whole = {**told, "email": email.strip().lower(), "at": at.timestamp()}
    letter = sealed.box(_PURPOSE).encrypt(json.dumps(whole).encode()).decode()
    app.configure_task(TASK, queue=QUEUE).defer(letter=letter)


def deliver(letter: str, *, at: datetime) -> None:
    """Send one. Raises NotSent when another try makes sense."""
    told = json.loads(sealed.box(_PURPOSE).decrypt(letter.encode()))
    if not (link := rules.address(told["path"])):
        raise mail.NotSent("No link can be sent before the setting portal.url says where it leads.", permanent=False)
    with translation.override("cy" if told["language"] == "cy" else None):
        subject, words, lines = _of_draft(told) if "form" in told else _of_payment(told)
        html = "".join(f"<p>{escape(line)}</p>" for line in lines)
        html += f'<p><a href="{escape(link)}">{escape(words)}</a></p><p>{escape(link)}</p>'
        message = Message(
            channel=Message.Channel.EMAIL,
            to_name=told["email"],
            to_email=told["email"],
            subject=subject,
            html=html,
            language=told["language"],
            created_at=datetime.fromtimestamp(told["at"], tz=at.tzinfo),
        )
        email = mail.build(message, council=read(Council), at=at)
    domain = email.extra_headers["Message-ID"].rpartition("@")[2]
    mark = secrets.digest(told["path"])[:12]
    email.extra_headers["Message-ID"] = f"<return-{told['at']:.6f}.{mark}@{domain}"
    try:
        mail.hand_over(email)
    except mail.NotSent as refused:
        if not refused.permanent:
            raise


def _of_draft(told: dict[str, str]) -> tuple[str, str, list[str]]:
    lines = [
        _("You began “%s” and can go on where you left it.") % told["form"],
        _("The link is good for %s days. Whoever has it can see your answers, so keep it to yourself.") % told["days"],
    ]
    return _("Go on with your form"), _("Go on with my form"), lines


def _of_payment(told: dict[str, str]) -> tuple[str, str, list[str]]:
    lines = [
        _("Somebody asks you to pay %(amount)s to us for them: %(purpose)s.")
        % {"amount": told["amount"], "purpose": told["purpose"]},
        _(
            "The link shows what is to be paid, and nothing else about them. If you do not know why you got it, leave it."
        ),
    ]
    return _("Somebody asks you to pay for them"), _("See what is to be paid"), lines
