"""Opinions of colleagues and outsiders on a case (BEST-6). The link of an outsider is in no answer."""

from datetime import date
from typing import Any

from ninja import Query, Schema
from pydantic import Field, model_validator

from moothall.core.accounts.models import User
from moothall.core.accounts.permissions import Permission
from moothall.domain.cases import sight
from moothall.domain.opinions import asking
from moothall.domain.opinions.models import Opinion
from moothall.web.api.finding import case_named, case_read, item_progressing
from moothall.web.api.operations import Operations
from moothall.web.api.paging import Page, PageQuery, page_of
from moothall.web.api.problems import Problem, invalid, not_found
from moothall.web.api.request import ApiRequest
from moothall.web.api.schemas import Body, Line, Moment, Prose, RowId, UserOut

router = Operations(tags=["On a case"])


class OpinionOut(Schema):
    number: int
    kind: str = Field(description="One of the service's opinions; empty for a question of the officer's own")
    title: str
    question: str
    asked_of: str
    organisation: str
    colleague: UserOut | None
    asked_at: Moment
    asked_by: UserOut
    answer_by: date
    state: str
    recommendation: str
    answers: list[dict[str, Any]] = Field(description="Each question of the service with its answer in words")
    answer: str
    reason: str = Field(description="Why it was withdrawn, or why they cannot answer")
    ended_at: Moment | None
    documents: list[int] = Field(description="What came with the answer, of the documents you may see")


class NewOpinion(Body):
    """Somebody outside by name and e-mail address, who gets a link; or a colleague by id, who answers at the desk."""

    colleague: RowId | None = None
    name: str = Field("", max_length=200)
    organisation: str = Field("", max_length=200)
    email: str = Field("", max_length=254)
    kind: str = Field("", max_length=60)
    question: Prose
    documents: list[RowId] = Field([], max_length=asking.MOST_SHOWN, description="What they may read, of this case")
    days: int = Field(14, ge=1, le=asking.MOST_DAYS)
    item: RowId | None = Field(None, description="The work item whose clock stands still; you progress its stage")

    @model_validator(mode="after")
    def _one_person(self) -> "NewOpinion":
        if (self.colleague is None) == (not self.email):
            raise ValueError("Give either a colleague, or a name and an e-mail address.")
        return self


class Again(Body):
    days: int = Field(14, ge=1, le=asking.MOST_DAYS)


class Withdrawal(Body):
    reason: Line


@router.reads("/cases/{reference}/opinions", needs=Permission.VIEW_OPINIONS, answers=Page[OpinionOut])
def case_opinions(request: ApiRequest, reference: str, query: Query[PageQuery]) -> Page[OpinionOut]:
    """The opinions asked for on a case, newest first."""
    case = case_read(request, reference, via="cases.opinions")
    rows = case.opinions.select_related("asked_by", "colleague").order_by("-number")
    papers = sight.visible_documents(request.auth).filter(case_link__case=case)
    seen = set(papers.values_list("pk", flat=True))
    return page_of(rows.prefetch_related("papers"), query, lambda row: _opinion(row, seen))


@router.writes("POST", "/cases/{reference}/opinions", needs=Permission.ASK_OPINIONS, answers=OpinionOut, status=201)
def ask_opinion(request: ApiRequest, reference: str, body: NewOpinion) -> OpinionOut:
    """Ask somebody for an opinion."""
    case = case_named(request, reference)
    colleague = None
    if body.colleague is not None:
        colleague = User.objects.filter(pk=body.colleague).first()
        if colleague is None:
            raise invalid("body.colleague", "There is no such user.")
    item = item_progressing(request, body.item) if body.item is not None else None
    if item and item.finished_at:
        raise Problem(409, f"{item.stage.name} is finished, so its clock no longer runs.", kind="finished")
    of = asking.Asked(colleague=colleague, name=body.name, organisation=body.organisation, email=body.email)
    question = asking.Question(text=body.question, kind=body.kind, documents=body.documents, days=body.days, item=item)
    return _opinion(asking.ask(case, of, question, by=request.auth, at=request.now), set())


@router.writes(
    "POST", "/cases/{reference}/opinions/{int:number}/new-link", needs=Permission.ASK_OPINIONS, answers=OpinionOut
)
def ask_opinion_anew(request: ApiRequest, reference: str, number: int, body: Again) -> OpinionOut:
    """Send a new link with a new last day; the old link no longer works."""
    row = _numbered(request, reference, number, via="cases.opinion_new_link")
    return _opinion(asking.ask_anew(row, days=body.days, by=request.auth, at=request.now), set())


@router.writes(
    "POST", "/cases/{reference}/opinions/{int:number}/withdrawal", needs=Permission.ASK_OPINIONS, answers=OpinionOut
)
def withdraw_opinion(request: ApiRequest, reference: str, number: int, body: Withdrawal) -> OpinionOut:
    """Ask no longer. The link no longer works."""
    row = _numbered(request, reference, number, via="cases.opinion_withdrawal")
    return _opinion(asking.withdraw(row, reason=body.reason, by=request.auth, at=request.now), set())


def _numbered(request: ApiRequest, reference: str, number: int, *, via: str) -> Opinion:
    rows = case_read(request, reference, via=via).opinions.select_related("case__service")
    row = rows.filter(number=number).first()
    if row is None:
        raise not_found()
    return row


def _opinion(row: Opinion, seen: set[int]) -> OpinionOut:
    return OpinionOut(
        number=row.number,
        kind=row.kind,
        title=row.title,
        question=row.question,
        asked_of=row.name,
        organisation=row.organisation,
        colleague=UserOut.of(row.colleague) if row.colleague else None,
        asked_at=row.asked_at,
        asked_by=UserOut.of(row.asked_by),
        answer_by=row.answer_by,
        state=row.state,
        recommendation=row.recommendation,
        answers=row.answers,
        answer=row.answer,
        reason=row.reason,
        ended_at=row.ended_at,
        documents=[one.document_id for one in row.papers.all() if one.role != "shown" and one.document_id in seen],
    )
