"""Work items: the list, one with what may be done, progressed, assigned, its clock."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

from ninja import Query
from pydantic import Field

from moothall.core.accounts.models import User
from moothall.core.accounts.permissions import Permission
from moothall.core.audit import recording
from moothall.domain.cases import assigning, checklists, clock, progress, rehearsal
from moothall.domain.cases.models import Pause, WorkItem
from moothall.domain.cases.recipients import Who
from moothall.domain.workflow import answering
from moothall.web.api import work_pages
from moothall.web.api.finding import item_named, item_progressing
from moothall.web.api.message_views import OutcomeMessageOut
from moothall.web.api.operations import Operations
from moothall.web.api.paging import Page
from moothall.web.api.problems import Problem, invalid, not_found
from moothall.web.api.request import ApiRequest
from moothall.web.api.schemas import Body, Prose, RowId
from moothall.web.api.work_filters import WorkListQuery
from moothall.web.api.work_views import (
    Choosing,
    OutcomeOut,
    PauseOut,
    Progressed,
    QuestionId,
    WorkDetail,
    WorkLine,
    offered,
    work_facts,
)

router = Operations(tags=["Work"])
_DEFERRED = (
    "case__submitted",
    "run__version__definition",
    "run__answers",
    "answers",
)


class WorkPage(Page[WorkLine]):
    next: str | None = Field(description="What follows: give it as `after`. null at the end")


class Assignment(Body):
    user: RowId | None = Field(description="null releases it")
    version: int | None = Field(None, ge=1, le=2**31 - 1)


class Version(Body):
    version: int | None = Field(None, ge=1, le=2**31 - 1)


class Taking(Version):
    take_over: bool = Field(False, description="Also when a colleague has it; give its version then")


class Rehearsal(Body):
    """An outcome as it would be chosen: what is missing is answered as when it is."""

    answers: dict[QuestionId, Any] = Field({}, max_length=500)
    note: str = Field("", max_length=20_000)
    to: dict[Annotated[int, Field(ge=0, le=999)], Who] = Field({}, max_length=50)


class Ticking(Body):
    done: list[QuestionId] = Field([], max_length=100)
    undone: list[QuestionId] = Field([], max_length=100)


class NewPause(Body):
    category: str = Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)
    reason: Prose
    policy: Pause.Policy = Pause.Policy.CONTINUE


class NewExtension(Body):
    amount: int = Field(ge=1, le=10_000, description="In the unit of the stage's target")
    reason: Prose


@router.reads("/work-items", needs=Permission.VIEW_WORK, answers=WorkPage)
def list_work(request: ApiRequest, query: Query[WorkListQuery]) -> WorkPage:
    """Work that somebody may progress, among the stages your groups see; completed work of two weeks unless you say.

    To read all of it, give the `next` of each answer as `after`: nothing is met twice or left out that stays as it is.
    """
    numbers = work_pages.numbers(query, user=request.auth, now=request.now)
    rows = WorkItem.objects.visible_to(request.auth).filter(pk__in=numbers.items)
    rows = rows.select_related("stage", "case__service", "case__customer", "run__version__workflow", "assigned_to")
    items = {item.pk: item for item in clock.read(rows.defer(*_DEFERRED))}
    shown = [WorkLine(**work_facts(items[pk], now=request.now)) for pk in numbers.items if pk in items]
    page = WorkPage(
        items=shown,
        page=query.page,
        page_size=query.page_size,
        total=numbers.total,
        total_is_more=numbers.total_is_more,
        next=numbers.next,
    )
    asked = sorted(query.model_fields_set)
    recording.searched("workitem", by=request.auth, at=request.now, via="api work.list", found=page.total, asked=asked)
    return page


@router.reads("/work-items/{int:item_id}", needs=Permission.VIEW_WORK, answers=WorkDetail)
def read_work(request: ApiRequest, item_id: int) -> WorkDetail:
    """One work item: its target and how it was reached, and the outcomes you may choose."""
    return _detail(request, item_id, via="work.detail")


@router.reads("/work-items/{int:item_id}/outcomes", needs=Permission.VIEW_WORK, answers=list[OutcomeOut])
def read_outcomes(request: ApiRequest, item_id: int) -> list[OutcomeOut]:
    """The outcomes you may choose now, what each asks, and what still stands in its way."""
    item = item_named(request, item_id)
    recording.read(item.case, by=request.auth, at=request.now, via="api work.outcomes")
    return offered(item, by=request.auth, at=request.now)


@router.writes("POST", "/work-items/{int:item_id}/progress", needs=Permission.VIEW_WORK, answers=Progressed)
def progress_work(request: ApiRequest, item_id: int, body: Choosing) -> Progressed:
    """Choose an outcome. Whether you may is decided by the workflow: who progresses the stage, who chooses this.

    Where a second officer has to confirm it, it is proposed (`proposal`) and the work item stays where it is.

    Answered 409 when somebody was first or the item changed since `version`; 422 with all that stands in the way.
    """
    item = item_named(request, item_id)
    with _reasons_told():
        chosen = progress.choose(
            item,
            body.outcome,
            by=request.auth,
            at=request.now,
            version=body.version,
            answers=body.answers,
            note=body.note,
            edits=body.edits,
        )
    return Progressed.of(chosen, seen_by=request.auth)


@router.searches(
    "/work-items/{int:item_id}/outcomes/{outcome}/messages",
    needs=Permission.VIEW_WORK,
    answers=list[OutcomeMessageOut],
)
def outcome_messages(request: ApiRequest, item_id: int, outcome: str, body: Rehearsal) -> list[OutcomeMessageOut]:
    """The messages an outcome would send, composed with these answers, and nothing changed.

    Give your changes of a copy as `edits` of `progress`: `{position: {subject, html, channels, to}}`. `to` asks for messages
    to the applicant (customer) or to their other contact (alternative_contact) instead, by position.
    """
    item = item_named(request, item_id)
    recording.read(item.case, by=request.auth, at=request.now, via="api work.messages")
    with _reasons_told():
        found = rehearsal.by_position(
            item, outcome, by=request.auth, at=request.now, answers=body.answers, note=body.note, to=body.to
        )
    return [OutcomeMessageOut.of(rehearsed) for rehearsed in found]


@router.writes("POST", "/work-items/{int:item_id}/checklist", needs=Permission.VIEW_WORK, answers=WorkDetail)
def tick_work(request: ApiRequest, item_id: int, body: Ticking) -> WorkDetail:
    """Tick items of the stage's checklist, by their ids, and take ticks away. What is so already stays as it is."""
    item = item_progressing(request, item_id)
    checklists.tick(item, done=body.done, undone=body.undone, by=request.auth, at=request.now)
    return _detail(request, item_id, via="work.checklist")


@router.writes("POST", "/work-items/{int:item_id}/take", needs=Permission.VIEW_WORK, answers=WorkDetail)
def take_work(request: ApiRequest, item_id: int, body: Taking) -> WorkDetail:
    """Take a work item yourself. A colleague's is refused (409, held-by-another) unless you say `take_over`.

    Its timeline then says whom it was taken over from.
    """
    item = item_progressing(request, item_id)
    assigning.take(item, by=request.auth, at=request.now, version=body.version, take_over=body.take_over)
    return _detail(request, item_id, via="work.take")


@router.writes("POST", "/work-items/{int:item_id}/release", needs=Permission.VIEW_WORK, answers=WorkDetail)
def release_work(request: ApiRequest, item_id: int, body: Version) -> WorkDetail:
    """Give back a work item of yours."""
    item = item_progressing(request, item_id)
    assigning.release(item, by=request.auth, at=request.now, version=body.version)
    return _detail(request, item_id, via="work.release")


@router.writes("POST", "/work-items/{int:item_id}/assignment", needs=Permission.EDIT_CASES, answers=WorkDetail)
def assign_work(request: ApiRequest, item_id: int, body: Assignment) -> WorkDetail:
    """Give a work item to a colleague who can progress it, or to nobody."""
    to = None
    if body.user is not None:
        to = User.objects.filter(pk=body.user, is_active=True, kind=User.Kind.PERSON).first()
        if to is None:
            raise invalid("body.user", "There is no such colleague.")
    assigning.assign(item_progressing(request, item_id), to=to, by=request.auth, at=request.now, version=body.version)
    return _detail(request, item_id, via="work.assignment")


@router.writes(
    "POST", "/work-items/{int:item_id}/pauses", needs=Permission.EXTEND_TARGETS, answers=PauseOut, status=201
)
def pause_work(request: ApiRequest, item_id: int, body: NewPause) -> PauseOut:
    """Stop the clock of a work item."""
    item = item_progressing(request, item_id)
    row = clock.pause(
        item, category=body.category, reason=body.reason, policy=body.policy, by=request.auth, at=request.now
    )
    return PauseOut.model_validate(row, from_attributes=True)


@router.writes(
    "POST",
    "/work-items/{int:item_id}/pauses/{int:pause_id}/end",
    needs=Permission.EXTEND_TARGETS,
    answers=WorkDetail,
    body="none",
)
def resume_work(request: ApiRequest, item_id: int, pause_id: int) -> WorkDetail:
    """Let the clock of a work item go on."""
    item = item_progressing(request, item_id)
    row = item.pauses.select_related("item").filter(pk=pause_id).first()
    if row is None:
        raise not_found()
    clock.resume(row, by=request.auth, at=request.now)
    return _detail(request, item_id, via="work.pause_end")


@router.writes(
    "POST",
    "/work-items/{int:item_id}/extensions",
    needs=Permission.EXTEND_TARGETS,
    answers=WorkDetail,
    status=201,
)
def extend_work(request: ApiRequest, item_id: int, body: NewExtension) -> WorkDetail:
    """Give a work item more time, within the limit."""
    item = item_progressing(request, item_id)
    clock.extend(item, amount=body.amount, reason=body.reason, by=request.auth, at=request.now)
    return _detail(request, item_id, via="work.extensions")


@contextmanager
def _reasons_told() -> Iterator[None]:
    """Answer a refused outcome with everything in its way, by field."""
    try:
        yield
    except progress.Refused as refused:
        errors = [(_place(reason), reason.sentence) for reason in refused.reasons]
        raise Problem(422, str(refused), kind="refused", errors=errors) from refused


def _place(reason: answering.Problem) -> str:
    """Where the body holds what stands in the way. Tags, documents and what has no field stand in the outcome's."""
    if reason.answer or reason.field not in ("", "tags", "documents", "checklist", *Choosing.model_fields):
        return f"body.answers.{reason.field}"
    return f"body.{reason.field if reason.field in Choosing.model_fields else 'outcome'}"


def _detail(request: ApiRequest, item_id: int, *, via: str) -> WorkDetail:
    """A work item as shown to whoever asks, which is recorded, also when a change answers with it (PPP-6)."""
    item = item_named(request, item_id)
    recording.read(item.case, by=request.auth, at=request.now, via=f"api {via}")
    return WorkDetail.of(item, by=request.auth, now=request.now)
