"""What whoever is asked does: writes, puts files to it, looks at it again, sends it; or says that they cannot answer."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from moothall.core.accounts.models import User
from moothall.core.audit import recording
from moothall.domain.cases import progress
from moothall.domain.documents import actions as documents
from moothall.domain.documents.models import Document
from moothall.domain.opinions import copies, ending, links
from moothall.domain.opinions.models import Opinion, OpinionDocument
from moothall.domain.opinions.rules import NotOpen, OpinionRefused

MOST_FILES = 10
LONGEST = 20_000
Role = OpinionDocument.Role


@dataclass(frozen=True, kw_only=True)
class Said:
    """An answer as it is written: `recommendation` is a key, `answers` are by question id (a choice by its key)."""

    answer: str
    recommendation: str = ""
    answers: Mapping[str, str] = field(default_factory=dict)


def by_token(token: str, *, at: datetime) -> Opinion | None:
    """The opinion a link leads to: open, or answered or declined in its time. None for every other link."""
    rows = Opinion.objects.filter(digest=links.digest(token), expires_at__gt=at)
    rows = rows.filter(state__in=[Opinion.State.OPEN, Opinion.State.ANSWERED, Opinion.State.DECLINED])
    return rows.select_related("case__service", "asked_by").first()


def asked_of(user: User) -> QuerySet[Opinion]:
    """What a colleague is, or was, asked."""
    return Opinion.objects.filter(colleague=user).select_related("case__service", "asked_by")


def waiting_for(user: User, *, at: datetime) -> QuerySet[Opinion]:
    """What a colleague is asked and can answer now."""
    return asked_of(user).filter(state=Opinion.State.OPEN, expires_at__gt=at)


def shown(opinion: Opinion) -> list[Document]:
    """The documents of the case that whoever is asked may read, as long as the opinion is open."""
    return [paper.document for paper in _papers(opinion, Role.SHOWN)]


def draft_files(opinion: Opinion) -> list[Document]:
    """The files put to an answer that is not sent."""
    return [paper.document for paper in _papers(opinion, Role.DRAFT)]


def keep(opinion: Opinion, said: Said, *, by: User, at: datetime) -> None:
    """Keep an answer as it is written, to be looked at once more. Raises NotOpen, OpinionRefused."""
    if not said.answer.strip() or len(said.answer) > LONGEST:
        raise OpinionRefused("Write your opinion." if not said.answer.strip() else "Your opinion is too long.")
    with recording.because(action="opinion.drafted", by=by, at=at):
        opinion = _open(opinion, at=at)
        opinion.draft = {
            "answer": said.answer,
            "recommendation": said.recommendation,
            "answers": {key: text[:LONGEST] for key, text in said.answers.items()},
        }
        opinion.save(update_fields=["draft"])


def drafted(opinion: Opinion) -> Said | None:
    """The answer that was kept; None when nothing was written yet."""
    return Said(**opinion.draft) if opinion.draft else None


def add_file(opinion: Opinion, *, name: str, content: bytes, by: User, at: datetime) -> None:
    """Put a file to the answer, checked like every file; the same file twice is one. Raises documents.Refused, NotOpen."""
    content = documents.examine(content, about=opinion, by=by, at=at)
    with recording.because(action="opinion.file_added", by=by, at=at):
        opinion = _open(opinion, at=at)
        there = draft_files(opinion)
        if len(there) >= MOST_FILES:
            raise documents.Refused(f"You can add {MOST_FILES} files at most.")
        document = documents.store(
            name=name, content=content, origin=Document.Origin.CONSULTED, tags=ending.tags(opinion), by=by, at=at
        )
        if any((one.name, one.sha256) == (document.name, document.sha256) for one in there):
            documents.delete(document, reason="It was added already.", by=by, at=at)
            return
        OpinionDocument.objects.create(opinion=opinion, document=document, role=Role.DRAFT)


def remove_file(opinion: Opinion, document_id: int, *, by: User, at: datetime) -> None:
    """Take a file out of an answer that is not sent; one that is not in it changes nothing. Raises NotOpen."""
    with recording.because(action="opinion.file_removed", by=by, at=at):
        opinion = _open(opinion, at=at)
        for paper in _papers(opinion, Role.DRAFT).filter(document=document_id):
            documents.delete(paper.document, reason="Whoever was asked took it out again.", by=by, at=at)


def send(opinion: Opinion, *, by: User, at: datetime) -> Opinion:
    """Give the answer that was kept: it comes into the case, with its files and a copy. Once.

    Raises NotOpen, also when it was given already, and OpinionRefused when nothing is written.
    """
    with recording.because(action="opinion.answered", by=by, at=at):
        opinion = _open(opinion, at=at)
        said = drafted(opinion)
        if said is None:
            raise OpinionRefused("Write your opinion before you send it.")
        opinion.answer, opinion.answers = said.answer, in_words(opinion, said)
        opinion.recommendation = recommended(opinion, said.recommendation)
        papers = list(_papers(opinion, Role.DRAFT))
        for paper in papers:
            paper.role = Role.ANSWER
            paper.save(update_fields=["role"])
            ending.put(opinion, paper.document, by=by, at=at)
        ending.end(opinion, Opinion.State.ANSWERED, text="", by=by, at=at)
        copies.queue(opinion)
        progress.happened(opinion.case, event="document", at=at)
        return opinion


def decline(opinion: Opinion, *, reason: str, by: User, at: datetime) -> Opinion:
    """Say that one cannot answer. Raises NotOpen, and OpinionRefused without a reason."""
    if not reason.strip():
        raise OpinionRefused("Say why you cannot answer.", field="reason")
    with recording.because(action="opinion.declined", by=by, at=at):
        opinion = _open(opinion, at=at)
        ending.end(opinion, Opinion.State.DECLINED, text=reason.strip()[:LONGEST], by=by, at=at)
        return opinion


def in_words(opinion: Opinion, said: Said) -> list[dict[str, str]]:
    """The answers to the questions of the form, as people read them."""
    return [
        {"label": str(question["label"]), "text": _words(question, said.answers.get(question["id"], ""))}
        for question in opinion.form.get("questions", [])
    ]


def recommended(opinion: Opinion, key: str) -> str:
    """What a recommendation is called; empty when none was made."""
    return _label(opinion.form.get("recommendations", []), key)


def _words(question: Mapping[str, Any], value: str) -> str:
    if question["type"] == "yes_no":
        return {"yes": "Yes", "no": "No"}.get(value, "")
    return _label(question["choices"], value) if question["type"] == "choice" else value


def _label(choices: list[dict[str, str]], key: str) -> str:
    return next((one["label"] for one in choices if one["key"] == key), "")


def _open(opinion: Opinion, *, at: datetime) -> Opinion:
    fresh = ending.held(opinion)
    if fresh.state != Opinion.State.OPEN or fresh.expires_at <= at or fresh.digest != opinion.digest:
        raise NotOpen("This opinion can no longer be given.")
    return fresh


def _papers(opinion: Opinion, role: str) -> QuerySet[OpinionDocument]:
    return opinion.papers.filter(role=role).select_related("document").order_by("document__name", "pk")
