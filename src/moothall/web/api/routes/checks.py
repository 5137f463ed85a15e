"""A second pair of eyes: what was proposed, confirmed, sent back or withdrawn; decisions checked for quality."""

from typing import Any

from ninja import Query, Schema
from pydantic import Field

from moothall.core.accounts.permissions import Permission
from moothall.core.audit import recording
from moothall.domain.cases import confirming, proposals, quality
from moothall.domain.cases.models import Proposal, QualityCheck, WorkItem
from moothall.web.api.finding import allow
from moothall.web.api.operations import Operations
from moothall.web.api.paging import Page, PageQuery, page_of
from moothall.web.api.problems import Problem, not_found
from moothall.web.api.request import ApiRequest
from moothall.web.api.schemas import Body, Moment, Prose, UserOut
from moothall.web.api.work_views import Progressed, QuestionId

router = Operations(tags=["Checks"])


class ProposalLine(Schema):
    """An outcome one officer chose that a second confirms."""

    id: int
    case: str
    item: int
    stage: str
    outcome: str
    outcome_name: str
    why: str
    by: UserOut
    at: Moment
    state: str

    @classmethod
    def facts(cls, row: Proposal) -> dict[str, Any]:
        return {
            "id": row.pk,
            "case": row.item.case.reference,
            "item": row.item_id,
            "stage": row.stage.key,
            "outcome": row.outcome,
            "outcome_name": proposals.outcome_name(row),
            "why": row.why,
            "by": UserOut.of(row.by),
            "at": row.at,
            "state": row.state,
        }


class DraftOut(Schema):
    to: str
    subject: str
    html: str


class ProposalDetail(ProposalLine):
    """The whole of it, for who proposed it and who may confirm it. `hindrance` says why it cannot happen any more."""

    answers: dict[str, Any]
    note: str | None = Field(description="null without the permission case.notes.view")
    drafts: list[DraftOut]
    reason: str = Field(description="Why it was sent back")
    hindrance: str


class SendingBack(Body):
    reason: Prose


class CheckLine(Schema):
    """A decision drawn for a check of its quality."""

    id: int
    case: str
    item: int
    stage: str
    outcome: str
    decided_by: UserOut
    drawn_at: Moment
    questions: dict[str, str] = Field(description="What is answered yes or no, by id")

    @classmethod
    def of(cls, row: QualityCheck) -> "CheckLine":
        return cls(
            id=row.pk,
            case=row.item.case.reference,
            item=row.item_id,
            stage=row.item.stage.key,
            outcome=row.item.outcome,
            decided_by=UserOut.of(row.decided_by),
            drawn_at=row.drawn_at,
            questions={question.id: question.text for question in quality.questions(row)},
        )


class CheckResult(Body):
    result: QualityCheck.Result
    answers: dict[QuestionId, bool] = Field({}, max_length=100)
    note: str = Field("", max_length=quality.LONGEST_NOTE)


@router.reads("/proposals", needs=Permission.CONFIRM, answers=Page[ProposalLine])
def list_proposals(request: ApiRequest, query: Query[PageQuery]) -> Page[ProposalLine]:
    """What waits for you as second officer, the oldest first."""
    rows = Proposal.objects.for_second(request.auth).select_related("stage", "by", "item__case")
    rows = rows.defer("item__case__submitted").order_by("at", "pk")
    page = page_of(rows, query, lambda row: ProposalLine(**ProposalLine.facts(row)))
    recording.searched("proposal", by=request.auth, at=request.now, via="api proposals", found=page.total, asked=[])
    return page


@router.reads("/proposals/{int:proposal_id}", needs=Permission.VIEW_WORK, answers=ProposalDetail)
def read_proposal(request: ApiRequest, proposal_id: int) -> ProposalDetail:
    """One proposal with its answers, note and the messages as composed: for who proposed it and who may confirm it."""
    row = _found(request, proposal_id)
    if row.by != request.auth and (why := confirming.obstacle(row, request.auth)):
        raise Problem(403, why)
    recording.read(row.item.case, by=request.auth, at=request.now, via="api proposals.detail")
    notes = request.auth.may(Permission.VIEW_NOTES, row.item.case.service_key)
    waiting = row.state == Proposal.State.WAITING
    return ProposalDetail(
        **ProposalLine.facts(row),
        answers=row.answers,
        note=row.note if notes else None,
        drafts=[DraftOut(**draft) for draft in row.drafts],
        reason=row.reason,
        hindrance=confirming.hindrance(row, at=request.now) if waiting else "",
    )


@router.writes(
    "POST", "/proposals/{int:proposal_id}/confirm", needs=Permission.CONFIRM, answers=Progressed, body="none"
)
def confirm_proposal(request: ApiRequest, proposal_id: int) -> Progressed:
    """Agree as second officer: the outcome happens as proposed. Answered 409 when it cannot, with the reason."""
    chosen = confirming.confirm(_found(request, proposal_id), by=request.auth, at=request.now)
    return Progressed.of(chosen, seen_by=request.auth)


@router.writes("POST", "/proposals/{int:proposal_id}/send-back", needs=Permission.CONFIRM, answers=ProposalLine)
def send_back_proposal(request: ApiRequest, proposal_id: int, body: SendingBack) -> ProposalLine:
    """Do not agree, and say why: the work item can be progressed again."""
    confirming.send_back(_found(request, proposal_id), reason=body.reason, by=request.auth, at=request.now)
    return ProposalLine(**ProposalLine.facts(_found(request, proposal_id)))


@router.writes(
    "POST", "/proposals/{int:proposal_id}/withdraw", needs=Permission.VIEW_WORK, answers=ProposalLine, body="none"
)
def withdraw_proposal(request: ApiRequest, proposal_id: int) -> ProposalLine:
    """Take back what you proposed yourself."""
    confirming.withdraw(_found(request, proposal_id), by=request.auth, at=request.now)
    return ProposalLine(**ProposalLine.facts(_found(request, proposal_id)))


@router.reads("/quality-checks", needs=Permission.CONFIRM, answers=Page[CheckLine])
def list_checks(request: ApiRequest, query: Query[PageQuery]) -> Page[CheckLine]:
    """The decisions that wait for you to check their quality, the oldest first."""
    rows = QualityCheck.objects.for_checker(request.auth).select_related("item__stage", "item__case", "decided_by")
    page = page_of(rows.defer("item__case__submitted").order_by("drawn_at", "pk"), query, CheckLine.of)
    recording.searched("qualitycheck", by=request.auth, at=request.now, via="api quality", found=page.total, asked=[])
    return page


@router.writes("POST", "/quality-checks/{int:check_id}/result", needs=Permission.CONFIRM, answers=CheckLine)
def finish_check(request: ApiRequest, check_id: int, body: CheckResult) -> CheckLine:
    """Say what a check of quality came to. The case is not touched."""
    rows = QualityCheck.objects.visible_to(request.auth).select_related("item__stage", "item__case", "decided_by")
    row = rows.filter(pk=check_id).first()
    if row is None:
        raise not_found()
    allow(request, row.item.case.service_key)
    quality.finish(row, result=body.result, answers=body.answers, note=body.note, by=request.auth, at=request.now)
    return CheckLine.of(row)


def _found(request: ApiRequest, proposal_id: int) -> Proposal:
    """The proposal with this id, on a work item the user may see."""
    seen = WorkItem.objects.visible_to(request.auth).values("id")
    rows = Proposal.objects.filter(item__in=seen).select_related(
        "stage", "by", "item__case", "item__run", "item__stage"
    )
    row = rows.defer("item__case__submitted").filter(pk=proposal_id).first()
    if row is None:
        raise not_found()
    allow(request, row.item.case.service_key)
    return row
