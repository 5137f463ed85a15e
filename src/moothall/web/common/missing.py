"""Documents of applications that are not on their case: which of them somebody sees, at the desk and through the API."""

from datetime import datetime

from django.db.models import QuerySet

from moothall.connectors.dft_blue_badge import fetching, papers
from moothall.core.accounts.models import User
from moothall.domain.cases.models import Case, TimelineEntry
from moothall.domain.exchange import dealing
from moothall.domain.exchange.models import DealtWith

MOST = 40


def missing(case: Case, user: User) -> list[TimelineEntry]:
    """What the timeline of a case says is not here and nobody has dealt with, the newest first.

    For who is confined to documents with certain tags, of those alone.
    """
    lines = dealing.open_ones(_lines(case), DealtWith.Kind.FILE).order_by("-at", "-id")
    return [line for line in lines[:MOST] if _seen(line, case, user)]


def named(case: Case, user: User, line_id: int) -> TimelineEntry | None:
    """One of them, whether somebody dealt with it or not; None when there is none that `user` may see."""
    line = _lines(case).filter(pk=line_id).select_related("case").first()
    return line if line is not None and _seen(line, case, user) else None


def tag(line: TimelineEntry) -> str:
    """The tag the document would have, were it here; empty where that is not known."""
    kind = line.detail.get("type")
    return fetching.tag(kind) if isinstance(kind, str) else ""


def again(line: TimelineEntry, *, by: User, at: datetime) -> bool:
    """Ask for the document again, outside any transaction, and put it on the case; not where somebody dealt with it meanwhile.

    Raises SendError or documents.Refused, each with a sentence.
    """
    return papers.put_again(line, papers.fetch_again(line, by=by, at=at), by=by, at=at) is not None


def _lines(case: Case) -> QuerySet[TimelineEntry]:
    return dealing.missing_files(TimelineEntry.objects.filter(case=case))


def _seen(line: TimelineEntry, case: Case, user: User) -> bool:
    """Whether somebody could see the document, were it here."""
    tags = user.document_tags(case.service.key)
    return tags is None or tag(line) in tags
