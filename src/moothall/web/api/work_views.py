"""A work item as the API shows it."""

from datetime import datetime
from typing import Annotated, Any

from ninja import Schema
from pydantic import Field, StringConstraints

from moothall.core.accounts.models import User
from moothall.core.accounts.permissions import Permission
from moothall.domain.cases import checklists, clock, offering, progress
from moothall.domain.cases.models import WorkItem
from moothall.domain.workflow import published
from moothall.domain.workflow.answering import Asked
from moothall.domain.workflow.definition import Question, Stage
from moothall.kit import money
from moothall.web.api.case_views import CustomerLine
from moothall.web.api.schemas import Body, Moment, UserOut


class TargetOut(Schema):
    """What the clock shows now (CT-22)."""

    colour: str = Field(description="blue from 0 %, amber from 50 %, red from 75 % of the target; late after it")
    due_at: Moment
    elapsed: float = Field(description="Share of the target that has run; over 1 when late")
    remaining_seconds: int = Field(description="Running time left; negative when late")
    remaining_days: int | None = Field(description="Counted days after today, for targets in days")
    paused: bool


class WorkLine(Schema):
    """A work item in a list."""

    id: int
    version: int
    case: str
    service: str
    type: str
    tags: list[str]
    customer: CustomerLine
    workflow: str
    workflow_name: str
    stage: str
    stage_name: str
    holding: bool
    assigned_to: UserOut | None
    entered_at: Moment
    finished_at: Moment | None
    outcome: str
    case_opened_at: Moment
    case_updated_at: Moment
    target: TargetOut | None


class ChoiceOut(Schema):
    key: str
    label: str


class QuestionOut(Schema):
    id: str
    label: str
    type: str
    required: bool
    hint: str | None
    tag: str | None = Field(description="The tag a document must carry")
    choices: list[ChoiceOut]
    default: Any = Field(description="What it starts out as now, as you may send it back; null is nothing")
    applies: bool | None = Field(description="Whether it is asked now; null when an answer not given yet decides")


class OutcomeOut(Schema):
    """An outcome you may choose; `reasons` are what stands in its way now (none: it can be chosen)."""

    id: str
    name: str
    reasons: list[str]
    note: str
    questions: list[QuestionOut]


class PauseOut(Schema):
    id: int
    category: str
    reason: str
    policy: str
    began_at: Moment
    ended_at: Moment | None


class ChecklistLine(Schema):
    """One thing to be done at the stage; `required_for` are the ids of outcomes, or “all”."""

    id: str
    text: str
    required_for: list[str]
    done_by: UserOut | None
    done_at: Moment | None

    @classmethod
    def of(cls, line: checklists.Line) -> "ChecklistLine":
        return cls(
            id=line.item.id,
            text=line.item.text,
            required_for=list(line.item.required_for),
            done_by=UserOut.of(line.tick.by) if line.tick else None,
            done_at=line.tick.at if line.tick else None,
        )


class WorkDetail(WorkLine):
    """A work item, opened."""

    answers: dict[str, Any] = Field(description="Of the outcome, once chosen")
    note: str | None = Field(description="null without the permission case.notes.view")
    reckoning: list[str] = Field(description="How the due time was reached, in sentences")
    pauses: list[PauseOut]
    outcomes: list[OutcomeOut]
    checklist: list[ChecklistLine]
    proposal: int | None = Field(description="The outcome that waits for a second officer here: see proposals")

    @classmethod
    def of(cls, item: WorkItem, *, by: User, now: datetime) -> "WorkDetail":
        reckoning = clock.reckon(item, now)
        return cls(
            **work_facts(item, now=now),
            answers=item.answers,
            note=item.note if by.may(Permission.VIEW_NOTES, item.case.service.key) else None,
            reckoning=list(reckoning.explanation) if reckoning else [],
            pauses=[
                PauseOut.model_validate(row, from_attributes=True) for row in item.pauses.order_by("began_at")[:200]
            ],
            outcomes=[] if item.finished_at else offered(item, by=by, at=now),
            checklist=[ChecklistLine.of(line) for line in checklists.lines(item, item.ticks.select_related("by"))],
            proposal=None if item.finished_at else item.proposals.waiting().values_list("pk", flat=True).first(),
        )


QuestionId = Annotated[str, StringConstraints(max_length=60)]


class Choosing(Body):
    """An outcome chosen: `version` is the item's as you saw it; `answers` by question id; `edits` by effect position."""

    outcome: str = Field(max_length=60)
    version: int = Field(ge=1, le=2**31 - 1)
    answers: dict[QuestionId, Any] = Field({}, max_length=500)
    note: str = Field("", max_length=20_000)
    edits: dict[str, Any] = Field({}, max_length=50)


class Progressed(Schema):
    """What choosing came to. `now_at` is null when the workflow ended or you do not see the stage it is at."""

    finished: int | None
    outcome: str
    ended: bool
    now_at: int | None
    stage: str | None
    proposal: int | None = Field(description="What waits for a second officer; then nothing is finished yet")

    @classmethod
    def of(cls, chosen: progress.Chosen, *, seen_by: User) -> "Progressed":
        here = chosen.now_at
        seen = here is not None and WorkItem.objects.visible_to(seen_by).filter(pk=here.pk).exists()
        return cls(
            finished=None if chosen.proposal else chosen.item.pk,
            outcome=chosen.proposal.outcome if chosen.proposal else chosen.item.outcome,
            ended=here is None,
            proposal=chosen.proposal.pk if chosen.proposal else None,
            now_at=here.pk if here and seen else None,
            stage=here.stage.key if here and seen else None,
        )


def work_facts(item: WorkItem, *, now: datetime) -> dict[str, Any]:
    """What every view of a work item has."""
    case = item.case
    definition = published.workflow(item.stage.version_id)
    return {
        "id": item.pk,
        "version": item.version,
        "case": case.reference,
        "service": case.service.key,
        "type": case.type,
        "tags": case.tags,
        "customer": CustomerLine.of(case.customer),
        "workflow": f"{case.service.key}.{definition.key}",
        "workflow_name": definition.name,
        "stage": item.stage.key,
        "stage_name": item.stage.name,
        "holding": item.stage.holding,
        "assigned_to": UserOut.of(item.assigned_to) if item.assigned_to else None,
        "entered_at": item.entered_at,
        "finished_at": item.finished_at,
        "outcome": item.outcome,
        "case_opened_at": case.opened_at,
        "case_updated_at": case.updated_at,
        "target": _target(item, now),
    }


def offered(item: WorkItem, *, by: User, at: datetime) -> list[OutcomeOut]:
    """The outcomes `by` may choose now, with their questions and choices."""
    found = offering.offers(item, by=by, at=at)
    if not found:
        return []
    stage = published.workflow(item.stage.version_id).stage(item.stage.key)
    choices = _choices(item.case.service.key, stage)
    return [
        OutcomeOut(
            id=offer.outcome.id,
            name=offer.outcome.name,
            reasons=list(offer.reasons),
            note=offer.outcome.note,
            questions=[
                _question(question, choices, offer.questions[question.id]) for question in offer.outcome.questions
            ],
        )
        for offer in found
    ]


def _choices(service: str, stage: Stage) -> dict[str, list[ChoiceOut]]:
    """The values of every list this stage's questions offer, by the list's key in the service."""
    questions = [question for outcome in stage.outcomes for question in outcome.questions]
    found = offering.values(service, questions)
    return {list: [ChoiceOut(key=key, label=label) for key, label in values] for list, values in found.items()}


def _question(question: Question, choices: dict[str, list[ChoiceOut]], asked: Asked) -> QuestionOut:
    default = asked.default
    if question.type == "money" and isinstance(default, int):
        default = str(money.to_pounds(default))
    return QuestionOut(
        id=question.id,
        label=question.label,
        type=question.type,
        required=question.required,
        hint=question.hint,
        tag=question.tag,
        choices=choices.get(question.list or "", []),
        default=default,
        applies=asked.applies,
    )


def _target(item: WorkItem, now: datetime) -> TargetOut | None:
    reckoning = clock.reckon(item, now)
    if reckoning is None:
        return None
    return TargetOut(
        colour=reckoning.band,
        due_at=reckoning.due,
        elapsed=reckoning.elapsed,
        remaining_seconds=int(reckoning.remaining.total_seconds()),
        remaining_days=reckoning.remaining_days,
        paused=reckoning.is_paused,
    )
