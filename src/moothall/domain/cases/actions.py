"""What is done with a case. Verbs on its tags, documents and payments are found here too, beside the case's own."""

from datetime import datetime

from moothall.core.accounts.models import SecurityGroup, User
from moothall.core.audit import recording
from moothall.domain.cases import timeline
from moothall.domain.cases.filing import add_document, delete_document, turn_document
from moothall.domain.cases.locking import lock
from moothall.domain.cases.models import Case, Note, RelatedCase, TimelineEntry
from moothall.domain.cases.opening import NINO_CONFLICT, CannotOpen, NewDemand, open_case
from moothall.domain.cases.paying import (
    cancel_payment,
    receive_payment,
    record_payment,
    refund_payment,
    request_payment,
)
from moothall.domain.cases.similar import Similar, similar_cases
from moothall.domain.cases.tagging import tag_case, tag_customer, tag_document
from moothall.domain.places.actions import check_lengths

__all__ = [
    "NINO_CONFLICT",
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
    "turn_document",
]

Kind = TimelineEntry.Kind


class CannotChange(Exception):
    """Something on a case cannot be changed as asked. Its message may be shown to whoever asked."""


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
