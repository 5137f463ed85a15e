"""The answer as a document of the case: a PDF of what was asked and said, made by the worker once."""

from datetime import datetime
from html import escape

from procrastinate.contrib.django import app

from moothall.core.accounts.actions import system_user
from moothall.core.audit import recording
from moothall.core.council.settings import Council, read
from moothall.domain.cases import progress
from moothall.domain.documents import actions as documents
from moothall.domain.documents.models import Document
from moothall.domain.messages.models import Message
from moothall.domain.opinions import ending
from moothall.domain.opinions.models import Opinion, OpinionDocument
from moothall.kit.calendars import LONDON

TASK = "opinions.copy"


def queue(opinion: Opinion) -> None:
    """Queue the copy of an opinion that is being answered, in the transaction that goes on."""
    app.configure_task(TASK, queueing_lock=f"{TASK}:{opinion.pk}").defer(opinion_id=opinion.pk)


def file(opinion_id: int, *, at: datetime) -> None:
    """Put the copy on the case, unless it is there already. Raises documents.Refused when it cannot be filed."""
    opinion = Opinion.objects.select_related("case", "asked_by").get(pk=opinion_id, state=Opinion.State.ANSWERED)
    if _is_there(opinion):
        return
    content, by = _pdf(opinion), system_user()
    with recording.because(action="opinion.filed", by=by, at=at):
        opinion = ending.held(opinion)
        if _is_there(opinion):
            return
        copy = documents.store(
            name=f"Opinion {opinion.number} {opinion.name[:120]} {opinion.ended_at:%Y-%m-%d}.pdf",
            content=content,
            origin=Document.Origin.GENERATED,
            tags=ending.tags(opinion),
            by=by,
            at=at,
        )
        OpinionDocument.objects.create(opinion=opinion, document=copy, role=OpinionDocument.Role.COPY)
        ending.put(opinion, copy, by=by, at=at)
        progress.happened(opinion.case, event="document", at=at)


def _is_there(opinion: Opinion) -> bool:
    return opinion.papers.filter(role=OpinionDocument.Role.COPY).exists()


def _pdf(opinion: Opinion) -> bytes:
    from moothall.domain.messages import pdf  # takes seconds to load, and only workers need it

    assert opinion.ended_at is not None
    message = Message(
        reference=opinion.case.reference,
        subject=f"{opinion.title}: opinion {opinion.number}",
        html="".join(f"<h2>{escape(title)}</h2>{_paragraphs(text)}" for title, text in _parts(opinion) if text.strip()),
    )
    rows = [
        ("Asked by", f"{opinion.asked_by.full_name}, {_moment(opinion.asked_at)}"),
        ("Given by", f"{opinion.who}, {_moment(opinion.ended_at)}"),
    ]
    return pdf.record(message, council=read(Council), rows=rows)


def _parts(opinion: Opinion) -> list[tuple[str, str]]:
    return [
        ("Question", opinion.question),
        ("Recommendation", opinion.recommendation),
        *((str(one["label"]), str(one["text"])) for one in opinion.answers),
        ("Opinion", opinion.answer),
    ]


def _paragraphs(text: str) -> str:
    return "".join(f"<p>{escape(line)}</p>" for line in text.splitlines() if line.strip())


def _moment(at: datetime) -> str:
    return f"{at.astimezone(LONDON):%-d %B %Y, %H:%M}"
