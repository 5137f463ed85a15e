"""Cases that have to do with each other: linked by kind, unlinked with a reason, parents and their children (BEST-8)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet

from moothall.core.accounts.models import User
from moothall.core.accounts.permissions import Permission
from moothall.core.audit import recording
from moothall.core.compiled import compiled
from moothall.domain.cases import timeline
from moothall.domain.cases.locking import lock
from moothall.domain.cases.models import Case, NotDuplicate, RelatedCase, TimelineEntry, WorkItem
from moothall.domain.cases.refusal import CannotChange
from moothall.domain.places.actions import check_lengths

Kind = RelatedCase.Kind
MOST = 50
_FAMILY = (Kind.PARENT_OF, Kind.CHILD_OF)
_ONE_TREE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtextextended('cases.family', 0))"


@dataclass(frozen=True)
class Linked:
    """Another case and what this one is to it (`kind`); the other is None for who may not see it, then `why` is empty.

    `stages` are the names of the stages it waits at, of those the user sees.
    """

    link: RelatedCase
    kind: Kind
    case: Case | None
    why: str
    stages: str


def link_cases(case: Case, other: Case, *, why: str, by: User, at: datetime, kind: Kind = Kind.RELATED) -> RelatedCase:
    """Say what `case` is to `other`, on both timelines; the same again changes nothing. Raises CannotChange.

    A case has one parent at most, and is never among its own ancestors.
    """
    if case.pk == other.pk:
        raise CannotChange("A case cannot be linked to itself.")
    if not why.strip():
        raise CannotChange("Say how the cases have to do with each other.")
    check_lengths(RelatedCase, why=why)
    first, second = _in_order(case, other)
    of_first = kind if first.pk == case.pk else Kind(RelatedCase.INVERSE[kind])
    with recording.because(action="case.linked", by=by, at=at):
        if kind in _FAMILY:
            with connection.cursor() as cursor:
                cursor.execute(_ONE_TREE_AT_A_TIME)
        lock(first)
        lock(second)
        if link := RelatedCase.objects.filter(first=first, second=second).first():
            if link.kind == of_first:
                return link
            words = link.kind_for(case).label.lower()
            raise CannotChange(
                f"{case.reference} is linked as {words} {other.reference} already. Remove that link first."
            )
        if kind in _FAMILY:
            _refuse_muddle(*((case, other) if kind == Kind.PARENT_OF else (other, case)))
        link = RelatedCase.objects.create(first=first, second=second, kind=of_first, why=why.strip(), by=by, at=at)
        for one, another in ((first, second), (second, first)):
            words = "Linked to" if kind == Kind.RELATED else f"Linked as {link.kind_for(one).label.lower()}"
            text = f"{words} {another.reference}: {why.strip()}"
            timeline.write(one, kind=TimelineEntry.Kind.CASE, text=text, by=by, at=at, other=another.pk)
        recording.record("case.linked", first, by=by, at=at, other=second.pk, kind=of_first)
    return link


def unlink_cases(case: Case, other: Case, *, why: str, by: User, at: datetime) -> None:
    """Take a link away again, on both timelines; again changes nothing. Raises CannotChange without a reason."""
    if not why.strip():
        raise CannotChange("Say why the cases are not linked any more.")
    first, second = _in_order(case, other)
    with recording.because(action="case.unlinked", by=by, at=at, reason=why.strip()):
        lock(first)
        lock(second)
        link = RelatedCase.objects.filter(first=first, second=second).first()
        if link is None:
            return
        kind = link.kind
        link.delete()
        for one, another in ((first, second), (second, first)):
            text = f"No longer linked to {another.reference}: {why.strip()}"
            timeline.write(one, kind=TimelineEntry.Kind.CASE, text=text, by=by, at=at, other=another.pk)
        recording.record("case.unlinked", first, by=by, at=at, reason=why.strip(), other=second.pk, kind=kind)


def linked(case: Case, *, user: User, most: int = MOST) -> list[Linked]:
    """Cases linked to this one, the newest link first; children with the stages they wait at."""
    rows = _links(user, most, case=case.pk)
    if not rows:
        return []
    others = {row.pk: row.second if row.first_id == case.pk else row.first for row in rows}
    seen = {others[row.pk].pk for row in rows if vars(row)["seen"]}
    stages: dict[int, list[str]] = {}
    if user.may(Permission.VIEW_WORK):
        for pk, name in _stages(user, cases=sorted(seen)):
            stages.setdefault(pk, []).append(name)
    return [_linked(row, case, others[row.pk], seen, stages) for row in rows]


@compiled(prepared=True)
def _links(user: User, most: int, *, case: int) -> "QuerySet[RelatedCase]":
    both = [f"{end}__{name}" for end in ("first", "second") for name in ("service", "customer")]
    links = RelatedCase.objects.filter(Q(first=case) | Q(second=case)).select_related("by", *both)
    ends = Case.objects.visible_to(user).filter(Q(pk=OuterRef("first")) | Q(pk=OuterRef("second"))).exclude(pk=case)
    return (
        links.annotate(seen=Exists(ends)).defer("first__submitted", "second__submitted").order_by("-at", "-id")[:most]
    )


@compiled
def _stages(user: User, *, cases: list[int]) -> "QuerySet[WorkItem, tuple[int, str]]":
    waiting = WorkItem.objects.visible_to(user).open().filter(case__in=cases)
    return waiting.order_by("entered_at", "id").values_list("case", "stage__name")


def open_children(case: Case) -> list[Case]:
    """The children of a case that are open still."""
    down = Q(first=case, kind=Kind.PARENT_OF) | Q(second=case, kind=Kind.CHILD_OF)
    ends = RelatedCase.objects.filter(down).values_list("first", "second")
    children = [second if first == case.pk else first for first, second in ends]
    return list(Case.objects.open().filter(pk__in=children).defer("submitted").order_by("pk")) if children else []


def not_duplicate(case: Case, other: Case, *, by: User, at: datetime) -> None:
    """Say that two cases are two things, so that nobody is warned of them again; again changes nothing."""
    if case.pk == other.pk:
        raise CannotChange("A case cannot be compared with itself.")
    first, second = _in_order(case, other)
    with recording.because(action="case.not_duplicate", by=by, at=at):
        lock(first)
        lock(second)
        _, new = NotDuplicate.objects.get_or_create(first=first, second=second, defaults={"by": by, "at": at})
        if not new:
            return
        for one, another in ((first, second), (second, first)):
            text = f"Not a duplicate of {another.reference}."
            timeline.write(one, kind=TimelineEntry.Kind.CASE, text=text, by=by, at=at, other=another.pk)
        recording.record("case.not_duplicate", first, by=by, at=at, other=second.pk)


def _linked(row: RelatedCase, case: Case, other: Case, seen: set[int], stages: dict[int, list[str]]) -> Linked:
    visible = other.pk in seen
    return Linked(
        link=row,
        kind=row.kind_for(case),
        case=other if visible else None,
        why=row.why if visible else "",
        stages=", ".join(stages.get(other.pk, [])),
    )


def _in_order(case: Case, other: Case) -> tuple[Case, Case]:
    first, second = sorted((case, other), key=lambda one: one.pk)
    return first, second


def _refuse_muddle(parent: Case, child: Case) -> None:
    """Refuse a second parent, and a circle."""
    if _parent(child.pk) is not None:
        raise CannotChange(f"{child.reference} has a parent case already.")
    if child.pk in _ancestors(parent.pk):
        raise CannotChange(f"{child.reference} is above {parent.reference} already, so it cannot be its child as well.")


def _ancestors(pk: int) -> Iterator[int]:
    """The parent of a case, its parent and so on; a case has one at most, and there is no circle."""
    above = _parent(pk)
    while above is not None:
        yield above
        above = _parent(above)


def _parent(pk: int) -> int | None:
    up = Q(first=pk, kind=Kind.CHILD_OF) | Q(second=pk, kind=Kind.PARENT_OF)
    for first, second in RelatedCase.objects.filter(up).values_list("first", "second"):
        return second if first == pk else first
    return None
