"""A message as the API shows it, saved or only composed."""

from ninja import Schema
from pydantic import Field

from moothall.domain.cases.communications import Preview
from moothall.domain.cases.recipients import Recipient
from moothall.domain.cases.rehearsal import Rehearsed
from moothall.domain.messages.models import Message
from moothall.web.api.schemas import Moment


class MessageLine(Schema):
    id: int
    channel: str
    to_name: str
    subject: str
    status: str
    problem: str
    edited: bool
    document: int | None
    created_at: Moment
    sent_at: Moment | None


class MessageOut(MessageLine):
    """A message, opened."""

    to_email: str
    to_lines: list[str]
    html: str = Field(description="Sanitised; show it in a sandboxed frame")
    language: str

    @classmethod
    def of(cls, message: Message) -> "MessageOut":
        return cls.model_validate(message_facts(message) | {name: getattr(message, name) for name in _OPENED})


class RecipientOut(Schema):
    """Who a message would go to, and by which channels they can be reached."""

    name: str
    alternative: bool = Field(description="Somebody other than the applicant")
    email: str
    lines: list[str]
    reached_by: list[str]

    @classmethod
    def of(cls, recipient: Recipient) -> "RecipientOut":
        return cls(
            name=recipient.name,
            alternative=recipient.alternative,
            email=recipient.email,
            lines=list(recipient.lines),
            reached_by=[channel for channel in Message.Channel.values if recipient.reached_by(channel)],
        )


class PreviewOut(Schema):
    """A composed message, not saved."""

    template: str
    name: str
    subject: str
    html: str = Field(description="Sanitised; show it in a sandboxed frame")
    language: str
    channels: list[str] = Field(description="Those the template is written for")
    recipient: RecipientOut

    @classmethod
    def of(cls, template: str, preview: Preview) -> "PreviewOut":
        composed = preview.composed
        return cls(
            template=template,
            name=composed.version.name,
            subject=composed.subject,
            html=composed.html,
            language=composed.language,
            channels=composed.version.channels,
            recipient=RecipientOut.of(preview.recipient),
        )


class OutcomeMessageOut(Schema):
    """What one effect of an outcome would send. `position` is the key of its edit when the outcome is chosen."""

    position: int
    template: str
    subject: str
    html: str = Field(description="Sanitised; show it in a sandboxed frame")
    language: str
    channels: list[str] = Field(description="Those it would go by; none when nobody can be reached")
    draft: bool = Field(description="It would wait for an officer to send it")
    recipient: RecipientOut

    @classmethod
    def of(cls, rehearsed: Rehearsed) -> "OutcomeMessageOut":
        message = rehearsed.messages[0]
        reached = [one.channel for one in rehearsed.messages if one.status != Message.Status.FAILED]
        return cls(
            position=rehearsed.position,
            template=rehearsed.template,
            subject=message.subject,
            html=message.html,
            language=message.language,
            channels=reached,
            draft=message.status == Message.Status.DRAFT,
            recipient=RecipientOut.of(rehearsed.recipient),
        )


def message_facts(message: Message) -> dict[str, object]:
    """What every view of a message has."""
    return {name: getattr(message, name) for name in _LISTED} | {"id": message.pk, "document": message.document_id}


_LISTED = ("channel", "to_name", "subject", "status", "problem", "edited", "created_at", "sent_at")
_OPENED = ("to_email", "to_lines", "html", "language")
