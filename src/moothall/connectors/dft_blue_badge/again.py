"""A document of an application that did not come with it, asked for again."""

from datetime import datetime

from moothall.connectors.dft_blue_badge import KEY, client, fetching
from moothall.connectors.dft_blue_badge.errors import NationalError
from moothall.connectors.dft_blue_badge.fetching import File
from moothall.core.accounts.models import User
from moothall.core.audit import recording
from moothall.domain.cases import actions as cases
from moothall.domain.cases.locking import lock
from moothall.domain.cases.models import Submission, TimelineEntry
from moothall.domain.exchange import dealing
from moothall.domain.exchange.models import DealtWith


def fetch(line: TimelineEntry) -> File:
    """The document that a line of a timeline says is not here, looked at by the virus scanner.

    Asked outside any transaction. Raises NationalError with a sentence when it still cannot be had.
    """
    submission = Submission.objects.filter(case=line.case_id, source=KEY).order_by("-pk").first()
    number, kind = line.detail.get("artifact"), line.detail.get("type")
    if submission is None or not isinstance(number, int) or not isinstance(kind, str):
        raise NationalError("This document cannot be asked for again: ask the applicant for another copy.")
    file = fetching.fetch_one(client.current(), submission.external_id, number=number, kind=kind)
    if file.content is None:
        raise NationalError(file.problem)
    return file


def put(line: TimelineEntry, file: File, *, by: User, at: datetime) -> None:
    """Put what was fetched on the case, once: then it is dealt with. Raises documents.Refused with a sentence."""
    with recording.because(action="document.fetched_again", by=by, at=at):
        lock(line.case)
        waits = dealing.open_ones(TimelineEntry.objects.filter(pk=line.pk), DealtWith.Kind.FILE)
        if file.content is None or not waits.exists():
            return
        cases.add_document(
            line.case,
            name=file.name,
            content=file.content,
            origin="applicant",
            tags=[fetching.tag(file.type)],
            system=True,
            by=by,
            at=at,
        )
        dealing.dealt_with(line, note="It was asked for again, and is here now.", case=line.case, by=by, at=at)
