"""Versions of a workflow: compared, and running cases moved between them and back (BEST-9, BEST-22)."""

from typing import Annotated, Literal
from uuid import UUID, uuid4

from django.db.models import Count, Q, QuerySet
from ninja import Query, Schema
from pydantic import Field, StringConstraints

from moothall.core.accounts.permissions import Permission
from moothall.core.audit import recording
from moothall.domain.cases import moves, tasks
from moothall.domain.cases.models import Case, Move, Run
from moothall.domain.workflow import compare, permits, published
from moothall.domain.workflow.compare import Forbidden, NeedsMapping, Safe
from moothall.domain.workflow.models import WorkflowVersion
from moothall.web.api.finding import version_named, versions_named
from moothall.web.api.operations import Operations
from moothall.web.api.paging import Page, PageQuery, page_of
from moothall.web.api.problems import Problem, invalid, not_found
from moothall.web.api.request import ApiRequest
from moothall.web.api.schemas import Body, Moment, RowId, UserOut

router = Operations(tags=["Versions"])
Number = Annotated[int, Field(ge=1, le=2**31 - 1)]
StageId = Annotated[str, StringConstraints(max_length=60)]


class VersionOut(Schema):
    number: int
    published_at: Moment
    published_by: UserOut
    running: int = Field(description="Cases you may see that are on it now")


class Between(Schema):
    old: Number
    new: Number


class ChangeOut(Schema):
    kind: str
    sentence: str
    stage: str
    outcome: str
    question: str


class PermitChangeOut(Schema):
    given: bool
    group: str
    act: str
    stage: str
    subject: str
    sentence: str


class Comparison(Schema):
    """What differs; the same version twice has no changes."""

    old: int
    new: int
    changes: list[ChangeOut]
    permits: list[PermitChangeOut]


class Moving(Body):
    """From one version to another; `mapping` says where a stage that is gone leads, by stage ids, old to new."""

    old: Number
    new: Number
    mapping: dict[StageId, StageId] = Field({}, max_length=500)


class MovingPage(Moving):
    page: int = Field(1, ge=1, le=10_000)
    page_size: int = Field(50, ge=1, le=200)


class ProspectOut(Schema):
    """Whether one running case may move."""

    case: str
    run: int
    stage: str
    safety: Literal["safe", "needs_mapping", "forbidden"]
    to_stage: str | None = Field(description="Where it would be, when safe")
    notes: list[str] = Field(description="What its officer should know, when safe")
    reason: str
    candidates: list[str] = Field(description="Stages it could be mapped to, the likeliest first")


class Started(Schema):
    """A move that goes on by itself; its results are read under its batch."""

    batch: UUID


class MoveOut(Schema):
    id: int
    case: str
    result: str = Field(description="moved, refused or moved_back")
    sentence: str
    from_stage: str
    to_stage: str | None
    by: UserOut
    at: Moment


@router.reads("/workflows/{key}/versions", needs=Permission.VIEW_WORK, answers=Page[VersionOut])
def workflow_versions(request: ApiRequest, key: str, query: Query[PageQuery]) -> Page[VersionOut]:
    """The versions of a workflow, newest first, and how many cases are on each."""
    newest = version_named(request, key, None)
    seen = Q(runs__ended_at=None, runs__case__in=Case.objects.visible_to(request.auth))
    rows = WorkflowVersion.objects.filter(workflow=newest.workflow_id).annotate(running=Count("runs", filter=seen))
    rows = rows.select_related("published_by").defer("definition").order_by("-number")
    return page_of(
        rows,
        query,
        lambda row: VersionOut(
            number=row.number,
            published_at=row.published_at,
            published_by=UserOut.of(row.published_by),
            running=row.running,
        ),
    )


@router.reads("/workflows/{key}/comparison", needs=Permission.VIEW_WORK, answers=Comparison)
def compare_versions(request: ApiRequest, key: str, query: Query[Between]) -> Comparison:
    """What changed between two versions, and who may do more or less than before."""
    old, new = (published.workflow(row.pk) for row in versions_named(request, key, query.old, query.new))
    return Comparison(
        old=query.old,
        new=query.new,
        changes=[ChangeOut.model_validate(change, from_attributes=True) for change in compare.changes(old, new)],
        permits=[
            PermitChangeOut(
                given=change.given,
                group=change.permit.group,
                act=change.permit.act,
                stage=change.permit.stage,
                subject=change.permit.subject,
                sentence=change.sentence,
            )
            for change in permits.compare_tables(old, new)
        ],
    )


@router.searches("/workflows/{key}/prospects", needs=Permission.MOVE_VERSIONS, answers=Page[ProspectOut])
def move_prospects(request: ApiRequest, key: str, body: MovingPage) -> Page[ProspectOut]:
    """Cases on the old version, oldest first, each with whether it may move: safe, needs mapping or forbidden."""
    old, new = _versions(request, key, body)
    runs = Run.objects.filter(
        version=old, ended_at=None, items__finished_at=None, case__in=Case.objects.visible_to(request.auth)
    )
    rows = runs.select_related("case").defer("case__submitted").order_by("pk")
    page = page_of(rows, PageQuery(page=body.page, page_size=body.page_size), lambda run: run)
    recording.searched(
        "run", by=request.auth, at=request.now, via="api versions.prospects", found=page.total, asked=["old", "new"]
    )
    return Page[ProspectOut](
        items=[_prospect(one) for one in moves.judged(page.items, new, body.mapping)],
        page=page.page,
        page_size=page.page_size,
        total=page.total,
        total_is_more=page.total_is_more,
    )


@router.writes("POST", "/workflows/{key}/moves", needs=Permission.MOVE_VERSIONS, answers=Started, status=202)
def start_move(request: ApiRequest, key: str, body: Moving) -> Started:
    """Move the cases of one version to another. It goes on by itself, case by case, with a result for each."""
    old, new = _versions(request, key, body)
    _refuse_unseeing(request, key.partition(".")[0])
    batch = uuid4()
    with recording.because(action="move.started", by=request.auth, at=request.now):
        tasks.move_versions.defer(batch=str(batch), old=old.pk, new=new.pk, mapping=body.mapping, by=request.auth.pk)
        recording.record(
            "move.started", old, by=request.auth, at=request.now, batch=str(batch), to=new.pk, mapping=body.mapping
        )
    return Started(batch=batch)


@router.reads("/moves/{batch}", needs=Permission.MOVE_VERSIONS, answers=Page[MoveOut])
def move_results(request: ApiRequest, batch: UUID, query: Query[PageQuery]) -> Page[MoveOut]:
    """The results of a batch so far, oldest first, of cases you may see."""
    return page_of(_results(request, batch), query, _result)


@router.writes("POST", "/moves/{batch}/back", needs=Permission.MOVE_VERSIONS, answers=Started, status=202, body="none")
def move_batch_back(request: ApiRequest, batch: UUID) -> Started:
    """Put every case a batch moved back where it came from, unless it has gone on. It goes on by itself."""
    first = _results(request, batch).filter(result=Move.Result.MOVED).first()
    if first is None:
        raise not_found()
    back = uuid4()
    with recording.because(action="move.undone", by=request.auth, at=request.now):
        tasks.move_back.defer(batch=str(back), earlier=str(batch), by=request.auth.pk)
        recording.record(
            "move.undone", first.run.version, by=request.auth, at=request.now, batch=str(back), earlier=str(batch)
        )
    return Started(batch=back)


@router.writes(
    "POST", "/moves/{batch}/{int:move_id}/back", needs=Permission.MOVE_VERSIONS, answers=MoveOut, body="none"
)
def move_one_back(request: ApiRequest, batch: UUID, move_id: RowId) -> MoveOut:
    """Put one case back where it came from, unless it has gone on."""
    earlier = _results(request, batch).filter(pk=move_id).first()
    if earlier is None:
        raise not_found()
    return _result(moves.move_back(earlier, batch=uuid4(), by=request.auth, at=request.now))


def _versions(request: ApiRequest, key: str, body: Moving) -> tuple[WorkflowVersion, WorkflowVersion]:
    """The two versions of a move that can be meant."""
    old, new = versions_named(request, key, body.old, body.new)
    if old == new:
        raise invalid("body.new", "Name two different versions.")
    before, after = published.workflow(old.pk), published.workflow(new.pk)
    for from_stage, to_stage in body.mapping.items():
        if not before.has_stage(from_stage):
            raise invalid("body.mapping", f"Version {body.old} has no stage “{from_stage}”.")
        if not after.has_stage(to_stage):
            raise invalid("body.mapping", f"Version {body.new} has no stage “{to_stage}”.")
    return old, new


def _refuse_unseeing(request: ApiRequest, service: str) -> None:
    """A whole batch is started only by who may see every case in it: the cases of the workflow's service."""
    if not request.auth.may(Permission.VIEW_CASES, service):
        raise Problem(403, f"This needs the permission {Permission.VIEW_CASES} for the service {service}.")


def _results(request: ApiRequest, batch: UUID) -> "QuerySet[Move, Move]":
    seen = Case.objects.visible_to(request.auth, Permission.MOVE_VERSIONS)
    rows = Move.objects.filter(batch=batch, run__case__in=seen)
    return (
        rows.select_related("from_stage", "to_stage", "by", "run__version", "run__case")
        .defer("run__case__submitted", "run__version__definition")
        .order_by("pk")
    )


def _prospect(prospect: moves.Prospect) -> ProspectOut:
    safety = prospect.safety
    return ProspectOut(
        case=prospect.run.case.reference,
        run=prospect.run.pk,
        stage=prospect.item.stage.key,
        safety=_SAFETY[type(safety)],
        to_stage=safety.stage if isinstance(safety, Safe) else None,
        notes=list(safety.notes) if isinstance(safety, Safe) else [],
        reason="" if isinstance(safety, Safe) else safety.reason,
        candidates=list(safety.candidates) if isinstance(safety, NeedsMapping) else [],
    )


_SAFETY: dict[type, Literal["safe", "needs_mapping", "forbidden"]] = {
    Safe: "safe",
    NeedsMapping: "needs_mapping",
    Forbidden: "forbidden",
}


def _result(move: Move) -> MoveOut:
    return MoveOut(
        id=move.pk,
        case=move.run.case.reference,
        result=move.result,
        sentence=move.sentence,
        from_stage=move.from_stage.key,
        to_stage=move.to_stage.key if move.to_stage else None,
        by=UserOut.of(move.by),
        at=move.at,
    )
