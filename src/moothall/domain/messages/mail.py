"""E-mail over SMTP: one message, plain and HTML parts, one try. Says whether trying again makes sense."""

import smtplib
from datetime import datetime
from email.utils import formataddr, parseaddr

from django.core.mail import EmailMultiAlternatives
from django.core.mail.message import sanitize_address
from django.template.loader import render_to_string
from django.utils.safestring import mark_safe

from moothall.core.council.settings import Council
from moothall.domain.messages import plain, templates, words
from moothall.domain.messages.models import Message


class NotSent(Exception):
    """The mail server did not take the message. `permanent`: it never will. The message says why."""

    def __init__(self, sentence: str, *, permanent: bool) -> None:
        super().__init__(sentence)
        self.permanent = permanent


def message_id(message: Message, council: Council) -> str:
    """The Message-ID, the same at every try, so that a message sent twice is shown once."""
    domain = parseaddr(council.email_from)[1].rpartition("@")[2] or "localhost"
    return f"<message-{message.pk}.{message.created_at:%Y%m%d%H%M%S%f}@{domain}>"


def send(message: Message, *, council: Council, at: datetime) -> None:
    """Hand `message` to the council's mail server. Raises NotSent."""
    hand_over(build(message, council=council, at=at))


def hand_over(email: EmailMultiAlternatives) -> None:
    """Give an e-mail to the mail server, one try. Raises NotSent."""
    try:
        email.send()
    except smtplib.SMTPRecipientsRefused as refused:
        code, reply = next(iter(refused.recipients.values()))
        raise NotSent(_refusal("the address", code, reply), permanent=code >= 500) from refused
    except (smtplib.SMTPDataError, smtplib.SMTPSenderRefused) as refused:
        raise NotSent(
            _refusal("the message", refused.smtp_code, refused.smtp_error), permanent=refused.smtp_code >= 500
        ) from refused
    except smtplib.SMTPNotSupportedError as error:
        raise NotSent(f"The mail server cannot do what this message needs: {error}", permanent=False) from error
    except smtplib.SMTPResponseException as refused:
        raise NotSent(_refusal("the connection", refused.smtp_code, refused.smtp_error), permanent=False) from refused
    except (smtplib.SMTPException, OSError) as error:
        raise NotSent(f"The mail server did not answer as it should: {error}.", permanent=False) from error


def build(message: Message, *, council: Council, at: datetime) -> EmailMultiAlternatives:
    """The e-mail as it goes out. Raises NotSent when it cannot be addressed."""
    if not message.to_email.isascii():
        raise NotSent(f"The address {message.to_email} has letters that e-mail cannot carry.", permanent=True)
    if not council.email_from:
        raise NotSent("No e-mail can be sent before the setting council.email_from names a sender.", permanent=False)
    own = words.of(message.language)
    body = mark_safe(message.html)  # noqa: S308  # sanitised when it was saved
    context = {"message": message, "council": council, "colour": words.colour(council.colour), "body": body}
    reference = [f"{own['reference']}: {message.reference}"] if message.reference else []
    foot = "\n".join([*reference, *filter(None, [council.name]), *council.contact_lines])
    email = EmailMultiAlternatives(
        subject=templates.one_line(message.subject),
        body=f"{plain.of(message.html)}\n-- \n{foot}\n",
        from_email=council.email_from,
        to=[sanitize_address((templates.one_line(message.to_name), message.to_email), "utf-8")],
        reply_to=[formataddr((council.name, council.email))] if council.email else [],
        headers={
            "Message-ID": message_id(message, council),
            "Date": at.strftime("%a, %d %b %Y %H:%M:%S %z"),
            "Auto-Submitted": "auto-generated",
            "Content-Language": message.language,
        },
    )
    email.attach_alternative(render_to_string("messages/email.html", {**context, "words": own}), "text/html")
    return email


def _refusal(what: str, code: int, reply: bytes | str) -> str:
    text = reply.decode("utf-8", "replace") if isinstance(reply, bytes) else reply
    return f"The mail server refused {what}: {code} {' '.join(text.split())}".strip()
