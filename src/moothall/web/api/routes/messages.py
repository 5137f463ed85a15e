"""Letters and e-mails of a case: read, composed, saved as drafts, sent, sent again, cancelled (CT-60, CT-61)."""

from datetime import date
from typing import Literal

from ninja import Query, Schema
from pydantic import Field, model_validator

from moothall.core.accounts.permissions import Permission
from moothall.core.audit import recording
from moothall.domain.cases import communications, printing, recipients, returned, sight
from moothall.domain.cases.models import Case
from moothall.domain.cases.recipients import Recipient, Who
from moothall.domain.catalogue import by_hand
from moothall.domain.messages.models import Message, Returned, TemplateVersion
from moothall.domain.messages.sanitise import LONGEST
from moothall.kit.calendars import LONDON
from moothall.web.api.finding import case_named, case_read
from moothall.web.api.message_views import MessageLine, MessageOut, PreviewOut, message_facts
from moothall.web.api.operations import Operations
from moothall.web.api.paging import Page, PageQuery, page_of
from moothall.web.api.problems import not_found
from moothall.web.api.request import ApiRequest
from moothall.web.api.schemas import Body, Day, Moment, RowId, UserOut

router = Operations(tags=["Messages"])


class TemplateOut(Schema):
    key: str = Field(description="As a message names it")
    name: str
    language: str
    channels: list[str]
    by_hand: bool = Field(description="It may be sent by hand. One that goes with an outcome may only be previewed")


class NewReturn(Body):
    """When and why a letter came back."""

    on: Day
    reason: Returned.WhyReturned
    note: str = Field("", max_length=500)


class ReturnOut(Schema):
    on: date
    reason: str
    note: str
    by: UserOut
    at: Moment


class Composing(Body):
    """A template of the case's service and what goes into it."""

    template: str = Field(min_length=1, max_length=120)
    from_list: str | None = Field(None, max_length=120, description="The list whose chosen paragraphs go in")
    chosen: list[str] = Field([], max_length=200)
    to: Who = "customer"
    language: Literal["en", "cy"] | None = Field(None, description="The customer's when left out")


class NewMessage(Body):
    """From a template, when `subject` and `html` are your changes; or freely, with both of them."""

    channel: Message.Channel
    template: str | None = Field(None, min_length=1, max_length=120)
    subject: str | None = Field(None, max_length=2000)
    html: str | None = Field(None, max_length=LONGEST)
    from_list: str | None = Field(None, max_length=120)
    chosen: list[str] = Field([], max_length=200)
    to: Who = "customer"
    language: Literal["en", "cy"] | None = None
    draft: bool = Field(False, description="Keep it to be edited and sent later")

    @model_validator(mode="after")
    def _something(self) -> "NewMessage":
        if self.template is None and (not self.subject or not self.html):
            raise ValueError("Name a template, or give a subject and html.")
        return self


class DraftEdit(Body):
    subject: str | None = Field(None, max_length=2000)
    html: str | None = Field(None, max_length=LONGEST)


class Again(Body):
    to: Who | None = Field(None, description="The same recipient as before when left out")


class LetterToPrint(Schema):
    id: int
    case: str
    subject: str
    to_name: str
    document: int = Field(description="Of the case: its content is the letter as PDF")
    since: Moment


@router.reads("/letters/to-print", needs=Permission.SEND_MESSAGES, answers=Page[LetterToPrint])
def letters_to_print(request: ApiRequest, query: Query[PageQuery]) -> Page[LetterToPrint]:
    """Letters that were produced and wait to be printed, the longest waiting first; of cases you may see."""
    waiting = printing.waiting(request.auth).select_related("case_link__case", "to_print")
    rows = waiting.defer("html", "case_link__case__submitted")
    page = page_of(rows, query, _to_print)
    found = page.total
    recording.searched("message", by=request.auth, at=request.now, via="api letters.to_print", found=found, asked=[])
    return page


@router.writes(
    "POST",
    "/cases/{reference}/messages/{int:message_id}/printed",
    needs=Permission.SEND_MESSAGES,
    answers=MessageOut,
    body="none",
)
def letter_printed(request: ApiRequest, reference: str, message_id: RowId) -> MessageOut:
    """Say that a letter was printed: it waits no longer. Once; again changes nothing."""
    message = _message(request, case_read(request, reference, via="cases.message_printed"), message_id)
    printing.printed(message, by=request.auth, at=request.now)
    return MessageOut.of(message)


def _to_print(letter: Message) -> LetterToPrint:
    assert letter.document_id is not None
    return LetterToPrint(
        id=letter.pk,
        case=letter.case_link.case.reference,
        subject=letter.subject,
        to_name=letter.to_name,
        document=letter.document_id,
        since=letter.to_print.since,
    )


@router.reads("/cases/{reference}/messages", needs=Permission.VIEW_DOCUMENTS, answers=Page[MessageLine])
def case_messages(request: ApiRequest, reference: str, query: Query[PageQuery]) -> Page[MessageLine]:
    """Letters and e-mails of a case, newest first."""
    case = case_read(request, reference, via="cases.messages")
    messages = sight.visible_messages(request.auth).filter(case_link__case=case).defer("html").order_by("-id")
    return page_of(messages, query, lambda message: MessageLine.model_validate(message_facts(message)))


@router.reads("/cases/{reference}/messages/{int:message_id}", needs=Permission.VIEW_DOCUMENTS, answers=MessageOut)
def read_message(request: ApiRequest, reference: str, message_id: RowId) -> MessageOut:
    """One message as composed."""
    return MessageOut.of(_message(request, case_read(request, reference, via="cases.message"), message_id))


@router.reads("/cases/{reference}/templates", needs=Permission.SEND_MESSAGES, answers=list[TemplateOut])
def case_templates(request: ApiRequest, reference: str) -> list[TemplateOut]:
    """The templates of the case's service, in each language at the version in force."""
    service = case_named(request, reference).service
    free = by_hand.letters(service)
    rows = TemplateVersion.objects.filter(template__key__startswith=f"{service.key}.").select_related("template")
    newest = rows.defer("body").order_by("template__key", "language", "-number").distinct("template__key", "language")
    return [
        TemplateOut(
            key=(key := row.template.key.removeprefix(f"{service.key}.")),
            name=row.name,
            language=row.language,
            channels=row.channels,
            by_hand=key in free,
        )
        for row in newest[:500]
    ]


@router.searches("/cases/{reference}/messages/preview", needs=Permission.SEND_MESSAGES, answers=PreviewOut)
def preview_message(request: ApiRequest, reference: str, body: Composing) -> PreviewOut:
    """A message composed from a template for this case, not saved."""
    case = case_read(request, reference, via="cases.message_preview")
    shown = communications.preview(
        case,
        body.template,
        from_list=body.from_list,
        chosen=body.chosen,
        to=body.to,
        language=body.language,
        at=request.now,
    )
    return PreviewOut.of(body.template, shown)


@router.writes("POST", "/cases/{reference}/messages", needs=Permission.SEND_MESSAGES, answers=MessageOut, status=201)
def send_message(request: ApiRequest, reference: str, body: NewMessage) -> MessageOut:
    """Save a message written by hand; it goes by itself unless it is a draft."""
    message = communications.send_by_hand(
        case_read(request, reference, via="cases.message_new"),
        channel=body.channel,
        template=body.template,
        subject=body.subject,
        html=body.html,
        from_list=body.from_list,
        chosen=body.chosen,
        to=body.to,
        language=body.language,
        draft=body.draft,
        by=request.auth,
        at=request.now,
    )
    return MessageOut.of(message)


@router.writes(
    "PATCH",
    "/cases/{reference}/messages/{int:message_id}",
    needs=Permission.SEND_MESSAGES,
    answers=MessageOut,
)
def edit_message(request: ApiRequest, reference: str, message_id: RowId, body: DraftEdit) -> MessageOut:
    """Change the words of a draft. The template stays as it is."""
    draft = _message(request, case_read(request, reference, via="cases.message_edit"), message_id)
    edited = communications.edit_draft(draft, subject=body.subject, html=body.html, by=request.auth, at=request.now)
    return MessageOut.of(edited)


@router.writes(
    "POST",
    "/cases/{reference}/messages/{int:message_id}/sending",
    needs=Permission.SEND_MESSAGES,
    answers=MessageOut,
    body="none",
)
def send_draft(request: ApiRequest, reference: str, message_id: RowId) -> MessageOut:
    """Send a draft."""
    draft = _message(request, case_read(request, reference, via="cases.message_sending"), message_id)
    return MessageOut.of(communications.send_draft(draft, by=request.auth, at=request.now))


@router.writes(
    "POST",
    "/cases/{reference}/messages/{int:message_id}/copies",
    needs=Permission.SEND_MESSAGES,
    answers=MessageOut,
    status=201,
)
def resend_message(request: ApiRequest, reference: str, message_id: RowId, body: Again) -> MessageOut:
    """Send the same text once more, as a new message."""
    case = case_read(request, reference, via="cases.message_copies")
    message = _message(request, case, message_id)
    to = _recipient(request, case, body.to) if body.to else None
    return MessageOut.of(communications.resend(message, to=to, by=request.auth, at=request.now))


@router.writes(
    "POST",
    "/cases/{reference}/messages/{int:message_id}/cancellation",
    needs=Permission.SEND_MESSAGES,
    answers=MessageOut,
    body="none",
)
def cancel_message(request: ApiRequest, reference: str, message_id: RowId) -> MessageOut:
    """Cancel a draft, or a message that waits to be sent."""
    message = _message(request, case_read(request, reference, via="cases.message_cancellation"), message_id)
    return MessageOut.of(communications.cancel(message, by=request.auth, at=request.now))


@router.writes(
    "POST",
    "/cases/{reference}/messages/{int:message_id}/return",
    needs=Permission.SEND_MESSAGES,
    answers=ReturnOut,
    status=201,
)
def message_returned(request: ApiRequest, reference: str, message_id: RowId, body: NewReturn) -> ReturnOut:
    """Record that a letter came back. Where it says something of the address, that is doubtful from then. Once."""
    message = _message(request, case_named(request, reference), message_id)
    row = returned.came_back(message, reason=body.reason, on=body.on, note=body.note, by=request.auth, at=request.now)
    return ReturnOut(on=row.on, reason=row.reason, note=row.note, by=UserOut.of(row.by), at=row.at)


def _message(request: ApiRequest, case: Case, message_id: int) -> Message:
    message = sight.visible_messages(request.auth).filter(case_link__case=case, pk=message_id).first()
    if message is None:
        raise not_found()
    return message


def _recipient(request: ApiRequest, case: Case, who: Who) -> Recipient:
    return recipients.find(case.customer, who, on=request.now.astimezone(LONDON).date())
