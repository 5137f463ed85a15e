"""Opening a case: the customer's application becomes work the council owes them."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from moothall.core import rows
from moothall.core.accounts.models import User
from moothall.core.audit import recording
from moothall.domain.cases import communications, progress, timeline
from moothall.domain.cases.models import Case, Demand, Note, Submission, TimelineEntry
from moothall.domain.catalogue import catalogue
from moothall.domain.catalogue.manifest import Arrival, Manifest
from moothall.domain.catalogue.models import Service
from moothall.domain.people.matching import Match
from moothall.domain.people.models import Customer
from moothall.domain.places.models import Address
from moothall.kit import references

NINO_CONFLICT = "nino_conflict"
"""Tag of cases whose applicant gave a National Insurance number that is recorded for somebody else."""

Teller = Callable[[Case, Sequence[Any], User, datetime], None]
_tellers: list[Teller] = []
_NEXT_NUMBER = "SELECT nextval(pg_get_serial_sequence('cases_case', 'id'))"


class CannotOpen(Exception):
    """No case can be opened. Its message may be shown to whoever asked."""


@dataclass(frozen=True, kw_only=True)
class NewDemand:
    """What the customer wants solved: its type, and their words."""

    type: str
    words: str = ""
    kind: Demand.Kind = Demand.Kind.VALUE


def open_case(
    *,
    service: Service,
    type: str,
    source: str,
    customer: Customer,
    by: User,
    at: datetime,
    submitted: Any = None,
    tags: Iterable[str] = (),
    place: Address | None = None,
    demands: Sequence[NewDemand] = (),
    submission: Submission | None = None,
    match: Match | None = None,
    start: bool = True,
    number: int | None = None,
) -> Case:
    """Open a case under the service's version in force, and start the workflow its type names (unless not `start`).

    `type` and `source` are keys of the service. The reference is made of the service's prefix and the case's own
    number; the tags are the caller's rule or another system's, and those the service puts on such arrivals, to which
    it may write as well. With `submission`, the case is what became of it. With `match`, the timeline says how the
    customer was found; a choice between customers or a National Insurance number in conflict (tag `nino_conflict`) is
    an important note as well. Without a demand given, the case's type is the demand. `number` was taken for it before
    (`next_reference`). Raises CannotOpen.
    """
    if service.current_id is None:
        raise CannotOpen(f"{service.name} has no version in force yet, so no case can be opened.")
    manifest = catalogue.manifest(service.current_id)
    workflow = _workflow_of(manifest, type, source)
    arrivals = _arrivals(manifest, type, source)
    given = {*tags, *(tag for arrival in arrivals for tag in arrival.tags), *_match_tags(match)}
    with recording.because(action="case.opened", by=by, at=at):
        number = _next_number() if number is None else number
        case = Case(
            id=number,
            reference=references.make(service.prefix, number),
            service=service,
            service_version_id=service.current_id,
            type=type,
            source=source,
            customer=customer,
            place=place,
            tags=sorted(given),
            submitted=submitted,
            opened_at=at,
            opened_by=by,
            updated_at=at,
        )
        rows.insert(case)
        _keep_demands(case, demands, at=at)
        if submission:
            submission.case, submission.problem = case, ""
            submission.save(update_fields=["case", "problem"])
        _write(case, manifest, match, by=by, at=at)
        if start and workflow:
            progress.start(case, workflow, by=by, at=at)
        _tell(case, arrivals, by=by, at=at)
    return case


def _tell(case: Case, arrivals: Iterable[Arrival], *, by: User, at: datetime) -> None:
    """Send what the service says on such arrivals, ourselves and through others."""
    for message in (message for arrival in arrivals for message in arrival.messages):
        communications.send_by_rule(case, message.template, channels=message.channels, by=by, at=at)
    sends = [effect for arrival in arrivals for effect in arrival.sends]
    for tell in _tellers if sends else ():
        tell(case, sends, by, at)


def tell_arrivals(tell: Teller) -> None:
    """Have other systems told of cases that are opened. Called once, by what tells them."""
    if tell not in _tellers:
        _tellers.append(tell)


def _keep_demands(case: Case, demands: Sequence[NewDemand], *, at: datetime) -> None:
    for demand in demands or [NewDemand(type=case.type)]:
        rows.insert(Demand(case=case, type=demand.type, words=demand.words, kind=demand.kind, recorded_at=at))


def _write(case: Case, manifest: Manifest, match: Match | None, *, by: User, at: datetime) -> None:
    label = next(found.label for found in manifest.case_types if found.key == case.type)
    text = f"Case opened: {label}.{f' {match.reason}' if match else ''}"
    timeline.write(case, kind=TimelineEntry.Kind.CASE, text=text, by=by, at=at, type=case.type, source=case.source)
    if match and (match.candidates or match.nino_conflict):
        Note.objects.create(case=case, text=match.reason, important=True, by=by, at=at)
    recording.record("case.opened", case, by=by, at=at, service=manifest.key, type=case.type, source=case.source)


def _match_tags(match: Match | None) -> tuple[str, ...]:
    return (NINO_CONFLICT,) if match and match.nino_conflict else ()


def next_reference(prefix: str) -> tuple[int, str]:
    """Take the number of a case to be opened later, and the reference it will have."""
    number = _next_number()
    return number, references.make(prefix, number)


def _next_number() -> int:
    with connection.cursor() as cursor:
        cursor.execute(_NEXT_NUMBER)
        return int(cursor.fetchone()[0])


def _workflow_of(manifest: Manifest, type: str, source: str) -> str | None:
    types = {found.key: found for found in manifest.case_types}
    if type not in types:
        raise CannotOpen(f"{manifest.name} has no case type “{type}”: use {', '.join(types)}.")
    sources = [found.key for found in manifest.sources]
    if source not in sources:
        raise CannotOpen(f"{manifest.name} has no source “{source}”: use {', '.join(sources)}.")
    return types[type].workflow


def _arrivals(manifest: Manifest, type: str, source: str) -> list[Arrival]:
    return [
        arrival
        for arrival in manifest.arrivals
        if (not arrival.types or type in arrival.types) and (not arrival.sources or source in arrival.sources)
    ]
