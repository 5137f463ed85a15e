"""What is on a case: its timeline, notes, payments and requests to the applicant."""

from datetime import date
from decimal import Decimal
from typing import Any

from ninja import Query, Schema
from pydantic import Field

from moothall.core.accounts.permissions import Permission
from moothall.domain.cases import actions, communications, mentions, requests, sight
from moothall.domain.cases.models import Case, Note, Request, TimelineEntry, WorkItem
from moothall.domain.payments.models import Payment
from moothall.kit import money
from moothall.web.api.finding import case_named, case_read, item_progressing
from moothall.web.api.operations import Operations
from moothall.web.api.paging import Page, PageQuery, page_of
from moothall.web.api.problems import Problem, invalid, not_found
from moothall.web.api.request import ApiRequest
from moothall.web.api.schemas import Body, Day, Key, Line, Moment, Prose, RowId, UserOut

router = Operations(tags=["On a case"])


class TimelineQuery(PageQuery):
    kind: TimelineEntry.Kind | None = None


class TimelineLine(Schema):
    id: int
    at: Moment
    by: UserOut
    kind: str
    text: str
    document: int | None = Field(description="The document the line is about")


class NewNote(Body):
    text: Prose
    important: bool = False
    tell: list[RowId] = Field([], max_length=50, description="Colleagues to tell, who may see the notes of the case")


class NoteOut(Schema):
    id: int
    text: str
    important: bool
    by: UserOut
    at: Moment


class NewPayment(Body):
    amount: Decimal = Field(gt=0, max_digits=9, decimal_places=2, description="Pounds, e.g. 10.00")
    method: str = Field(max_length=10, description="online, card, cash, cheque or bank")
    purpose: str = Field("Payment", min_length=1, max_length=120)
    reference: str = Field("", max_length=60)


class Receipt(Body):
    method: str = Field(max_length=10)
    reference: str = Field("", max_length=60)


class PaymentOut(Schema):
    id: int
    amount: Decimal
    refunded: Decimal
    purpose: str
    status: str
    method: str
    reference: str
    created_at: Moment
    received_at: Moment | None


class RequestOut(Schema):
    number: int
    kind: str
    items: list[dict[str, Any]]
    state: str
    asked_at: Moment
    asked_by: UserOut
    answer_by: date
    remind_on: date | None
    reminded_at: Moment | None
    close_on: date | None
    answer: str
    reason: str
    ended_at: Moment | None


class Asked(Body):
    key: Key
    label: Line


class NewRequest(Body):
    """What is asked of the applicant while the case waits at a work item."""

    item: RowId = Field(description="The work item of the case, whose stage you progress")
    kind: Request.Kind
    items: list[Asked] = Field(min_length=1, max_length=50)
    answer_by: Day
    remind_on: Day | None = None
    reminder: str = Field("", max_length=60, description="The letter sent on the day of the reminder")
    close_on: Day | None = Field(None, description="The last day; the request closes by itself after it")
    pauses: bool = Field(False, description="The clock stands still until the request ends")


class RequestAnswer(Body):
    text: str = Field("", max_length=20_000)


class Reason(Body):
    reason: Prose


@router.reads("/cases/{reference}/timeline", needs=Permission.VIEW_TIMELINE, answers=Page[TimelineLine])
def case_timeline(request: ApiRequest, reference: str, query: Query[TimelineQuery]) -> Page[TimelineLine]:
    """What happened on a case, oldest first, without lines about things you may not see."""
    case = case_read(request, reference, via="cases.timeline")
    lines = sight.visible_timeline(request.auth).filter(case=case).select_related("by").order_by("at", "id")
    if query.kind:
        lines = lines.filter(kind=query.kind)
    return page_of(lines, query, _line)


@router.reads("/cases/{reference}/notes", needs=Permission.VIEW_NOTES, answers=Page[NoteOut])
def case_notes(request: ApiRequest, reference: str, query: Query[PageQuery]) -> Page[NoteOut]:
    """The notes of a case, newest first."""
    case = case_read(request, reference, via="cases.notes")
    notes = sight.visible_notes(request.auth).filter(case=case).select_related("by").order_by("-at", "-id")
    return page_of(notes, query, _note)


@router.writes("POST", "/cases/{reference}/notes", needs=Permission.ADD_NOTES, answers=NoteOut, status=201)
def add_note(request: ApiRequest, reference: str, body: NewNote) -> NoteOut:
    """Write a note on a case, and tell colleagues of it. It cannot be changed afterwards."""
    case = case_named(request, reference)
    tell = list(mentions.colleagues(case.service_key).filter(pk__in=body.tell))
    if len(tell) != len(set(body.tell)):
        raise invalid("body.tell", "There is no such colleague who may see the notes of this case.")
    note = actions.add_note(case, text=body.text, important=body.important, tell=tell, by=request.auth, at=request.now)
    return _note(note)


@router.reads("/cases/{reference}/payments", needs=Permission.VIEW_PAYMENTS, answers=Page[PaymentOut])
def case_payments(request: ApiRequest, reference: str, query: Query[PageQuery]) -> Page[PaymentOut]:
    """Payments asked for or received on a case, oldest first."""
    case = case_read(request, reference, via="cases.payments")
    payments = sight.visible_payments(request.auth).filter(case_link__case=case).order_by("id")
    return page_of(payments, query, _payment)


@router.writes("POST", "/cases/{reference}/payments", needs=Permission.RECORD_PAYMENTS, answers=PaymentOut, status=201)
def record_payment(request: ApiRequest, reference: str, body: NewPayment) -> PaymentOut:
    """Record money received on a case. Automatic stages may move on."""
    payment = actions.record_payment(
        case_named(request, reference),
        pence=money.to_pence(body.amount),
        method=body.method,
        purpose=body.purpose,
        reference=body.reference,
        by=request.auth,
        at=request.now,
    )
    return _payment(payment)


@router.writes(
    "POST", "/cases/{reference}/payments/{int:payment_id}/receipt", needs=Permission.RECORD_PAYMENTS, answers=PaymentOut
)
def receive_payment(request: ApiRequest, reference: str, payment_id: int, body: Receipt) -> PaymentOut:
    """Record that a payment asked for has come."""
    case = case_read(request, reference, via="cases.payment_receipt")
    payment = Payment.objects.filter(case_link__case=case, pk=payment_id).first()
    if payment is None:
        raise not_found()
    received = actions.receive_payment(
        case, payment, method=body.method, reference=body.reference, by=request.auth, at=request.now
    )
    return _payment(received)


@router.reads("/cases/{reference}/requests", needs=Permission.VIEW_CASES, answers=Page[RequestOut])
def case_requests(request: ApiRequest, reference: str, query: Query[PageQuery]) -> Page[RequestOut]:
    """What the applicant was asked for, newest first."""
    case = case_read(request, reference, via="cases.requests")
    return page_of(case.requests.select_related("asked_by").order_by("-number"), query, _request)


@router.writes("POST", "/cases/{reference}/requests", needs=Permission.ASK_APPLICANT, answers=RequestOut, status=201)
def ask_applicant(request: ApiRequest, reference: str, body: NewRequest) -> RequestOut:
    """Ask the applicant for something by hand, while the case stays at its stage."""
    case = case_named(request, reference)
    item = item_progressing(request, body.item)
    if item.case_id != case.pk:
        raise invalid("body.item", f"This work item is not one of {case.reference}.")
    if item.finished_at:
        raise Problem(409, f"{item.stage.name} is finished: the request needs a stage to wait at.", kind="finished")
    try:
        return _request(_ask(request, case, item, body))
    except requests.NotAsked as problem:
        errors = [(f"body.{field}", sentence) for field, sentence in problem.problems]
        raise Problem(422, str(problem), kind="request-refused", errors=errors) from problem


def _ask(request: ApiRequest, case: Case, item: WorkItem, body: NewRequest) -> Request:
    asked = requests.ask(
        item,
        kind=body.kind,
        items=[one.model_dump() for one in body.items],
        answer_by=body.answer_by,
        remind_on=body.remind_on,
        close_on=body.close_on,
        pauses=body.pauses,
        reminder=body.reminder,
        by=request.auth,
        at=request.now,
    )
    if body.reminder:
        communications.preview(case, body.reminder, at=request.now)  # one that cannot be written is refused now
    return asked


@router.writes(
    "POST", "/cases/{reference}/requests/{int:number}/answer", needs=Permission.ASK_APPLICANT, answers=RequestOut
)
def answer_request(request: ApiRequest, reference: str, number: int, body: RequestAnswer) -> RequestOut:
    """Record that the applicant answered; the clock, and maybe the workflow, go on."""
    row = _request_numbered(request, reference, number, via="cases.request_answer")
    return _request(requests.answer(row, text=body.text, by=request.auth, at=request.now))


@router.writes(
    "POST", "/cases/{reference}/requests/{int:number}/cancellation", needs=Permission.ASK_APPLICANT, answers=RequestOut
)
def cancel_request(request: ApiRequest, reference: str, number: int, body: Reason) -> RequestOut:
    """Withdraw a request."""
    row = _request_numbered(request, reference, number, via="cases.request_cancellation")
    return _request(requests.cancel(row, reason=body.reason, by=request.auth, at=request.now))


def _request_numbered(request: ApiRequest, reference: str, number: int, *, via: str) -> Request:
    row = case_read(request, reference, via=via).requests.filter(number=number).first()
    if row is None:
        raise not_found()
    return row


def _line(entry: TimelineEntry) -> TimelineLine:
    document = entry.detail.get("document")
    return TimelineLine(
        id=entry.pk, at=entry.at, by=UserOut.of(entry.by), kind=entry.kind, text=entry.text, document=document
    )


def _note(note: Note) -> NoteOut:
    return NoteOut(id=note.pk, text=note.text, important=note.important, by=UserOut.of(note.by), at=note.at)


def _payment(payment: Payment) -> PaymentOut:
    return PaymentOut(
        id=payment.pk,
        amount=money.to_pounds(payment.pence),
        refunded=money.to_pounds(payment.refunded_pence),
        purpose=payment.purpose,
        status=payment.status,
        method=payment.method,
        reference=payment.reference,
        created_at=payment.created_at,
        received_at=payment.received_at,
    )


def _request(row: Request) -> RequestOut:
    return RequestOut(
        number=row.number,
        kind=row.kind,
        items=row.items,
        state=row.state,
        asked_at=row.asked_at,
        asked_by=UserOut.of(row.asked_by),
        answer_by=row.answer_by,
        remind_on=row.remind_on,
        reminded_at=row.reminded_at,
        close_on=row.close_on,
        answer=row.answer,
        reason=row.reason,
        ended_at=row.ended_at,
    )
