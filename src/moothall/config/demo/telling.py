"""What the demonstration prints: its progress, what was expected, and each case as a person reads it."""

import sys
import textwrap
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from moothall.domain.cases import clock
from moothall.domain.cases.models import Case, WorkItem
from moothall.domain.documents.models import Document
from moothall.domain.exchange import entries
from moothall.domain.exchange.models import Item
from moothall.domain.messages.models import Message
from moothall.domain.people.matching import BADGE_NUMBER
from moothall.kit.calendars import LONDON

WIDTH = 118


class Teller:
    """Prints as things happen and remembers what was not as expected."""

    def __init__(self) -> None:
        self.disappointments: list[str] = []
        self._bold = sys.stdout.isatty()

    def heading(self, text: str) -> None:
        """A new part."""
        self._print("\n" + (f"\033[1m{text}\033[0m" if self._bold else text))

    def say(self, text: str) -> None:
        """Something that happened."""
        self._print(f"  {text}")

    def expect(self, sentence: str, holds: object) -> None:
        """Say whether a sentence about what was seen is true."""
        self._print(f"  {'yes' if holds else 'NO '}  {sentence}")
        if not holds:
            self.disappointments.append(sentence)

    def case(self, case: Case, *, now: datetime) -> None:
        """A case whole: who, state, timeline, documents, messages, clock, integrations."""
        self.heading(f"{case.reference}  {case.service.name}, {case.customer.name}")
        for line in _facts(case):
            self.say(line)
        for title, lines in (
            ("Timeline", _timeline(case)),
            ("Documents", _documents(case)),
            ("Messages", _messages(case)),
            ("Time", _times(case, now)),
            ("Integrations", _integrations(case)),
        ):
            self._print(f"\n  {title}")
            for line in lines:
                self._print(textwrap.fill(line, WIDTH, initial_indent="    ", subsequent_indent=" " * 14))

    def _print(self, text: str) -> None:
        print(text, flush=True)


def keep_letters(case: Case, folder: Path) -> list[Path]:
    """Copies of the letters of a case under readable names."""
    folder.mkdir(parents=True, exist_ok=True)
    kept = []
    letters = Message.objects.filter(case_link__case=case, document__isnull=False).order_by("sent_at", "pk")
    for number, message in enumerate(letters.select_related("document"), start=1):
        assert message.document is not None
        words = "-".join("".join(letter if letter.isalnum() else " " for letter in message.subject.lower()).split())
        path = folder / f"{case.reference}-{number}-{message.channel}-{words}.pdf"
        with message.document.file.open("rb") as content:
            path.write_bytes(content.read())
        kept.append(path)
    return kept


def _facts(case: Case) -> Iterator[str]:
    state = f"closed: {case.end_state}" if case.closed_at else "open"
    yield f"Type {case.type}, came {case.source}, {state}. Tags: {', '.join(case.tags) or 'none'}."
    for badge in case.customer.references.filter(type=BADGE_NUMBER):
        dates = (
            f", {badge.from_date:%-d %B %Y} to {badge.to_date:%-d %B %Y}" if badge.from_date and badge.to_date else ""
        )
        yield f"Badge {badge.number}, {badge.status}{dates}."


def _timeline(case: Case) -> Iterator[str]:
    for entry in case.timeline.select_related("by"):
        note = (
            f" Note: {entry.detail['note']}"
            if isinstance(entry.detail.get("note"), str) and entry.detail["note"]
            else ""
        )
        yield f"{_time(entry.at)}  {entry.by.full_name}: {entry.text}{note}"


def _documents(case: Case) -> Iterator[str]:
    for document in Document.objects.filter(case_link__case=case).order_by("created_at", "pk"):
        size = f"{document.size / 1024:.0f} KB"
        yield f"{_time(document.created_at)}  {document.name} ({document.media_type}, {size}; {', '.join(document.tags)})"


def _messages(case: Case) -> Iterator[str]:
    for message in Message.objects.filter(case_link__case=case).order_by("created_at", "pk"):
        to = message.to_email or ", ".join(message.to_lines)
        edited = ", changed by the officer" if message.edited else ""
        sent = f"{message.status} {_time(message.sent_at)}" if message.sent_at else message.status
        yield f"{_time(message.created_at)}  {message.get_channel_display()} “{message.subject}” to {to}: {sent}{edited}"


def _times(case: Case, now: datetime) -> Iterator[str]:
    for item in clock.with_clock(WorkItem.objects.filter(case=case)).order_by("entered_at", "pk"):
        reckoning = clock.reckon(item, now)
        if reckoning:
            stands = f"finished {_time(item.finished_at)}" if item.finished_at else f"{reckoning.band} now"
            yield f"{_time(item.entered_at)}  {item.stage.name}, {stands}. {' '.join(reckoning.explanation)}"
        elif item.finished_at is None:
            holding = " (holding)" if item.stage.holding else ""
            yield f"{_time(item.entered_at)}  {item.stage.name}{holding}, without a target."


def _integrations(case: Case) -> Iterator[str]:
    for item in Item.objects.filter(case=case).order_by("pk"):
        yield f"{_time(item.created_at)}  {entries.title(item)}: {item.status}."
        for attempt in item.tries.all():
            verb = "asked" if attempt.asking else "sent"
            status = (attempt.response or {}).get("status")
            answer = f"answered {status}" if status else "nothing there yet" if attempt.asking else "no answer"
            yield f"{_time(attempt.started_at)}    {attempt.number}. {verb}: {attempt.problem or f'{answer}.'}"


def _time(moment: datetime | None) -> str:
    return f"{moment.astimezone(LONDON):%H:%M:%S}" if moment else ""
