"""The e-mails that ask for an opinion: who asks, about which reference, until when; nothing of the applicant."""

from datetime import datetime
from html import escape

from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext as _

from moothall.core.accounts.models import User
from moothall.core.council.settings import Council, read
from moothall.domain.cases import communications
from moothall.domain.cases.recipients import Recipient
from moothall.domain.catalogue import catalogue
from moothall.domain.catalogue.manifest import OpinionKind
from moothall.domain.messages import private
from moothall.domain.messages.mail import NotSent
from moothall.domain.messages.models import Message
from moothall.domain.opinions import links, rules
from moothall.domain.opinions.models import Opinion, OpinionMessage

PATH = "/opinion/"


def send(opinion: Opinion, *, by: User, at: datetime, reminder: bool = False) -> Message:
    """Write and queue the e-mail with the link."""
    recipient = Recipient(name=opinion.name, email=opinion.email, alternative=True)
    council = read(Council).name or _("The council")
    subject = _("%(council)s asks for your opinion, reference %(reference)s") % {
        "council": council,
        "reference": opinion.case.reference,
    }
    message = communications.send_by_hand(
        opinion.case,
        channel=Message.Channel.EMAIL,
        subject=_("Reminder: %s") % subject if reminder else subject,
        html=_beginning(opinion, recipient, council, at=at) + _ending(opinion),
        to=recipient,
        language="en",
        by=by,
        at=at,
    )
    OpinionMessage.objects.create(opinion=opinion, message=message, round=opinion.round)
    return message


def kind_of(opinion: Opinion) -> OpinionKind | None:
    """The kind of the service it is of, as the case's version has it."""
    kinds = catalogue.manifest(opinion.case.service_version_id).opinions
    return next((kind for kind in kinds if kind.key == opinion.kind), None)


@private.told_by
def link(message: Message) -> str | None:
    """What stands in the e-mail alone: the link. Raises NotSent when it leads nowhere any more."""
    found = OpinionMessage.objects.select_related("opinion").filter(message=message.pk).first()
    if found is None:
        return None
    opinion = found.opinion
    token = links.token(opinion.seed)
    if opinion.state != Opinion.State.OPEN or found.round != opinion.round or links.digest(token) != opinion.digest:
        raise NotSent("Its link leads nowhere any more: the opinion ended, or was asked for anew.", permanent=True)
    address = rules.address(f"{PATH}{token}/")
    if not address:
        raise NotSent("The setting opinions.url does not say where the link leads.", permanent=False)
    return format_html('<a href="{}">{}</a>', address, address)


def _beginning(opinion: Opinion, recipient: Recipient, council: str, *, at: datetime) -> str:
    kind = kind_of(opinion)
    if kind and kind.letter:
        shown = communications.preview(opinion.case, kind.letter, to=recipient, language="en", post=False, at=at)
        return shown.composed.html
    asks = _("%(officer)s of %(council)s asks for your opinion: %(title)s. Our reference is %(reference)s.") % {
        "officer": opinion.asked_by.full_name,
        "council": council,
        "title": opinion.title,
        "reference": opinion.case.reference,
    }
    return f"<p>{escape(_('Dear %s') % opinion.name)}</p><p>{escape(asks)}</p>"


def _ending(opinion: Opinion) -> str:
    until = _("You can answer until the end of %s.") % date_format(opinion.answer_by, "j F Y")
    follow = _("What is asked, and the documents you may read, are behind this link:")
    own = _("The link is for you alone. Do not pass it on: whoever has it may read what you may read.")
    return "".join(f"<p>{escape(line)}</p>" for line in (follow, private.PLACE, until, own))
