"""The golden record: pairs who may be one, merging and parting them, and what changed, for other systems (PPP-18, ACC-6)."""

from datetime import date, datetime
from typing import Any

from django.db.models import Q
from ninja import Query, Schema
from pydantic import Field

from moothall.core.accounts.permissions import Permission
from moothall.core.audit import recording
from moothall.core.council import settings as council
from moothall.domain.cases import merged, sight
from moothall.domain.people.golden import changes, evidence, facts, limits, merging
from moothall.domain.people.golden.finding import Duplicates
from moothall.domain.people.models import Change, Customer, Merge, Pair
from moothall.web.api.operations import Operations
from moothall.web.api.paging import Page, PageQuery, page_of
from moothall.web.api.problems import not_found
from moothall.web.api.request import ApiRequest
from moothall.web.api.routes.people import customer_named
from moothall.web.api.schemas import Body, Key, RowId

router = Operations(tags=["People"])
MOST = 500


class EvidenceOut(Schema):
    compared: str
    came_out: str
    weight: float = Field(description="By how many doublings it makes it likelier, or less likely, that they are one")


class PairOut(Schema):
    id: int
    first: int
    second: int
    probability: float
    state: str
    evidence: list[EvidenceOut]


class Reason(Body):
    reason: str = Field(max_length=500)


class LimitsOut(Schema):
    review_from: float
    merge_from: float | None
    merge_organisations_from: float | None
    nightly: bool


class NewLimits(Reason):
    """All of them, from 0 to 1; null is never."""

    review_from: float = Field(ge=0.05, lt=1)
    merge_from: float | None = Field(ge=0.95, le=1)
    merge_organisations_from: float | None = Field(ge=0.95, le=1)
    nightly: bool


class NewMerge(Reason):
    absorbed: RowId
    chosen: list[Key] | None = Field(
        None,
        max_length=30,
        description="The facts to take from the record that is absorbed; left out, those that the other lacks",
    )


class MergeOut(Schema):
    id: int
    kept: int
    absorbed: int
    chosen: list[str]
    at: datetime
    undone_at: datetime | None


class Parted(Schema):
    kept: int
    absorbed: int
    added: dict[str, int] = Field(description="What was added since and stays with the one kept, counted by kind")
    changed: list[str] = Field(description="What was changed since, and left so")


class ChangeOut(Schema):
    position: int
    kind: str = Field(description="created, changed, merged, unmerged or erased")
    customer: int
    other: int | None = Field(description="Of merged and unmerged: the other of the two records")
    fields: list[str] = Field(description="What changed, by name")
    values: dict[str, str | None] | None = Field(description="The facts as they are now, where asked for and allowed")
    at: datetime


class ChangesOut(Schema):
    changes: list[ChangeOut]
    last: int = Field(description="Go on after this position")


class Asked(Schema):
    after: int = Field(0, ge=0, le=2**62, description="The last position you have read; 0 begins")
    limit: int = Field(100, ge=1, le=MOST)
    values: bool = Field(False, description="Also the facts that changed, as they are now, of whom you may see")


@router.reads("/changes", needs=Permission.FOLLOW_PEOPLE, answers=ChangesOut)
def read_changes(request: ApiRequest, query: Query[Asked]) -> ChangesOut:
    """What changed of customers after a position, in order, each once. New ones appear within about a minute."""
    rows = changes.after(query.after, most=query.limit)
    people: dict[int, Customer] = {}
    if query.values:
        seen = sight.visible_people(request.auth).filter(pk__in={row.customer for row in rows})
        people = {one.pk: one for one in seen.select_related("person", "organisation")}
        recording.read(*people.values(), by=request.auth, at=request.now, via="api changes")
    last = rows[-1].position if rows else query.after
    return ChangesOut(changes=[_told(row, people.get(row.customer)) for row in rows], last=last or 0)


@router.reads("/duplicates", needs=Permission.MERGE_PEOPLE, answers=Page[PairOut])
def read_pairs(request: ApiRequest, query: Query[PageQuery]) -> Page[PairOut]:
    """Pairs that wait to be looked at, the likeliest first."""
    people = sight.people_within(request.auth, Permission.MERGE_PEOPLE).values("pk")
    rows = limits.waiting().filter(first__in=people, second__in=people)
    page = page_of(rows.order_by("-probability", "id"), query, _pair)
    recording.searched(
        "customer", by=request.auth, at=request.now, via="api duplicates", found=len(page.items), asked=["waiting"]
    )
    return page


@router.reads("/duplicates/limits", needs=Permission.MANAGE_SERVICES, answers=LimitsOut)
def read_limits(request: ApiRequest) -> LimitsOut:  # noqa: ARG001
    """From how likely on pairs are shown, and merged by themselves."""
    return LimitsOut(**council.read(Duplicates).model_dump())


@router.writes("PUT", "/duplicates/limits", needs=Permission.MANAGE_SERVICES, answers=LimitsOut)
def set_limits(request: ApiRequest, body: NewLimits) -> LimitsOut:
    """Set from how likely on pairs are shown, and merged by themselves. Nothing is merged at once."""
    wanted = Duplicates(**body.model_dump(exclude={"reason"}))
    limits.change(wanted, reason=body.reason, by=request.auth, at=request.now)
    return LimitsOut(**wanted.model_dump())


@router.writes("POST", "/duplicates/{int:pair_id}/different", needs=Permission.MERGE_PEOPLE, answers=PairOut)
def tell_apart(request: ApiRequest, pair_id: int, body: Reason) -> PairOut:
    """Say that two are not the same; they are not found again."""
    people = sight.people_within(request.auth, Permission.MERGE_PEOPLE).values("pk")
    pair = Pair.objects.filter(pk=pair_id, first__in=people, second__in=people).first()
    if pair is None:
        raise not_found()
    merging.different(pair, reason=body.reason, by=request.auth, at=request.now)
    pair.refresh_from_db()
    return _pair(pair)


@router.writes("POST", "/people/{int:customer_id}/merges", needs=Permission.MERGE_PEOPLE, answers=MergeOut, status=201)
def merge(request: ApiRequest, customer_id: int, body: NewMerge) -> MergeOut:
    """Merge another record into this one. Neither may have been merged before: name the record it was merged into."""
    kept, absorbed = customer_named(request, customer_id), customer_named(request, body.absorbed)
    for asked, found in ((customer_id, kept.pk), (body.absorbed, absorbed.pk)):
        if asked != found:
            raise merging.Changed(f"{asked} was merged into {found} meanwhile. Look again first.")
    made = merged.merge(
        kept,
        absorbed,
        chosen=body.chosen,
        reason=body.reason,
        by=request.auth,
        at=request.now,
    )
    return _merge(made)


@router.reads("/people/{int:customer_id}/merges", needs=Permission.MERGE_PEOPLE, answers=list[MergeOut])
def merges(request: ApiRequest, customer_id: int) -> list[MergeOut]:
    """The merges this record was part of, the last first."""
    customer = customer_named(request, customer_id)
    recording.read(customer, by=request.auth, at=request.now, via="api people.merges")
    rows = Merge.objects.filter(Q(kept=customer) | Q(absorbed=customer)).order_by("-id")[:MOST]
    return [_merge(row) for row in rows]


@router.writes("POST", "/merges/{int:merge_id}/undoing", needs=Permission.MERGE_PEOPLE, answers=Parted)
def undo(request: ApiRequest, merge_id: int, body: Reason) -> Parted:
    """Make two records again of one, each as it was before."""
    people = sight.people_within(request.auth, Permission.MERGE_PEOPLE).values("pk")
    found = Merge.objects.filter(pk=merge_id, kept__in=people).first()
    if found is None:
        raise not_found()
    left = merged.unmerge(found, reason=body.reason, by=request.auth, at=request.now)
    return Parted(kept=found.kept_id, absorbed=found.absorbed_id, added=left.added, changed=list(left.changed))


def _pair(pair: Pair) -> PairOut:
    told = [
        EvidenceOut(compared=name, came_out=evidence.words(name, place) or "Not known", weight=weight)
        for name, place, weight in pair.evidence
    ]
    return PairOut(
        id=pair.pk,
        first=pair.first_id,
        second=pair.second_id,
        probability=pair.probability,
        state=pair.state,
        evidence=told,
    )


def _merge(row: Merge) -> MergeOut:
    return MergeOut(
        id=row.pk, kept=row.kept_id, absorbed=row.absorbed_id, chosen=row.chosen, at=row.at, undone_at=row.undone_at
    )


def _told(row: Change, customer: Customer | None) -> ChangeOut:
    known = set(facts.names(customer.kind)) | {"name"} if customer else set()
    wanted = row.fields if row.kind == Change.Kind.CHANGED else sorted(known)
    return ChangeOut(
        position=row.position or 0,
        kind=row.kind,
        customer=row.customer,
        other=row.other or None,
        fields=row.fields,
        values={name: _text(customer, name) for name in wanted if name in known} if customer else None,
        at=row.at,
    )


def _text(customer: Customer, name: str) -> str | None:
    value: Any = customer.name if name == "name" else facts.value(customer, name)
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if value else None
