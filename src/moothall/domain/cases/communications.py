"""Letters and e-mails about a case: composed, edited as one copy, saved, queued, sent again, cancelled (CT-60, CT-61).

Saving a message is cheap: its rows and a job. `delivery` sends and produces in the worker.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from html import escape
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from moothall.core.accounts.models import User
from moothall.core.audit import recording
from moothall.core.lists.models import Value
from moothall.domain.cases import delivery, recipients, saving
from moothall.domain.cases.answers import Answers
from moothall.domain.cases.effects import Occasion, handles
from moothall.domain.cases.models import Case
from moothall.domain.cases.placeholders import CaseValues
from moothall.domain.cases.recipients import ADDRESSES, NoAlternativeContact, Recipient, Who
from moothall.domain.catalogue import by_hand
from moothall.domain.messages import plain, private, sanitise, templates, vocabulary
from moothall.domain.messages.models import Message, TemplateVersion
from moothall.domain.messages.templates import Composed
from moothall.domain.people.models import Customer
from moothall.domain.workflow.parts import Channel
from moothall.domain.workflow.parts import Message as MessageEffect
from moothall.kit.calendars import LONDON

Status = Message.Status


class MessageRefused(Exception):
    """A message cannot be saved, sent or cancelled. Its sentence may be shown to whoever asked."""


class Edit(BaseModel):
    """What an officer changed in one copy before it was saved. The template stays as it is.

    `channels` are the ways the officer chose instead of those the outcome names, `to` whom instead of whom it says (CT-61).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    subject: str | None = None
    html: str | None = None
    channels: Annotated[tuple[Channel, ...], Field(min_length=1, max_length=2)] | None = None
    to: Who | None = None


@dataclass(frozen=True, kw_only=True)
class Preview:
    """A composed message and who it would go to."""

    composed: Composed
    recipient: Recipient


def preview(
    case: Case,
    template: str,
    *,
    at: datetime,
    from_list: str | None = None,
    chosen: Sequence[str] = (),
    to: Who | Recipient = "customer",
    language: str | None = None,
    post: bool = True,
    answers: Answers | None = None,
) -> Preview:
    """Compose `template` (its key, local to the case's service or whole) for a case, writing nothing.

    `chosen` are values of the service's list `from_list`, whose paragraphs go in by the order of the list. `language` left out
    is the customer's. Without `post`, the postal address is not looked for when there is an e-mail address. Raises templates.NoSuchTemplate, templates.TemplateFault, NoAlternativeContact.
    """
    on = at.astimezone(LONDON).date()
    recipient = to if isinstance(to, Recipient) else recipients.find(case.customer, to, on=on, post=post)
    version = templates.in_force(_whole_key(case, template), language or _language(case.customer))
    composed = templates.compose_version(
        version,
        values=CaseValues(case, recipient=recipient, language=version.language, on=on, answers=answers),
        paragraphs=paragraphs(_whole_key(case, from_list), chosen, version.language) if from_list else (),
    )
    return Preview(composed=composed, recipient=recipient)


def paragraphs(list_key: str, chosen: Sequence[str], language: str = "en") -> list[str]:
    """The paragraphs of the chosen values of a list, in the list's order; a value without one gives its label.

    In Welsh where `language` is and the value has Welsh, else in English.
    """
    values = Value.objects.filter(list__key=list_key, key__in=chosen).order_by("order", "id")
    return [_paragraph(value, language) for value in values]


def begin(
    case: Case,
    template: str,
    *,
    at: datetime,
    from_list: str | None = None,
    chosen: Sequence[str] = (),
    to: Who | Recipient = "customer",
    language: str | None = None,
    post: bool = True,
) -> Preview:
    """What a message an officer writes by hand from a template begins as.

    Raises MessageRefused for a letter an outcome sends, and for one that would print what is not known; and what `preview` does.
    """
    shown = preview(case, template, at=at, from_list=from_list, chosen=chosen, to=to, language=language, post=post)
    name = shown.composed.version.name
    if _whole_key(case, template).removeprefix(f"{case.service.key}.") not in by_hand.letters(case.service):
        raise MessageRefused(f"“{name}” is not sent by hand: it goes with an outcome, or is not in use any more.")
    if shown.composed.gaps:
        lacking = "; ".join(vocabulary.described(gap) for gap in shown.composed.gaps)
        raise MessageRefused(
            f"“{name}” would have gaps: nothing is known of {lacking}. Begin with an empty page, or record that first."
        )
    return shown


def send_by_hand(
    case: Case,
    *,
    channel: str,
    by: User,
    at: datetime,
    template: str | None = None,
    subject: str | None = None,
    html: str | None = None,
    from_list: str | None = None,
    chosen: Sequence[str] = (),
    to: Who | Recipient = "customer",
    language: str | None = None,
    draft: bool = False,
    tags: Iterable[str] = (),
) -> Message:
    """Save a message an officer wrote, from a template (`subject` and `html` are then the officer's changes) or freely.

    It is sent by itself unless it is a `draft`, or the product itself writes to somebody who died: that is kept as one. Raises MessageRefused, NoAlternativeContact, and what `begin` does.
    """
    if channel not in Message.Channel.values:
        raise MessageRefused(f"A message goes by {' or '.join(Message.Channel.values)}, not by “{channel}”.")
    if template:
        post = channel == Message.Channel.LETTER
        shown = begin(case, template, at=at, from_list=from_list, chosen=chosen, to=to, language=language, post=post)
        copy, recipient = _edited(shown.composed, Edit(subject=subject, html=html)), shown.recipient
    else:
        on = at.astimezone(LONDON).date()
        recipient = to if isinstance(to, Recipient) else recipients.find(case.customer, to, on=on)
        spoken = language or _language(case.customer)
        copy = saving.Copy(subject=_subject(subject or ""), html=_body(html or ""), language=spoken, edited=True)
    return _save(case, copy, recipient, channel, draft=draft, tags=tags, by=by, at=at)


def send_as_it_is(case: Case, template: str, *, channel: str, to: Recipient, by: User, at: datetime) -> Message:
    """Save and queue what the service says is sent to somebody, with no officer who reads it. Raises what `preview` does, and MessageRefused."""
    shown = preview(case, template, at=at, to=to)
    return _save(case, _edited(shown.composed, Edit()), to, channel, draft=False, tags=(), by=by, at=at)


def edit_draft(
    message: Message, *, by: User, at: datetime, subject: str | None = None, html: str | None = None
) -> Message:
    """Change a draft. Raises MessageRefused when it is no draft any more."""
    with recording.because(action="message.edited", by=by, at=at):
        held = _held(message)
        if held.status != Status.DRAFT:
            raise MessageRefused("Only a draft can be changed. Write a new message instead.")
        held.subject = held.subject if subject is None else _subject(subject)
        held.html = held.html if html is None else _body(html)
        held.edited = True
        held.save(update_fields=["subject", "html", "edited"])
        recording.record("message.edited", held, by=by, at=at)
    return held


def send_draft(message: Message, *, by: User, at: datetime) -> Message:
    """Queue a draft for delivery. Raises MessageRefused when it is no draft any more."""
    with recording.because(action="message.queued", by=by, at=at):
        held = _held(message)
        if held.status != Status.DRAFT:
            raise MessageRefused("This message is no draft any more, so it was not sent again.")
        held.status, held.problem = Status.QUEUED, ""
        held.save(update_fields=["status", "problem"])
        delivery.queue(held)
        saving.write(held.case_link.case, held, "queued", by=by, at=at)
        recording.record("message.queued", held, by=by, at=at)
    return held


def resend(message: Message, *, by: User, at: datetime, to: Recipient | None = None) -> Message:
    """Send the same text once more, as a new message, to the same recipient or to another.

    Raises MessageRefused while the first is still on its way.
    """
    with recording.because(action="message.saved", by=by, at=at):
        held = _held(message)
        if held.status in (Status.DRAFT, Status.QUEUED, Status.SENDING):
            raise MessageRefused("This message is not sent yet. Wait, or cancel it first.")
        if private.is_in(held):
            raise MessageRefused("This e-mail had a link of its own. Send a new link where it was asked for.")
        earlier = Recipient(name=held.to_name, email=held.to_email, lines=tuple(held.to_lines))
        recipient = to or earlier
        if not recipient.reached_by(held.channel):
            raise MessageRefused(f"No {ADDRESSES[held.channel]} is recorded for {recipient.name}.")
        copy = saving.Copy(
            subject=held.subject,
            html=held.html,
            language=held.language,
            version=held.template_version,
            edited=held.edited,
        )
        again = saving.save(
            held.case_link.case, copy, recipient, held.channel, status=Status.QUEUED, tags=held.tags, by=by, at=at
        )
        recording.record("message.saved", again, by=by, at=at, again=held.pk)
    return again


def cancel(message: Message, *, by: User, at: datetime) -> Message:
    """Cancel a draft or a message that waits. Raises MessageRefused once it is being sent or is sent."""
    with recording.because(action="message.cancelled", by=by, at=at):
        held = _held(message)
        if held.status not in (Status.DRAFT, Status.QUEUED):
            state = {Status.SENDING: "is being sent at this moment", Status.CANCELLED: "is cancelled already"}
            raise MessageRefused(
                f"This message {state.get(Status(held.status), f'is {held.status}')}: nothing to cancel."
            )
        held.status, held.due_at = Status.CANCELLED, None
        held.save(update_fields=["status", "due_at"])
        saving.write(held.case_link.case, held, "cancelled", by=by, at=at)
        recording.record("message.cancelled", held, by=by, at=at)
    return held


@handles("message")
def _send_by_outcome(effect: MessageEffect, occasion: Occasion) -> None:
    question = occasion.question(effect.list) if effect.list else None
    answer = occasion.answers.get(effect.list) if effect.list else None
    send_by_rule(
        occasion.case,
        effect.template,
        channels=effect.channels,
        from_list=question.list if question else None,
        chosen=[answer] if isinstance(answer, str) else [*(answer or ())],
        to=effect.recipient,
        edit=_edit(occasion, effect.template),
        draft=effect.draft,
        looked_at=saving.looked_at(occasion.by),
        tags=effect.tags,
        made_by={"work_item": occasion.item.pk, "effect": occasion.position},
        answers=Answers(occasion.case, run=occasion.run, now=occasion.answers, asked=occasion.outcome.questions),
        by=occasion.by,
        at=occasion.at,
    )


def send_by_rule(
    case: Case,
    template: str,
    *,
    channels: Sequence[str],
    by: User,
    at: datetime,
    from_list: str | None = None,
    chosen: Sequence[str] = (),
    to: Who = "customer",
    edit: Edit | None = None,
    draft: bool = False,
    looked_at: bool = False,
    tags: Iterable[str] = (),
    made_by: Mapping[str, int] = saving.NOTHING,
    answers: Answers | None = None,
) -> None:
    """Send what a rule says by every listed channel that reaches the recipient; if none does, any the template allows.

    `made_by` are ids the timeline keeps beside each message: the finished work item and the effect's position.
    A recipient nobody can reach stops nothing: the message is kept as failed, and the timeline says so. One to a customer
    who died is kept as a draft, of which officers are told, unless somebody `looked_at` it.
    """
    edit = edit or Edit()
    post = Message.Channel.LETTER in (edit.channels or channels)
    compose = partial(preview, case, template, at=at, from_list=from_list, chosen=chosen, post=post, answers=answers)
    try:
        shown = compose(to=edit.to or to)
    except NoAlternativeContact as nobody:
        if edit.to:
            raise MessageRefused(str(nobody)) from nobody
        shown = compose()
    copy = _edited(shown.composed, edit)
    save = partial(saving.save, case, copy, shown.recipient, tags=tags, made_by=made_by, by=by, at=at)
    reaching = _reaching(edit.channels or channels, shown.composed.version, shown.recipient)
    back = not looked_at and not draft and saving.has_died(case, shown.recipient)
    for channel in reaching:
        if back:
            saving.save_back(case, copy, shown.recipient, channel, tags=tags, made_by=made_by, by=by, at=at)
        else:
            save(channel, status=Status.DRAFT if draft else Status.QUEUED)
    if not reaching:
        allowed = [one for one in ADDRESSES if one in {*(edit.channels or channels), *shown.composed.version.channels}]
        save(allowed[-1], status=Status.FAILED, problem=shown.recipient.unreached(allowed))


def _save(
    case: Case,
    copy: saving.Copy,
    recipient: Recipient,
    channel: str,
    *,
    draft: bool,
    tags: Iterable[str],
    by: User,
    at: datetime,
) -> Message:
    """Save one copy for who can be reached, to be sent unless it is a draft. Raises MessageRefused."""
    if copy.version and channel not in copy.version.channels:
        raise MessageRefused(f"“{copy.version.name}” is not written for a message by {channel}.")
    if not recipient.reached_by(channel):
        raise MessageRefused(
            f"No {ADDRESSES[channel]} is recorded for {recipient.name}. Add one, or choose another way."
        )
    with recording.because(action="message.saved", by=by, at=at):
        back = by.kind != User.Kind.PERSON and saving.has_died(case, recipient)
        status = Status.DRAFT if draft else Status.QUEUED
        save = saving.save_back if back and not draft else partial(saving.save, status=status)
        message = save(case, copy, recipient, channel, tags=tags, by=by, at=at)
        recording.record("message.saved", message, by=by, at=at, case=case.pk, channel=channel, edited=copy.edited)
    return message


def _held(message: Message) -> Message:
    held = Message.objects.select_for_update(of=("self",)).select_related("case_link__case", "template_version")
    return held.get(pk=message.pk)


def _reaching(wanted: Sequence[str], version: TemplateVersion, recipient: Recipient) -> list[str]:
    offered = [channel for channel in wanted if channel in Message.Channel.values]
    reaching = [channel for channel in offered if recipient.reached_by(channel)]
    return reaching or [channel for channel in version.channels if recipient.reached_by(channel)][:1]


def _edit(occasion: Occasion, template: str) -> Edit:
    """The officer's changes to this effect's message, given by its position in the outcome or by its template."""
    given = occasion.edits.get(str(occasion.position), occasion.edits.get(template)) or {}
    try:
        return Edit.model_validate(given)
    except ValidationError as error:
        raise MessageRefused("A changed message has subject, html, channels and to, each of its kind.") from error


def _edited(composed: Composed, edit: Edit) -> saving.Copy:
    subject = composed.subject if edit.subject is None else _subject(edit.subject)
    html = composed.html if edit.html is None else _body(edit.html)
    return saving.Copy(
        subject=subject,
        html=html,
        language=composed.language,
        version=composed.version,
        edited=(subject, html) != (composed.subject, composed.html),
    )


def _subject(text: str) -> str:
    if line := templates.one_line(text):
        return line
    raise MessageRefused("Give the message a subject.")


def _body(html: str) -> str:
    """What an officer wrote, sanitised. Raises MessageRefused when nothing to read is left."""
    try:
        body = sanitise.clean(html)
    except sanitise.TooLong as error:
        raise MessageRefused(str(error)) from error
    if not plain.of(body).strip():
        raise MessageRefused("Write the message before you save it.")
    return body


def _paragraph(value: Value, language: str) -> str:
    text = (value.welsh if language == "cy" else "").strip() or value.text.strip()
    if not text:
        return f"<p>{escape(value.label)}</p>"
    return text if text.startswith("<") else f"<p>{text}</p>"


def _whole_key(case: Case, key: str) -> str:
    return key if "." in key else f"{case.service_key}.{key}"


def _language(customer: Customer) -> str:
    """The language a customer is written to in."""
    return customer.person.language if customer.kind == Customer.Kind.PERSON else "en"
