"""The integration queue: what waits, what went, what failed, and what may be done about it (CT-71)."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Literal

from ninja import Query, Schema
from pydantic import Field

from moothall.core.accounts.permissions import Permission
from moothall.core.audit import recording
from moothall.domain.exchange import actions, entries, masking, payloads, queries
from moothall.domain.exchange.models import Item
from moothall.domain.people.models import Customer
from moothall.kit import references
from moothall.kit.calendars import midnight
from moothall.kit.invalid import Invalid
from moothall.web.api.finding import allow, case_named
from moothall.web.api.operations import Operations
from moothall.web.api.paging import Page, PageQuery, page_of
from moothall.web.api.problems import invalid, not_found
from moothall.web.api.request import ApiRequest
from moothall.web.api.schemas import Body, Day, Moment, UserOut

router = Operations(tags=["Integration queue"])


class QueueQuery(PageQuery):
    """All that is given must hold."""

    connector: str | None = Field(None, max_length=60)
    operation: str | None = Field(None, max_length=120)
    status: list[Item.Status] = Field([], max_length=8)
    case: str | None = Field(None, max_length=40, description="A case reference")
    created_from: Day | None = None
    created_to: Day | None = Field(None, description="This day included")
    sort: Literal["-created_at", "created_at", "due_at", "-processed_at"] = "-created_at"


class QueueLine(Schema):
    id: int
    case: str
    name: str = Field(description="Last name of the person, or the organisation")
    postcode: str | None
    operation: str
    title: str
    connector: str
    status: str
    due_at: Moment
    attempts: int
    problem: str
    created_at: Moment
    created_by: UserOut
    processed_at: Moment | None


class AttemptOut(Schema):
    number: int
    asking: bool = Field(description="Asked how it stands, rather than sent")
    started_at: Moment
    finished_at: Moment
    request: Any
    response: Any
    problem: str


class QueueDetail(QueueLine):
    arguments: dict[str, Any]
    edited: bool = Field(description="An officer changed something in the request built from the case")
    payload_override: Any
    pause_reason: str
    settled_reason: str
    waiting_for: str = Field(description="Why it is not sent yet, beside its due time")
    result: Any
    tries: list[AttemptOut]


class WouldSend(Schema):
    """What would be sent now, secrets hidden and pictures shortened, and what must be put right first."""

    payload: Any
    problems: list[str]


class ItemAction(Body):
    action: Literal["pause", "unpause", "cancel", "skip", "requeue", "retry", "send_now", "edit", "settle"]
    reason: str = Field("", max_length=2000, description="Needed to pause, cancel, skip and settle")
    payload: dict[str, Any] | None = Field(
        None, description="For edit: the request or the fields to change; null builds it from the case"
    )
    verdict: Literal["", "done_elsewhere", "send_again", "cancel"] = Field(
        "", description="For settle: how something stands that got no answer, as you found out"
    )


class CaseAction(Body):
    action: Literal["pause", "unpause", "cancel", "requeue"]
    reason: str = Field("", max_length=2000)


class HealthOut(Schema):
    key: str
    name: str
    counts: dict[str, int]
    overdue: int
    oldest_due_at: Moment | None
    queued_lately: int
    settled_lately: int
    growing: bool
    last_success_at: Moment | None
    last_problem_at: Moment | None
    last_problem: str
    abandoned: int = Field(description="Being sent when their sender fell silent; taken over within a minute")
    paused: bool
    stopped_until: Moment | None
    alarms: list[str]


class Done(Schema):
    """How many items it was done to."""

    items: int


@router.reads("/queue", needs=Permission.VIEW_QUEUE, answers=Page[QueueLine])
def list_queue(request: ApiRequest, query: Query[QueueQuery]) -> Page[QueueLine]:
    """What is to be told to other systems, for cases you may see."""
    items = Item.objects.visible_to(request.auth)
    exact = {"connector__key": query.connector, "operation": query.operation}
    items = items.filter(**{name: value for name, value in exact.items() if value is not None})
    if query.status:
        items = items.filter(status__in=query.status)
    if query.case is not None:
        items = items.filter(case__reference=_reference(query.case))
    if query.created_from:
        items = items.filter(created_at__gte=midnight(query.created_from))
    if query.created_to:
        items = items.filter(created_at__lt=midnight(query.created_to) + timedelta(days=1))
    rows = items.select_related("case__customer__person", "connector", "created_by")
    rows = rows.prefetch_related("case__customer__residences__address").defer("sent", "result", "payload_override")
    rows = rows.defer("case__submitted").order_by(query.sort, "-id")
    page = page_of(rows, query, lambda item: QueueLine(**_line(item)))
    recording.searched(
        "item", by=request.auth, at=request.now, via="api queue.list", found=page.total,
        asked=sorted(query.model_fields_set),
    )  # fmt: skip
    return page


@router.reads("/queue/health", needs=Permission.VIEW_QUEUE, answers=list[HealthOut])
def queue_health(request: ApiRequest) -> list[HealthOut]:
    """Figures and alarms of every connector, over the items of cases you may see."""
    found = queries.health(at=request.now, seen_by=request.auth)
    return [HealthOut.model_validate(health, from_attributes=True) for health in found]


@router.reads("/queue/{int:item_id}", needs=Permission.VIEW_QUEUE, answers=QueueDetail)
def read_item(request: ApiRequest, item_id: int) -> QueueDetail:
    """One item with the exact data sent and received each time."""
    item = _item(request, item_id)
    return _detail(request, item, via="queue.detail")


@router.reads("/queue/{int:item_id}/request", needs=Permission.VIEW_QUEUE, answers=WouldSend)
def would_send(request: ApiRequest, item_id: int) -> WouldSend:
    """What would be sent now, built from the case as it is."""
    item = _item(request, item_id)
    recording.read(item.case, by=request.auth, at=request.now, via="api queue.request")
    preview = payloads.preview(item)
    return WouldSend(payload=preview.payload, problems=list(preview.problems))


@router.writes("POST", "/queue/{int:item_id}/actions", needs=Permission.MANAGE_QUEUE, answers=QueueDetail)
def act_on_item(request: ApiRequest, item_id: int, body: ItemAction) -> QueueDetail:
    """Pause, un-pause, cancel, skip, queue again, retry, send now, edit or settle by hand one item."""
    item = _item(request, item_id)
    by, at = request.auth, request.now
    verbs: dict[str, Callable[[], Item]] = {
        "pause": lambda: actions.pause(item, reason=body.reason, by=by, at=at),
        "unpause": lambda: actions.unpause(item, by=by, at=at),
        "cancel": lambda: actions.cancel(item, reason=body.reason, by=by, at=at),
        "skip": lambda: actions.skip(item, reason=body.reason, by=by, at=at),
        "requeue": lambda: actions.requeue(item, by=by, at=at),
        "retry": lambda: actions.retry(item, by=by, at=at),
        "send_now": lambda: actions.send_now(item, by=by, at=at),
        "edit": lambda: actions.edit_and_requeue(item, body.payload, by=by, at=at),
        "settle": lambda: actions.settle(item, verdict=body.verdict, reason=body.reason, by=by, at=at),
    }
    verbs[body.action]()
    return _detail(request, _item(request, item_id), via="queue.actions")


@router.writes("POST", "/cases/{reference}/queue/actions", needs=Permission.MANAGE_QUEUE, answers=Done)
def act_on_case(request: ApiRequest, reference: str, body: CaseAction) -> Done:
    """Pause, un-pause, cancel or queue again all of one case."""
    case = case_named(request, reference)
    by, at = request.auth, request.now
    if body.action == "pause":
        actions.pause_case(case, reason=body.reason, by=by, at=at)
    elif body.action == "unpause":
        actions.unpause_case(case, by=by, at=at)
    elif body.action == "cancel":
        return Done(items=len(actions.cancel_case(case, reason=body.reason, by=by, at=at)))
    else:
        return Done(items=len(actions.requeue_case(case, by=by, at=at)))
    return Done(items=Item.objects.filter(case=case).unsettled().count())


def _item(request: ApiRequest, item_id: int) -> Item:
    items = Item.objects.visible_to(request.auth)
    items = items.select_related("case__service", "case__customer__person", "connector", "created_by")
    item = items.prefetch_related("case__customer__residences__address").filter(pk=item_id).first()
    if item is None:
        raise not_found()
    allow(request, item.case.service.key)
    return item


def _line(item: Item) -> dict[str, Any]:
    customer = item.case.customer
    now = [residence for residence in customer.residences.all() if residence.to_date is None]
    return {
        "id": item.pk,
        "case": item.case.reference,
        "name": customer.person.last_name if customer.kind == Customer.Kind.PERSON else customer.name,
        "postcode": now[0].address.postcode if now else None,
        "operation": item.operation,
        "title": entries.title(item),
        "connector": item.connector.key,
        "status": item.status,
        "due_at": item.due_at,
        "attempts": item.attempts,
        "problem": item.problem,
        "created_at": item.created_at,
        "created_by": UserOut.of(item.created_by),
        "processed_at": item.processed_at,
    }


def _detail(request: ApiRequest, item: Item, *, via: str) -> QueueDetail:
    recording.read(item.case, by=request.auth, at=request.now, via=f"api {via}")
    return QueueDetail(
        **_line(item),
        arguments=item.arguments,
        edited=item.payload_override is not None,
        payload_override=masking.mask(item.payload_override),
        pause_reason=item.pause_reason,
        settled_reason=item.settled_reason,
        waiting_for=queries.waiting_for(item),
        result=item.result,
        tries=[AttemptOut.model_validate(row, from_attributes=True) for row in item.tries.order_by("-number")[:200]],
    )


def _reference(text: str) -> str:
    try:
        return references.normalise(text)
    except Invalid as error:
        raise invalid("query.case", str(error)) from error
