"""What is done with a case. Verbs on its tags, documents and payments are found here too, beside the case's own."""

from collections.abc import Iterable
from datetime import datetime

from moothall.core.accounts.models import SecurityGroup, User
from moothall.core.audit import recording
from moothall.domain.cases import mentions, timeline
from moothall.domain.cases.filing import add_document, delete_document, turn_document
from moothall.domain.cases.linking import link_cases, not_duplicate, unlink_cases
from moothall.domain.cases.locking import lock
from moothall.domain.cases.models import Case, Note, TimelineEntry
from moothall.domain.cases.opening import NINO_CONFLICT, CannotOpen, NewDemand, open_case
from moothall.domain.cases.paying import (
    cancel_payment,
    receive_payment,
    record_payment,
    request_payment,
)
from moothall.domain.cases.refusal import CannotChange
from moothall.domain.cases.similar import Similar, similar_cases
from moothall.domain.cases.tagging import tag_case, tag_customer, tag_document

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
    "not_duplicate",
    "open_case",
    "receive_payment",
    "record_payment",
    "request_payment",
    "similar_cases",
    "tag_case",
    "tag_customer",
    "tag_document",
    "turn_document",
    "unlink_cases",
]

Kind = TimelineEntry.Kind


def add_note(
    case: Case, *, text: str, by: User, at: datetime, important: bool = False, tell: Iterable[User] = ()
) -> Note:
    """Write a note on a case; an important one is shown to whoever opens it (CT-52).

    The colleagues in `tell` are told of it (BEST-8; `mentions.named_in` finds those a text names). Raises CannotChange.
    """
    if not text.strip():
        raise CannotChange("Write the note.")
    told = list(tell)
    mentions.check(case, told)
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
        if told:
            mentions.keep(note, told)
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
