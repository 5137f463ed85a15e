"""A message of a case written down: itself, its place on the case, its line on the timeline, and its delivery."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

from moothall.core import rows
from moothall.core.accounts.models import User
from moothall.domain.cases import delivery, timeline
from moothall.domain.cases.models import Case, CaseMessage, TimelineEntry
from moothall.domain.cases.recipients import Recipient
from moothall.domain.messages import templates
from moothall.domain.messages.models import Message, TemplateVersion
from moothall.domain.people.models import Customer

Status = Message.Status
NOTHING: Mapping[str, int] = MappingProxyType({})
NOT_BY_ITSELF = "It was not sent by itself: they have died."
_UNSEEN: ContextVar[bool] = ContextVar("unseen", default=False)


@contextmanager
def unseen() -> Iterator[None]:
    """What outcomes send inside was not looked at by whoever chose them: they chose for many cases at once."""
    token = _UNSEEN.set(True)
    try:
        yield
    finally:
        _UNSEEN.reset(token)


def looked_at(by: User) -> bool:
    """Whether whoever chose an outcome is somebody, and looked at what it sends."""
    return by.kind == User.Kind.PERSON and not _UNSEEN.get()


@dataclass(frozen=True, kw_only=True)
class Copy:
    """The text of one message, ready to save."""

    subject: str
    html: str
    language: str = "en"
    version: TemplateVersion | None = None
    edited: bool = False


def has_died(case: Case, recipient: Recipient) -> bool:
    """Whether a message would go to a customer who died; whoever else they named is written to as before."""
    of_person = case.customer.kind == Customer.Kind.PERSON and not recipient.alternative
    return of_person and case.customer.person.date_of_death is not None


def save_back(
    case: Case, copy: Copy, recipient: Recipient, channel: str, *, by: User, at: datetime, **more: Any
) -> Message:
    """Keep a message as a draft that would have gone by itself to somebody who died, and tell the case's officers."""
    message = save(case, copy, recipient, channel, status=Status.DRAFT, problem=NOT_BY_ITSELF, by=by, at=at, **more)
    text = f"A message on {case.reference} waits for you: the person it is for has died."
    delivery.tell_officers(CaseMessage(case=case, message=message), text, at=at)
    return message


def save(
    case: Case,
    copy: Copy,
    recipient: Recipient,
    channel: str,
    *,
    status: Message.Status,
    tags: Iterable[str],
    by: User,
    at: datetime,
    made_by: Mapping[str, int] = NOTHING,
    problem: str = "",
) -> Message:
    """Write one message, its place on the case and its timeline line; queue its delivery when it is `queued`."""
    message = Message(
        channel=channel,
        template_version=copy.version,
        reference=case.reference,
        to_name=templates.one_line(recipient.name)[:200],
        to_email=recipient.email if channel == Message.Channel.EMAIL else "",
        to_lines=[*recipient.lines] if channel == Message.Channel.LETTER else [],
        subject=copy.subject,
        html=copy.html,
        edited=copy.edited,
        language=copy.language,
        tags=[*tags],
        status=status,
        problem=problem,
        created_at=at,
        created_by=by,
    )
    rows.insert(message)
    rows.insert(CaseMessage(case=case, message=message))
    write(case, message, _SAID[status], by=by, at=at, **made_by)
    if status == Status.QUEUED:
        delivery.queue(message)
    return message


_SAID = {Status.DRAFT: "drafted", Status.QUEUED: "queued", Status.FAILED: "could not be delivered"}


def write(case: Case, message: Message, done: str, *, by: User, at: datetime, **about: int) -> None:
    """A line about a message on its case's timeline: what was done with it."""
    text = f"{message.get_channel_display()} “{message.subject}” to {message.to_name} {done}. {message.problem}".strip()
    timeline.write(case, kind=TimelineEntry.Kind.MESSAGE, text=text, by=by, at=at, message=message.pk, **about)
