"""The documents of an application put on its case, as they come and, those that did not, when they are asked for again."""

from collections.abc import Iterable
from datetime import datetime

from moothall.connectors.dft_blue_badge import KEY, client, fetching
from moothall.connectors.dft_blue_badge.errors import NationalError
from moothall.connectors.dft_blue_badge.fetching import File
from moothall.core.accounts.models import User
from moothall.core.audit import recording
from moothall.domain.cases import actions as cases
from moothall.domain.cases import timeline
from moothall.domain.cases.locking import lock
from moothall.domain.cases.models import Case, Submission, TimelineEntry
from moothall.domain.documents.actions import Refused
from moothall.domain.documents.models import Document
from moothall.domain.exchange import dealing


def add_files(case: Case, files: Iterable[File], *, by: User, at: datetime) -> None:
    """Put the documents on the case. One that could not be had or is refused is an important note, and a line of the
    timeline that is among what failed until somebody deals with it; its artifact stays listed.

    The line says which artifact it is, where asking for it again may bring it.
    """
    for number, file in enumerate(files):
        problem = file.problem
        if file.content is not None:
            try:
                _keep(case, file, file.content, by=by, at=at)
            except Refused as refusal:
                problem = str(refusal)
        if problem:
            text = _not_here(case, file, problem, artifact=number, by=by, at=at)
            cases.add_note(case, text=text, important=True, by=by, at=at)
        if file.infected:
            recording.record("document.infected", case, by=by, at=at, found=file.infected)


def fetch_again(line: TimelineEntry, *, by: User, at: datetime) -> File:
    """The document that a line of a timeline says is not here, looked at by the virus scanner.

    Asked outside any transaction. Raises NationalError with a sentence when it still cannot be had, and
    documents.Refused when the scanner finds something in it: that is recorded as when it comes with its application, and
    it is not to be asked for once more.
    """
    submission = Submission.objects.filter(case=line.case_id, source=KEY).order_by("-pk").first()
    number, kind = line.detail.get("artifact"), line.detail.get("type")
    if submission is None or not isinstance(number, int) or not isinstance(kind, str):
        raise NationalError("This document cannot be asked for again: ask the applicant for another copy.")
    file = fetching.fetch_one(client.current(), submission.external_id, number=number, kind=kind)
    if file.infected:
        _infected(line, file, by=by, at=at)
        raise Refused(file.problem)
    if file.content is None:
        raise NationalError(file.problem)
    return file


def put_again(line: TimelineEntry, file: File, *, by: User, at: datetime) -> Document | None:
    """Put what was fetched on the case, once: then it is dealt with. None when somebody dealt with it meanwhile.

    Raises documents.Refused with a sentence.
    """
    with recording.because(action="document.fetched_again", by=by, at=at):
        lock(line.case)
        if file.content is None or not dealing.waits(line):
            return None
        document = _keep(line.case, file, file.content, by=by, at=at)
        dealing.dealt_with(line, note="It was asked for again, and is here now.", case=line.case, by=by, at=at)
        return document


def _infected(line: TimelineEntry, file: File, *, by: User, at: datetime) -> None:
    """Say what the scanner found, in the place of a line that says why the document did not come."""
    with recording.because(action="document.infected", by=by, at=at):
        lock(line.case)
        recording.record("document.infected", line.case, by=by, at=at, found=file.infected)
        if dealing.waits(line):
            note = "It was asked for again, and the virus scanner found something in it."
            dealing.dealt_with(line, note=note, case=line.case, by=by, at=at)
            _not_here(line.case, file, file.problem, artifact=None, by=by, at=at)


def _keep(case: Case, file: File, content: bytes, *, by: User, at: datetime) -> Document:
    """A document of an application among those of its case, tagged as what it was given as. Raises Refused."""
    return cases.add_document(
        case,
        name=file.name,
        content=content,
        origin=Document.Origin.APPLICANT,
        tags=[fetching.tag(file.type)],
        system=True,
        by=by,
        at=at,
    )


def _not_here(case: Case, file: File, problem: str, *, artifact: int | None, by: User, at: datetime) -> str:
    """Say on the timeline that a document is not here, and why; the sentence."""
    what = fetching.tag(file.type).replace("_", " ")
    text = f"The {what} “{file.name}” given with the application is not here. {problem}"
    again = artifact is not None and file.content is None and file.type and not file.infected
    which = {"artifact": artifact, "type": file.type} if again else {}
    timeline.write(case, kind=TimelineEntry.Kind.DOCUMENT, text=text, by=by, at=at, missing=file.name, **which)
    return text
