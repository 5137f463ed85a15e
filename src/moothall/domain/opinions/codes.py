"""A code by e-mail before a browser that was not seen before reads what an outsider was shown.

The link alone may have been passed on. The code goes to the address the link went to: six digits, ten minutes, five
tries, and so few codes that guessing them leads nowhere.
"""

import hmac
from datetime import datetime, timedelta
from html import escape

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _
from procrastinate.contrib.django import app

from moothall.core.council.settings import Council, read
from moothall.domain.messages import mail
from moothall.domain.messages.models import Message
from moothall.domain.opinions import links
from moothall.domain.opinions.models import Opinion, OpinionCode

TASK = "opinions.send_code"
QUEUE = "messages"
LASTS = timedelta(minutes=10)
MOST_TRIES = 5
MOST_IN_AN_HOUR = 5
MOST_OF_A_LINK = 20


class TooManyCodes(Exception):
    """No further code is sent for now. Its message may be shown to whoever asked."""


@transaction.atomic
def send(opinion: Opinion, *, at: datetime) -> None:
    """Queue an e-mail with a new code; codes before it are dead. Raises TooManyCodes."""
    Opinion.objects.select_for_update().get(pk=opinion.pk)
    made = OpinionCode.objects.filter(opinion=opinion)
    if made.count() >= MOST_OF_A_LINK:
        raise TooManyCodes(_("No more codes can be sent for this link. Ask for a new link."))
    if made.filter(made_at__gt=at - timedelta(hours=1)).count() >= MOST_IN_AN_HOUR:
        raise TooManyCodes(_("Too many codes were sent. Wait an hour before you ask for another."))
    made.filter(used_at=None).update(used_at=at)
    code = OpinionCode.objects.create(opinion=opinion, seed=links.new_seed(), made_at=at)
    app.configure_task(TASK, queue=QUEUE, lock=f"opinion code {code.pk}").defer(code_id=code.pk)


def check(opinion: Opinion, given: str, *, at: datetime) -> bool:
    """Whether these are the digits that were sent, which counts as a try. A code is good once."""
    code = OpinionCode.objects.filter(opinion=opinion, used_at=None, made_at__gt=at - LASTS).order_by("-pk").first()
    if code is None:
        return False
    mine = OpinionCode.objects.filter(pk=code.pk, used_at=None)
    if not mine.filter(tries__lt=MOST_TRIES).update(tries=F("tries") + 1):
        return False
    digits = "".join(given.split())
    if not hmac.compare_digest(links.code(code.seed).encode(), digits.encode("utf-8", "surrogateescape")):
        return False
    return bool(mine.update(used_at=at))


def deliver(code_id: int, *, at: datetime) -> None:
    """Send one code, unless it is no longer of use. Raises NotSent when another try makes sense."""
    code = OpinionCode.objects.select_related("opinion").filter(pk=code_id, used_at=None, sent_at=None).first()
    if code is None or code.made_at + LASTS <= at:
        return
    council, opinion = read(Council), code.opinion
    digits = links.code(code.seed)
    lines = [
        _("Your code is %s. It is good for 10 minutes.") % digits,
        _("If you did not ask for it, somebody else has your link: tell us."),
    ]
    message = Message(
        channel=Message.Channel.EMAIL,
        to_name=opinion.name,
        to_email=opinion.email,
        subject=_("Your code to give an opinion"),
        html="".join(f"<p>{escape(line)}</p>" for line in lines),
        created_at=code.made_at,
    )
    email = mail.build(message, council=council, at=at)
    domain = email.extra_headers["Message-ID"].rpartition("@")[2]
    email.extra_headers["Message-ID"] = f"<opinion-code-{code.pk}.{code.made_at:%Y%m%d%H%M%S%f}@{domain}"
    try:
        mail.hand_over(email)
    except mail.NotSent as refused:
        if not refused.permanent:
            raise
        return
    OpinionCode.objects.filter(pk=code.pk).update(sent_at=at)


def forget(*, before: datetime) -> int:
    """Delete codes that were made before a time. Returns how many."""
    return OpinionCode.objects.filter(made_at__lt=before).delete()[0]
