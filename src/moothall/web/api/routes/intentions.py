"""Things to do: those that wait for somebody, and those of a case; added, planned otherwise, completed, withdrawn."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Annotated

from ninja import Query, Schema
from pydantic import Field, StrictBool, StringConstraints

from moothall.core.accounts.models import SecurityGroup, User
from moothall.core.accounts.permissions import Permission
from moothall.core.audit import recording
from moothall.domain.cases import intended, intending
from moothall.domain.cases.intended import Due, Order, Wanted, Whose
from moothall.domain.cases.intending import NotPlanned, Plan
from moothall.domain.cases.models import Intention, IntentionQuerySet
from moothall.kit.calendars import LONDON
from moothall.web.api.case_views import TeamOut
from moothall.web.api.finding import allow, case_named, case_read
from moothall.web.api.operations import Operations
from moothall.web.api.paging import Page, PageQuery, bounded_count, page_of
from moothall.web.api.problems import Problem, invalid, not_found
from moothall.web.api.request import ApiRequest
from moothall.web.api.schemas import Body, Day, Key, Moment, Prose, RowId, UserOut

router = Operations(tags=["Things to do"])
What = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=intending.LONGEST)]
Version = Annotated[int, Field(ge=1, le=2**31 - 1)]
_AS_SEEN = "As you saw it; as it is now when left out"
_NOTE = Field("", max_length=intending.LONGEST_NOTE)


class IntentionsQuery(Schema):
    """Which things to do. All that is given must hold."""

    whose: Whose = "mine"
    due: Due = Field("", description="this week is until Sunday, without today and what is overdue")
    type: str = Field("", max_length=60)
    service: str = Field("", max_length=60)
    sort: Order = "due"
    page_size: int = Field(50, ge=1, le=200)
    after: str | None = Field(None, min_length=1, max_length=200, description="The `next` of an answer in this order")


class IntentionOut(Schema):
    """Something to do on a case."""

    id: int
    case: str
    text: str
    type: str
    type_label: str
    due: date
    user: UserOut | None
    team: TeamOut | None = Field(description="Whose it is when it is no one user's; nobody's when both are null")
    remind_on: date | None
    stays: bool = Field(description="Whether it stays to be done when its case is closed; otherwise it ends with it")
    work_item: int | None = Field(description="Whose outcome asked for it; null: by hand, outside the flow")
    follows: int | None
    version: int
    created_at: Moment
    created_by: UserOut
    state: Intention.State
    said: str = Field(description="The note it was completed with, or why it was withdrawn")
    ended_at: Moment | None
    ended_by: UserOut | None

    @classmethod
    def of(cls, row: Intention) -> "IntentionOut":
        return cls(
            id=row.pk,
            case=row.case.reference,
            text=row.text,
            type=row.type,
            type_label=intended.kind(row),
            due=row.due,
            user=UserOut.of(row.user) if row.user else None,
            team=TeamOut(key=row.team.key, name=row.team.name) if row.team else None,
            remind_on=row.remind_on,
            stays=row.stays,
            work_item=row.item_id,
            follows=row.follows_id,
            version=row.version,
            created_at=row.created_at,
            created_by=UserOut.of(row.created_by),
            state=Intention.State(row.state),
            said=row.said,
            ended_at=row.ended_at,
            ended_by=UserOut.of(row.ended_by) if row.ended_by else None,
        )


class IntentionsPage(Schema):
    """Some things to do; `next` is what follows them, null at the end. `total` is exact up to ten thousand."""

    items: list[IntentionOut]
    next: str | None
    total: int
    total_is_more: bool


class NewIntention(Body):
    text: What
    type: Key = Field(description="A value of the list intention_types")
    due: Day
    user: RowId | None = None
    team: Key | None = Field(None, description="The key of a group; either a user or a team")
    remind_on: Day | None = None
    stays: StrictBool = Field(False, description="Whether it stays to be done when its case is closed")


class IntentionChange(Body):
    """What is left out stays as it is. A user takes it from a team, and a team from a user."""

    version: Version | None = Field(None, description=_AS_SEEN)
    text: What | None = None
    type: Key | None = None
    due: Day | None = None
    user: RowId | None = None
    team: Key | None = None
    remind_on: Day | None = None
    stays: StrictBool | None = None


class Completion(Body):
    version: Version | None = Field(None, description=_AS_SEEN)
    note: str = _NOTE
    then: NewIntention | None = Field(None, description="What follows: added, and linked to this")


class Withdrawal(Body):
    version: Version | None = Field(None, description=_AS_SEEN)
    reason: Prose


@router.reads("/intentions", needs=Permission.VIEW_CASES, answers=IntentionsPage)
def list_intentions(request: ApiRequest, query: Query[IntentionsQuery]) -> IntentionsPage:
    """What is still to be done: yours and that of whom you cover for today, your teams', nobody's or everybody's."""
    user, today = request.auth, request.now.astimezone(LONDON).date()
    covered = intended.covering(user, today=today) if query.whose == "mine" else []
    wanted = Wanted(
        whose=query.whose,
        due=query.due,
        type=query.type,
        service=query.service,
        covering=[one.pk for one in covered],
    )
    rows = intended.waiting(wanted, user=user, today=today)
    beyond = _place(query.sort, query.after) if query.after else None
    found = intended.page(rows, query.sort, most=query.page_size + 1, beyond=beyond)
    shown = found[: query.page_size]
    total, more = bounded_count(rows)
    recording.searched("intention", by=user, at=request.now, via="api intentions", found=total, asked=[query.whose])
    return IntentionsPage(
        items=[IntentionOut.of(row) for row in shown],
        next=_told(query.sort, shown[-1]) if len(found) > query.page_size else None,
        total=total,
        total_is_more=more,
    )


@router.reads("/cases/{reference}/intentions", needs=Permission.VIEW_CASES, answers=Page[IntentionOut])
def case_intentions(request: ApiRequest, reference: str, query: Query[PageQuery]) -> Page[IntentionOut]:
    """All that is, or was, to be done on a case, by the day it is or was due."""
    case = case_read(request, reference, via="cases.intentions")
    rows = _whole(Intention.objects.visible_to(request.auth).filter(case=case)).order_by("due", "id")
    return page_of(rows, query, IntentionOut.of)


@router.writes(
    "POST", "/cases/{reference}/intentions", needs=Permission.MANAGE_INTENTIONS, answers=IntentionOut, status=201
)
def add_intention(request: ApiRequest, reference: str, body: NewIntention) -> IntentionOut:
    """Add something to do by hand, outside the flow of any workflow; the timeline says so."""
    case = case_named(request, reference)
    with _told_where("body"):
        row = intending.add(case, _plan(body, "body"), by=request.auth, at=request.now)
    return _shown(request, row)


@router.writes("PATCH", "/intentions/{int:intention_id}", needs=Permission.MANAGE_INTENTIONS, answers=IntentionOut)
def change_intention(request: ApiRequest, intention_id: int, body: IntentionChange) -> IntentionOut:
    """Plan something otherwise: what, when, whose, and when somebody is reminded."""
    row = _found(request, intention_id)
    with _told_where("body"):
        plan = _changed(row, body)
        changed = intending.change(row, plan, by=request.auth, at=request.now, version=body.version)
    return _shown(request, changed)


@router.writes(
    "POST", "/intentions/{int:intention_id}/completion", needs=Permission.MANAGE_INTENTIONS, answers=IntentionOut
)
def complete_intention(request: ApiRequest, intention_id: int, body: Completion) -> IntentionOut:
    """Say that it is done, and what follows if anything does."""
    row = _found(request, intention_id)
    with _told_where("body.then"):
        then = _plan(body.then, "body.then") if body.then else None
        done = intending.complete(row, note=body.note, then=then, version=body.version, by=request.auth, at=request.now)
    return _shown(request, done)


@router.writes(
    "POST", "/intentions/{int:intention_id}/withdrawal", needs=Permission.MANAGE_INTENTIONS, answers=IntentionOut
)
def withdraw_intention(request: ApiRequest, intention_id: int, body: Withdrawal) -> IntentionOut:
    """Say that it is not to be done any more, and why."""
    row = _found(request, intention_id)
    gone = intending.withdraw(row, reason=body.reason, version=body.version, by=request.auth, at=request.now)
    return _shown(request, gone)


def _whole(rows: IntentionQuerySet) -> IntentionQuerySet:
    people = rows.select_related("case__service", "user", "team", "created_by", "ended_by")
    return intended.labelled(people).defer("case__submitted")


def _found(request: ApiRequest, intention_id: int) -> Intention:
    row = _whole(Intention.objects.visible_to(request.auth)).filter(pk=intention_id).first()
    if row is None:
        raise not_found()
    allow(request, row.case.service.key)
    return row


def _shown(request: ApiRequest, row: Intention) -> IntentionOut:
    return IntentionOut.of(_found(request, row.pk))


def _plan(body: NewIntention, place: str) -> Plan:
    if body.user is not None and body.team is not None:
        raise invalid(f"{place}.team", "It is either somebody's or a team's.")
    return Plan(
        text=body.text,
        type=body.type,
        due=body.due,
        user=_user(body.user, place),
        team=_team(body.team, place),
        remind_on=body.remind_on,
        stays=body.stays,
    )


def _changed(row: Intention, body: IntentionChange) -> Plan:
    """What is planned, with what the body says instead."""
    given = body.model_fields_set
    for name in ("text", "type", "due"):
        if name in given and getattr(body, name) is None:
            raise invalid(f"body.{name}", "This cannot be taken away.")
    if body.user is not None and body.team is not None:
        raise invalid("body.team", "It is either somebody's or a team's.")
    user, team = row.user, row.team
    if given & {"user", "team"}:
        user = _user(body.user, "body") if "user" in given else user if body.team is None else None
        team = _team(body.team, "body") if "team" in given else team if body.user is None else None
    return Plan(
        text=body.text or row.text,
        type=body.type or row.type,
        due=body.due or row.due,
        user=user,
        team=team,
        remind_on=body.remind_on if "remind_on" in given else row.remind_on,
        stays=row.stays if body.stays is None else body.stays,
    )


def _user(number: int | None, place: str) -> User | None:
    found = User.objects.filter(pk=number).first() if number else None
    if number and found is None:
        raise invalid(f"{place}.user", "There is no such colleague.")
    return found


def _team(key: str | None, place: str) -> SecurityGroup | None:
    found = SecurityGroup.objects.filter(key=key).first() if key else None
    if key and found is None:
        raise invalid(f"{place}.team", "There is no such group.")
    return found


@contextmanager
def _told_where(place: str) -> Iterator[None]:
    """Tell of a plan that makes no sense where in the body each part of it stands."""
    try:
        yield
    except NotPlanned as refused:
        fields = [("user" if field == "whose" else field, sentence) for field, sentence in refused.problems]
        errors = [(f"{place}.{field}", sentence) for field, sentence in fields]
        raise Problem(422, str(refused), errors=errors) from refused


def _told(sort: Order, row: Intention) -> str:
    value, number = intended.place(row, sort)
    return urlsafe_b64encode(json.dumps([sort, value.isoformat(), number]).encode()).decode().rstrip("=")


def _place(sort: Order, text: str) -> intended.Place:
    """What `after` says: a day or a moment, and a number."""
    try:
        told, value, number = json.loads(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        if told != sort or type(number) is not int or not 0 <= number < 2**63:
            raise ValueError
        return intended.told(sort, value), number
    except (ValueError, TypeError, RecursionError) as error:
        raise invalid("query.after", "This is not the `next` of an answer in this order.") from error
