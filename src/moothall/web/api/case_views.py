"""A case as the API shows it."""

from typing import Any

from ninja import Schema
from pydantic import Field

from moothall.core.accounts.models import User
from moothall.domain.cases.models import Case, Run, WorkItem
from moothall.domain.people.models import Customer
from moothall.domain.workflow import published
from moothall.web.api.schemas import Moment, UserOut


class CustomerLine(Schema):
    id: int
    kind: str
    name: str

    @classmethod
    def of(cls, customer: Customer) -> "CustomerLine":
        return cls(id=customer.pk, kind=customer.kind, name=customer.name)


class CaseLine(Schema):
    """A case in a list."""

    reference: str
    service: str
    type: str
    source: str
    tags: list[str]
    customer: CustomerLine
    opened_at: Moment
    closed_at: Moment | None
    end_state: str
    updated_at: Moment

    @classmethod
    def of(cls, case: Case) -> "CaseLine":
        return cls(**case_facts(case))


class PublicOut(Schema):
    """What the applicant reads of where their case is (BEST-10)."""

    status: str
    next: str | None
    within: str | None


class TeamOut(Schema):
    key: str
    name: str


class RunOut(Schema):
    """One workflow going, or gone, on the case."""

    id: int
    workflow: str
    version: int
    started_at: Moment
    ended_at: Moment | None
    end_state: str
    public: PublicOut | None = Field(description="What the applicant reads now, when the stage says anything")


class OpenWorkOut(Schema):
    """A work item that waits on the case; `version` is what progressing and taking it ask for."""

    id: int
    run: int
    stage: str
    stage_name: str
    version: int


class CaseDetail(CaseLine):
    """A case, opened."""

    service_version: int
    opened_by: UserOut
    owner: UserOut | None
    team: TeamOut | None
    submitted: Any = Field(description="What the applicant gave; null without the permission case.submission.view")
    important_notes: int | None = Field(description="null without the permission case.notes.view")
    runs: list[RunOut]
    work: list[OpenWorkOut] = Field(description="Open work items at stages your groups see, the first entered first")


def case_facts(case: Case) -> dict[str, Any]:
    """What every view of a case has."""
    return {
        "reference": case.reference,
        "service": case.service.key,
        "type": case.type,
        "source": case.source,
        "tags": case.tags,
        "customer": CustomerLine.of(case.customer),
        "opened_at": case.opened_at,
        "closed_at": case.closed_at,
        "end_state": case.end_state,
        "updated_at": case.updated_at,
    }


def runs_of(case: Case) -> list[RunOut]:
    """The workflows of a case, the first started first, each with its public text."""
    stages = dict(WorkItem.objects.open().filter(case=case).values_list("run", "stage__key"))
    runs = case.runs.select_related("version__workflow").defer("version__definition", "answers").order_by("id")[:200]
    return [
        RunOut(
            id=run.pk,
            workflow=run.version.workflow.key,
            version=run.version.number,
            started_at=run.started_at,
            ended_at=run.ended_at,
            end_state=run.end_state,
            public=_public(run, stages.get(run.pk)),
        )
        for run in runs
    ]


def open_work(case: Case, *, seen_by: User) -> list[OpenWorkOut]:
    """The open work items of a case that a user sees, the first entered first."""
    items = WorkItem.objects.visible_to(seen_by).open().filter(case=case).order_by("entered_at", "id")
    rows = items.values("id", "run", "stage__key", "stage__name", "version")[:200]
    return [
        OpenWorkOut(
            id=row["id"],
            run=row["run"],
            stage=row["stage__key"],
            stage_name=row["stage__name"],
            version=row["version"],
        )
        for row in rows
    ]


def _public(run: Run, stage: str | None) -> PublicOut | None:
    text = published.workflow(run.version_id).stage(stage).public if stage else None
    return PublicOut.model_validate(text, from_attributes=True) if text else None
