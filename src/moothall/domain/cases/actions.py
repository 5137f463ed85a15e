"""What is done with a case. Verbs on its tags, documents and payments are found here too, beside the case's own."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from moothall.core.accounts.models import SecurityGroup, User
from moothall.core.audit import recording
from moothall.domain.cases import communications, progress, timeline
from moothall.domain.cases.filing import add_document, delete_document
from moothall.domain.cases.locking import lock
from moothall.domain.cases.models import Case, Demand, Note, RelatedCase, Submission, TimelineEntry
from moothall.domain.cases.paying import (
    cancel_payment,
    receive_payment,
    record_payment,
    refund_payment,
    request_payment,
)
from moothall.domain.cases.similar import Similar, similar_cases
from moothall.domain.cases.tagging import tag_case, tag_customer, tag_document
from moothall.domain.catalogue import catalogue
from moothall.domain.catalogue.manifest import Arrival, Manifest
from moothall.domain.catalogue.models import Service
from moothall.domain.people.matching import Match
from moothall.domain.people.models import Customer
from moothall.domain.places.actions import check_lengths
from moothall.domain.places.models import Address
from moothall.kit import references

__all__ = [
    "CannotChange",
    "CannotOpen",
    "NewDemand",
    "Similar",
    "add_document",
    "add_note",
    "assign_case",
    "cancel_payment",
    "delete_document",
    "link_cases",
    "open_case",
    "receive_payment",
    "record_payment",
    "refund_payment",
    "request_payment",
    "similar_cases",
    "tag_case",
    "tag_customer",
    "tag_document",
]

NINO_CONFLICT = "nino_conflict"
"""Tag of cases whose applicant gave a National Insurance number that is recorded for somebody else."""

Kind = TimelineEntry.Kind
_NEXT_NUMBER = "SELECT nextval(pg_get_serial_sequence('cases_case', 'id'))"


class CannotOpen(Exception):
    """No case can be opened. Its message may be shown to whoever asked."""


class CannotChange(Exception):
    """Something on a case cannot be changed as asked. Its message may be shown to whoever asked."""


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
) -> Case:
    """Open a case under the service's version in force, and start the workflow its type names (unless not `start`).

    `type` and `source` are keys of the service. The reference is made of the service's prefix and the case's own
    number; the tags are the caller's rule or another system's, and those the service puts on such arrivals, to which it
    may write as well. With `submission`, the case is what became of it. With `match`, the timeline says how the customer was found; a choice
    between customers or a National Insurance number in conflict (tag `nino_conflict`) is an important note as well.
    Without a demand given, the case's type is the demand. Raises CannotOpen.
    """
    version_id = service.current_id
    if version_id is None:
        raise CannotOpen(f"{service.name} has no version in force yet, so no case can be opened.")
    manifest = catalogue.manifest(version_id)
    workflow = _workflow_of(manifest, type, source)
    with recording.because(action="case.opened", by=by, at=at):
        number = _next_number()
        case = Case.objects.create(
            id=number,
            reference=references.make(service.prefix, number),
            service=service,
            service_version_id=version_id,
            type=type,
            source=source,
            customer=customer,
            place=place,
            tags=sorted({*tags, *_arrival_tags(manifest, type, source), *_match_tags(match)}),
            submitted=submitted,
            opened_at=at,
            opened_by=by,
            updated_at=at,
        )
        Demand.objects.bulk_create(
            Demand(case=case, type=demand.type, words=demand.words, kind=demand.kind, recorded_at=at)
            for demand in demands or [NewDemand(type=type)]
        )
        if submission:
            submission.case, submission.problem = case, ""
            submission.save(update_fields=["case", "problem"])
        label = next(found.label for found in manifest.case_types if found.key == type)
        text = f"Case opened: {label}.{f' {match.reason}' if match else ''}"
        timeline.write(case, kind=Kind.CASE, text=text, by=by, at=at, type=type, source=source)
        if match and (match.candidates or match.nino_conflict):
            Note.objects.create(case=case, text=match.reason, important=True, by=by, at=at)
        recording.record("case.opened", case, by=by, at=at, service=service.key, type=type, source=source)
        if start and workflow:
            progress.start(case, workflow, by=by, at=at)
        for arrival in _arrivals(manifest, type, source):
            for message in arrival.messages:
                communications.send_by_rule(case, message.template, channels=message.channels, by=by, at=at)
    return case


def add_note(case: Case, *, text: str, by: User, at: datetime, important: bool = False) -> Note:
    """Write a note on a case; an important one is shown to whoever opens it (CT-52). Raises CannotChange."""
    if not text.strip():
        raise CannotChange("Write the note.")
    with recording.because(action="note.added", by=by, at=at):
        note = Note.objects.create(case=case, text=text.strip(), important=important, by=by, at=at)
        timeline.write(
            case,
            kind=Kind.NOTE,
            text="Important note added." if important else "Note added.",
            by=by,
            at=at,
            note=note.pk,
        )
        recording.record("note.added", note, by=by, at=at, case=case.pk, important=important)
    return note


def assign_case(
    case: Case, *, by: User, at: datetime, owner: User | None = None, team: SecurityGroup | None = None
) -> None:
    """Say whose case this is: a person, a team, both, or nobody's (PPP-31)."""
    with recording.because(action="case.assigned", by=by, at=at):
        fresh = lock(case)
        if (fresh.owner_id, fresh.team_id) == (owner.pk if owner else None, team.pk if team else None):
            return
        fresh.owner = case.owner = owner
        fresh.team = case.team = team
        fresh.updated_at = at
        fresh.save(update_fields=["owner", "team", "updated_at"])
        names = " and ".join(str(who) for who in (owner, team) if who) or "nobody"
        timeline.write(case, kind=Kind.CASE, text=f"Assigned to {names}.", by=by, at=at)
        recording.record("case.assigned", case, by=by, at=at, owner=fresh.owner_id, team=fresh.team_id)


def link_cases(case: Case, other: Case, *, why: str, by: User, at: datetime) -> RelatedCase:
    """Say that two cases have to do with each other, on both timelines; again changes nothing. Raises CannotChange."""
    if case.pk == other.pk:
        raise CannotChange("A case cannot be linked to itself.")
    if not why.strip():
        raise CannotChange("Say how the cases have to do with each other.")
    check_lengths(RelatedCase, why=why)
    first, second = sorted((case, other), key=lambda one: one.pk)
    with recording.because(action="case.linked", by=by, at=at):
        lock(first)
        lock(second)
        if link := RelatedCase.objects.filter(first=first, second=second).first():
            return link
        link = RelatedCase.objects.create(first=first, second=second, why=why.strip(), by=by, at=at)
        for one, another in ((first, second), (second, first)):
            text = f"Linked to {another.reference}: {why.strip()}"
            timeline.write(one, kind=Kind.CASE, text=text, by=by, at=at, other=another.pk)
        recording.record("case.linked", first, by=by, at=at, other=second.pk)
    return link


def _match_tags(match: Match | None) -> tuple[str, ...]:
    return (NINO_CONFLICT,) if match and match.nino_conflict else ()


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


def _arrival_tags(manifest: Manifest, type: str, source: str) -> Iterator[str]:
    for arrival in _arrivals(manifest, type, source):
        yield from arrival.tags


def _arrivals(manifest: Manifest, type: str, source: str) -> list[Arrival]:
    return [
        arrival
        for arrival in manifest.arrivals
        if (not arrival.types or type in arrival.types) and (not arrival.sources or source in arrival.sources)
    ]
