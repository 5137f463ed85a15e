"""Something asked of many work items at once: begun, followed, stopped; what came of each (CT-20)."""

from typing import Annotated, Literal
from uuid import uuid4

from ninja import Query, Schema
from pydantic import Field

from moothall.core.accounts.models import User
from moothall.core.accounts.permissions import Permission
from moothall.core.audit import recording
from moothall.core.lists import actions as lists
from moothall.core.lists.models import Tag
from moothall.domain.cases import batches, sharing, together, workload
from moothall.domain.cases.models import Batch, BatchLine, Case, WorkItem, WorkItemQuerySet
from moothall.web.api.operations import Operations
from moothall.web.api.paging import Page, PageQuery, page_of
from moothall.web.api.problems import invalid, not_found
from moothall.web.api.request import ApiRequest
from moothall.web.api.schemas import Body, Key, Moment, RowId, UserOut

router = Operations(tags=["Many at once"])


class ItemChosen(Body):
    id: RowId
    version: int | None = Field(None, ge=1, le=2**31 - 1, description="As you saw it; as it is now when left out")


Chosen = Annotated[list[ItemChosen], Field(min_length=1, max_length=batches.MOST)]


class ManyAssigned(Body):
    items: Chosen
    user: RowId | None = Field(description="Who gets them; null releases them")


class ManyTagged(Body):
    items: Chosen
    set: list[Key] = Field([], max_length=50)
    remove: list[Key] = Field([], max_length=50)


class ManyProgressed(Body):
    items: Chosen
    workflow: str = Field(max_length=120, description="e.g. blue_badge.application")
    stage: str = Field(max_length=60)
    outcome: str = Field(max_length=60, description="One that asks nothing of its own case")
    note: str = Field("", max_length=20_000)


class BatchRow(Schema):
    """Something begun on many cases."""

    id: int
    kind: Batch.Kind
    about: UserOut | None = Field(description="Whose work is handed over")
    undoes: int | None = Field(description="What was shared out and is given back by this")
    begun_at: Moment
    finished_at: Moment | None


class BatchOut(BatchRow):
    """How far it is. Its `results` say what came of each case."""

    lines: int
    done: int
    refused: int
    waiting: int
    sentence: str = Field(description="What came of the whole, where there is more to say")

    @classmethod
    def of(cls, batch: Batch) -> "BatchOut":
        found = batches.standing(batch)
        return cls(
            **dict(_row(batch)),
            lines=found.lines,
            done=found.done,
            refused=found.refused,
            waiting=found.waiting,
            sentence=batch.sentence,
        )


class ResultsQuery(PageQuery):
    result: BatchLine.Result | Literal["waiting"] | None = None


class ResultOut(Schema):
    case: str
    work_item: int | None = Field(description="null: the case as a whole, or the intention")
    intention: int | None = Field(description="Something to do on the case")
    result: BatchLine.Result | Literal["waiting"]
    sentence: str = Field(description="What was done, or why nothing was")
    at: Moment | None


@router.reads("/work-batches", needs=Permission.VIEW_WORK, answers=Page[BatchRow])
def list_batches(request: ApiRequest, query: Query[PageQuery]) -> Page[BatchRow]:
    """What you began on many cases in the last ninety days, the latest first."""
    rows = Batch.objects.filter(by=request.auth).select_related("about").order_by("-at", "-id")
    return page_of(rows, query, _row)


@router.writes(
    "POST", "/work-batches/assignments", needs=Permission.EDIT_CASES, answers=BatchOut, status=202
)  # fmt: skip
def assign_many(request: ApiRequest, body: ManyAssigned) -> BatchOut:
    """Give work items to a colleague who progresses their stages, or to nobody. It goes on by itself."""
    items = _items(request, body.items)
    to = None
    if body.user is not None:
        to = workload.colleagues(together.stages(items)).filter(pk=body.user, is_active=True).first()
        if to is None:
            raise invalid("body.user", "There is no such colleague, or they progress none of these stages.")
    return _begun(request, Batch.Kind.ASSIGN, body.items, items, to=to)


@router.writes("POST", "/work-batches/tags", needs=Permission.EDIT_CASES, answers=BatchOut, status=202)
def tag_many(request: ApiRequest, body: ManyTagged) -> BatchOut:
    """Put tags on the cases of work items and take them off. It goes on by itself."""
    if not body.set and not body.remove:
        raise invalid("body.set", "Say which tags are put on, or taken off.")
    items = _items(request, body.items)
    services = together.services(together.stages(items))
    known = set(lists.by_hand(Tag.Applies.CASE, services).values_list("key", flat=True))
    for field, keys in (("set", body.set), ("remove", body.remove)):
        if unknown := sorted(set(keys) - known):
            raise invalid(f"body.{field}", f"There is no such tag that people put on there: {', '.join(unknown)}.")
    return _begun(request, Batch.Kind.TAG, body.items, items, put=body.set, remove=body.remove)


@router.writes("POST", "/work-batches/outcomes", needs=Permission.VIEW_WORK, answers=BatchOut, status=202)
def progress_many(request: ApiRequest, body: ManyProgressed) -> BatchOut:
    """Choose an outcome on work items that are at one stage. It goes on by itself."""
    items = _items(request, body.items)
    place = f"{body.workflow}/{body.stage}/{body.outcome}"
    if place not in dict(together.outcomes(together.stages(items), request.auth)):
        raise invalid("body.outcome", "None of these work items is where that can be chosen on many at once.")
    return _begun(request, Batch.Kind.OUTCOME, body.items, items, outcome=place, note=body.note)


@router.reads("/work-batches/{int:batch_id}", needs=Permission.VIEW_WORK, answers=BatchOut)
def read_batch(request: ApiRequest, batch_id: int) -> BatchOut:
    """How far something is that you began on many cases."""
    return BatchOut.of(_own(request, batch_id))


@router.reads("/work-batches/{int:batch_id}/results", needs=Permission.VIEW_WORK, answers=Page[ResultOut])
def batch_results(request: ApiRequest, batch_id: int, query: Query[ResultsQuery]) -> Page[ResultOut]:
    """What came of each case you may see, in the order they were given."""
    lines = _own(request, batch_id).lines.filter(case__in=Case.objects.visible_to(request.auth).values("id"))
    if query.result:
        lines = lines.filter(result="" if query.result == "waiting" else query.result)
    page = page_of(lines.select_related("case").order_by("id"), query, _result)
    recording.searched(
        "case", by=request.auth, at=request.now, via="api work.batch", found=page.total, asked=["batch"]
    )  # fmt: skip
    return page


@router.writes(
    "POST", "/work-batches/{int:batch_id}/stop", needs=Permission.VIEW_WORK, answers=BatchOut, body="none"
)  # fmt: skip
def stop_batch(request: ApiRequest, batch_id: int) -> BatchOut:
    """End it here. What is done stays done; what is not is left, and its result says so."""
    batches.stop(_own(request, batch_id), by=request.auth, at=request.now)
    return BatchOut.of(_own(request, batch_id))


@router.writes(
    "POST",
    "/work-batches/{int:batch_id}/giving-back",
    needs=Permission.SUPERVISE,
    answers=BatchOut,
    status=202,
    body="none",
)
def give_back(request: ApiRequest, batch_id: int) -> BatchOut:
    """Give back what was shared out, where nobody has touched it since. Again answers with the one there is."""
    batch = _own(request, batch_id)
    return BatchOut.of(sharing.give_back(batch, key=uuid4(), by=request.auth, at=request.now))


def _items(request: ApiRequest, chosen: list[ItemChosen]) -> WorkItemQuerySet:
    """The work items chosen, which you may all see."""
    numbers = {one.id for one in chosen}
    if len(numbers) < len(chosen):
        raise invalid("body.items", "A work item is there twice.")
    items = WorkItem.objects.visible_to(request.auth).filter(pk__in=numbers).order_by("id")
    if unknown := sorted(numbers - set(items.values_list("pk", flat=True))):
        few = ", ".join(str(number) for number in unknown[:10])
        raise invalid("body.items", f"{len(unknown)} of them are not there, or you may not see them: {few}.")
    return items


def _begun(
    request: ApiRequest,
    kind: Batch.Kind,
    chosen: list[ItemChosen],
    items: WorkItemQuerySet,
    *,
    to: User | None = None,
    **asked: object,
) -> BatchOut:
    seen = {one.id: one.version for one in chosen if one.version is not None}
    lines = together.lines(items, seen=seen, to=to)
    return BatchOut.of(batches.begin(kind, lines, key=uuid4(), by=request.auth, at=request.now, asked=asked))


def _own(request: ApiRequest, batch_id: int) -> Batch:
    batch = Batch.objects.filter(pk=batch_id, by=request.auth).select_related("about").first()
    if batch is None:
        raise not_found()
    return batch


def _row(batch: Batch) -> BatchRow:
    return BatchRow(
        id=batch.pk,
        kind=Batch.Kind(batch.kind),
        about=UserOut.of(batch.about) if batch.about else None,
        undoes=batch.undoes_id,
        begun_at=batch.at,
        finished_at=batch.finished_at,
    )


def _result(line: BatchLine) -> ResultOut:
    return ResultOut(
        case=line.case.reference,
        work_item=line.item_id,
        intention=line.intention_id,
        result=BatchLine.Result(line.result) if line.result else "waiting",
        sentence=line.sentence,
        at=line.at,
    )
