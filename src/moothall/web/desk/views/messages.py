"""Letters and e-mails of a case written by hand: begun, looked at, kept as a draft, sent, cancelled (CT-60, CT-61)."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages as told
from django.db import transaction
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from moothall.core.accounts.permissions import Permission
from moothall.domain.cases import communications, recipients, refusals, sight
from moothall.domain.cases.models import Case
from moothall.domain.catalogue import by_hand
from moothall.domain.messages import sanitise
from moothall.domain.messages.models import Message
from moothall.domain.people import doubts
from moothall.kit.calendars import LONDON
from moothall.web.common.sent import READ_OR_SEND, sent
from moothall.web.components.templatetags.components import day
from moothall.web.desk import letters, pressed
from moothall.web.desk.access import needs
from moothall.web.desk.case_page import case_page, may_see
from moothall.web.desk.forms.messages import Words, Writing
from moothall.web.desk.request import DeskRequest

_ON_ITS_WAY = (Message.Status.QUEUED, Message.Status.SENDING, Message.Status.SENT)


@needs(Permission.SEND_MESSAGES)
@READ_OR_SEND
def new_message(request: DeskRequest, reference: str) -> HttpResponseBase:
    """Choose what to write and to whom; then write it, look at it, and keep or send it."""
    page = case_page(request, reference, "workflow", Permission.SEND_MESSAGES)
    case = page["case"]
    writing = Writing(_templates(case), request.GET if "channel" in request.GET else None)
    if not (writing.is_bound and writing.is_valid()):
        return _begin(request, page, writing)
    chosen = writing.cleaned_data
    try:
        recipient, composed = _composed(case, chosen, request)
    except refusals.every() as refused:
        writing.add_error(None, str(refused))
        return _begin(request, page, writing)
    if not recipient.reached_by(chosen["channel"]):
        writing.add_error("channel", _("No address for this is recorded for %s. Choose another way.") % recipient.name)
        return _begin(request, page, writing)
    form = Words(request.POST) if request.method == "POST" else Words(initial=composed)
    step = request.POST.get("step", "")
    if step == "live":
        typed = _unsaved(case, chosen["channel"], recipient, form.words()) if form.is_valid() else None
        return letters.live(request, typed, as_letter=chosen["channel"] == Message.Channel.LETTER)
    if form.is_bound and form.is_valid():
        if step == "see":
            return _seen(request, _unsaved(case, chosen["channel"], recipient, form.words()))
        if step in ("draft", "send"):
            try:
                with transaction.atomic():
                    if not pressed.first(request):
                        told.success(request, pressed.AGAIN)
                        return redirect("desk:case_workflow", case.reference)
                    saved = communications.send_by_hand(
                        case,
                        channel=chosen["channel"],
                        template=chosen["template"] or None,
                        to=chosen["to"],
                        draft=step == "draft",
                        by=request.user,
                        at=request.now,
                        **form.words(),
                    )
            except refusals.every() as refused:
                form.add_error(None, str(refused))
            else:
                said = _("The draft is kept.") if step == "draft" else _("The message is on its way.")
                told.success(request, said)
                return redirect("desk:message", case.reference, saved.pk)
    given = {
        **page,
        "form": form,
        "recipient": recipient,
        "channel": chosen["channel"],
        "key": pressed.key(),
        **_doubtful(request, case, chosen["channel"], recipient.lines),
        "failed": form.is_bound,
    }
    return letters.framing(
        TemplateResponse(request, "desk/workflow_write.html", given, status=422 if form.is_bound else 200)
    )


@needs(Permission.VIEW_DOCUMENTS)
@READ_OR_SEND
def message(request: DeskRequest, reference: str, message_id: int) -> HttpResponseBase:
    """A message as it is; a draft can be changed, looked at and sent."""
    page = case_page(request, reference, "workflow", Permission.VIEW_DOCUMENTS)
    case = page["case"]
    found = _message(request, case, message_id)
    may = request.user.may(Permission.SEND_MESSAGES, case.service.key)
    draft = may and found.status == Message.Status.DRAFT
    form = Words(sent(request), initial={"subject": found.subject, "html": found.html})
    step = request.POST.get("step", "")
    if request.method == "POST" and not may:
        raise Http404
    if form.is_bound and step in ("see", "live"):
        if form.is_valid():
            found.subject, found.html = form.words()["subject"], sanitise.clean(form.words()["html"])
        if step == "live":
            letter = found.channel == Message.Channel.LETTER
            return letters.live(request, found if form.is_valid() else None, as_letter=letter)
        if form.is_valid():
            return _seen(request, found)
    elif form.is_bound and form.is_valid():
        changed = form.words() != {"subject": found.subject, "html": found.html}
        if step == "send" and not changed and found.status in _ON_ITS_WAY:
            told.success(request, pressed.AGAIN)
            return redirect("desk:message", case.reference, found.pk)
        try:
            if changed:
                communications.edit_draft(found, by=request.user, at=request.now, **form.words())
            if step == "send":
                communications.send_draft(found, by=request.user, at=request.now)
        except refusals.every() as refused:
            form.add_error(None, str(refused))
        else:
            told.success(request, _("The message is on its way.") if step == "send" else _("The draft is kept."))
            return redirect("desk:message", case.reference, found.pk)
    given = {
        **page,
        **(_doubtful(request, case, found.channel, found.to_lines) if draft else {"doubtful": []}),
        "message": found,
        "returned": _returned(found),
        "form": form,
        "draft": draft,
        "may": may,
        "key": pressed.key(),
        "failed": form.is_bound,
    }
    return letters.framing(
        TemplateResponse(request, "desk/workflow_message.html", given, status=422 if form.is_bound else 200)
    )


@needs(Permission.SEND_MESSAGES)
@require_POST
def cancel_message(request: DeskRequest, reference: str, message_id: int) -> HttpResponseBase:
    """Cancel a draft, or a message that waits to be sent."""
    return _done(request, reference, message_id, communications.cancel, _("The message is cancelled."))


@needs(Permission.SEND_MESSAGES)
@require_POST
def resend(request: DeskRequest, reference: str, message_id: int) -> HttpResponseBase:
    """Send the same text once more, as a new message."""
    return _done(request, reference, message_id, communications.resend, _("The message is sent once more."))


def _done(request: DeskRequest, reference: str, message_id: int, act: Any, said: str) -> HttpResponseBase:
    page = case_page(request, reference, "workflow", Permission.SEND_MESSAGES, Permission.VIEW_DOCUMENTS)
    found = _message(request, page["case"], message_id)
    try:
        with transaction.atomic():
            fresh = pressed.first(request)
            found = act(found, by=request.user, at=request.now) if fresh else found
    except refusals.every() as refused:
        told.error(request, str(refused))
    else:
        told.success(request, said if fresh else pressed.AGAIN)
    return redirect("desk:message", page["case"].reference, found.pk)


def _begin(request: DeskRequest, page: dict[str, Any], form: Writing) -> HttpResponse:
    given = {**page, "form": form, "failed": form.is_bound}
    return TemplateResponse(request, "desk/workflow_begin.html", given, status=422 if form.is_bound else 200)


def _composed(case: Case, chosen: dict[str, str], request: DeskRequest) -> tuple[recipients.Recipient, dict[str, str]]:
    """Who it goes to, and what it starts out as. Raises what composing does."""
    if not chosen["template"]:
        on = request.now.astimezone(LONDON).date()
        return recipients.find(case.customer, _who(chosen), on=on), {}
    shown = communications.begin(case, chosen["template"], at=request.now, to=_who(chosen))
    return shown.recipient, {"subject": shown.composed.subject, "html": shown.composed.html}


def _who(chosen: dict[str, str]) -> recipients.Who:
    return "alternative_contact" if chosen["to"] == "alternative_contact" else "customer"


def _templates(case: Case) -> list[tuple[str, str]]:
    """The letters that may be sent by hand, in English, by name; one in Welsh is used for who is written to in Welsh."""
    found = [
        (one.template.key.partition(".")[2], one.name) for one in by_hand.offered(case.service) if one.language == "en"
    ]
    return sorted(found, key=lambda one: one[1])


def _message(request: DeskRequest, case: Case, message_id: int) -> Message:
    seen = sight.visible_messages(request.user).filter(case_link__case=case, pk=message_id)
    found = seen.select_related("created_by", "returned__by").first()
    if found is None:
        raise Http404
    return found


def _returned(found: Message) -> str:
    """That the letter came back, in a sentence."""
    row = getattr(found, "returned", None)
    if row is None:
        return ""
    said = {"day": day(row.on), "why": row.get_reason_display().lower(), "name": row.by.full_name, "note": row.note}
    return (_("Came back on %(day)s: %(why)s. Recorded by %(name)s. %(note)s") % said).strip()


def _doubtful(request: DeskRequest, case: Case, channel: str, lines: Sequence[str]) -> dict[str, Any]:
    """Whether a letter goes where post came back from, and whether who writes it may put that right."""
    homes = doubts.of(case.customer) if channel == Message.Channel.LETTER else []
    return {
        "doubtful": doubts.among(homes, lines),
        "may_put_right": may_see(request, case, Permission.EDIT_PEOPLE),
    }


def _unsaved(case: Case, channel: str, recipient: recipients.Recipient, words: dict[str, str]) -> Message:
    return Message(
        channel=channel,
        reference=case.reference,
        to_name=recipient.name,
        to_email=recipient.email,
        to_lines=list(recipient.lines),
        subject=words["subject"],
        html=sanitise.clean(words["html"]),
    )


def _seen(request: DeskRequest, one: Message) -> HttpResponse:
    return letters.seen(request, one, as_letter=one.channel == Message.Channel.LETTER)


urlpatterns = [
    path("cases/<str:reference>/messages/new/", new_message, name="new_message"),
    path("cases/<str:reference>/messages/<int:message_id>/", message, name="message"),
    path("cases/<str:reference>/messages/<int:message_id>/cancel/", cancel_message, name="cancel_message"),
    path("cases/<str:reference>/messages/<int:message_id>/resend/", resend, name="resend_message"),
]
