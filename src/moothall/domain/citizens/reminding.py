"""Reminding whoever sent a form of the documents they left for later (FRM-7): once, by e-mail, where one is known."""

from datetime import date, datetime
from html import escape

from django.core.mail import EmailMultiAlternatives
from django.utils import translation
from django.utils.translation import gettext as _

from moothall.core.accounts.actions import system_user
from moothall.core.audit import recording
from moothall.core.council.settings import Council, read
from moothall.domain.cases import timeline
from moothall.domain.cases.models import Case, Request, TimelineEntry
from moothall.domain.citizens import rules
from moothall.domain.citizens.models import Account
from moothall.domain.forms import runner, submitting
from moothall.domain.forms.models import Delivery, Submission
from moothall.domain.messages import mail
from moothall.domain.messages.models import Message

MOST = 200
"""Forms looked at in one go."""


def remind_due(*, today: date, at: datetime) -> int:
    """Look at every form whose day has come; returns how many senders were reminded."""
    due = Submission.objects.filter(remind_on__lte=today).order_by("remind_on", "pk")
    return sum(_remind(one.pk, at=at) for one in due.only("pk")[:MOST])


def lacking(sent: Submission, case: Case) -> list[str]:
    """The documents that were left for later and are not on the case, in the words of the form.

    Nothing where something else was sent since, which an officer looks at, or where an officer asks for something.
    """
    if case.sent_files.exists() or case.requests.filter(state=Request.State.OPEN).exists():
        return []
    there = {tag for link in case.document_links.select_related("document") for tag in link.document.tags}
    later = (one for one in runner.evidence(submitting.journey_of(sent)) if one.state == "later")
    return [one.question.label.of(sent.language) for one in later if one.tag not in there]


def _remind(pk: int, *, at: datetime) -> bool:
    """Remind one sender, unless it was done or nothing lacks. One that cannot be reached now is tried again tomorrow."""
    by = system_user()
    with recording.because(action="form.reminded", by=by, at=at):
        sent = Submission.objects.select_for_update(of=("self",)).select_related("version__form").get(pk=pk)
        if sent.remind_on is None:
            return False
        case = _case(sent)
        if case is None and sent.deliveries.filter(kind="case").exclude(state=Delivery.State.DONE).exists():
            return False
        wanted = lacking(sent, case) if case and not case.closed_at else []
        if case and wanted:
            address = _address(sent)
            if address:
                try:
                    mail.hand_over(_email(sent, case, address, wanted, at=at))
                except mail.NotSent as refused:
                    if not refused.permanent:
                        return False
                    address = ""
            said = (
                "Reminded by e-mail of what was left for later"
                if address
                else "Nobody could be reminded of what was left for later"
            )
            text = f"{said}: {', '.join(wanted)}."
            timeline.write(case, kind=TimelineEntry.Kind.MESSAGE, text=text, by=by, at=at)
            recording.record("form.reminded", sent, by=by, at=at, case=case.pk, reached=bool(address))
        sent.remind_on = None
        sent.save(update_fields=["remind_on"])
    return bool(wanted)


def _case(sent: Submission) -> Case | None:
    made = sent.deliveries.filter(kind="case", state=Delivery.State.DONE).order_by("place").first()
    return Case.objects.filter(reference=made.result).select_related("service").first() if made else None


def _address(sent: Submission) -> str:
    """Where whoever sent it is reached: at their account, else at the address they gave."""
    if sent.account.isdecimal() and (account := Account.objects.filter(pk=int(sent.account)).first()):
        return account.email
    form = submitting.journey_of(sent).plan.form
    given = (sent.answers.get(one.id) for one in form.questions.values() if one.fact == "contact.email")
    return next((str(one) for one in given if one), "")


def _email(sent: Submission, case: Case, address: str, wanted: list[str], *, at: datetime) -> EmailMultiAlternatives:
    with translation.override("cy" if sent.language == "cy" else None):
        subject = _("We still need documents from you")
        link = rules.address(f"/cases/{case.reference}/") if sent.account else ""
        lines = [
            _("You sent us a form, and wanted to send some documents later. The reference is %s.") % case.reference,
            _("We do not have these yet:"),
        ]
        where = _("Send them from your account, or by post with the reference on them.")
        html = "".join(f"<p>{escape(line)}</p>" for line in lines)
        html += f"<ul>{''.join(f'<li>{escape(one)}</li>' for one in wanted)}</ul><p>{escape(where)}</p>"
        html += f'<p><a href="{escape(link)}">{escape(link)}</a></p>' if link else ""
        html += f"<p>{escape(_('If you sent them in the last few days, you need do nothing.'))}</p>"
    message = Message(
        channel=Message.Channel.EMAIL,
        reference=case.reference,
        to_name=address,
        to_email=address,
        subject=subject,
        html=html,
        language=sent.language,
        created_at=at,
    )
    email = mail.build(message, council=read(Council), at=at)
    domain = email.extra_headers["Message-ID"].rpartition("@")[2]
    email.extra_headers["Message-ID"] = f"<later-{sent.key}@{domain}"
    return email
