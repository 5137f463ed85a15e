"""A case as the API shows it."""

from typing import Any

from ninja import Schema
from pydantic import Field

from moothall.domain.cases.models import Case
from moothall.domain.people.models import Customer
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


class RunOut(Schema):
    """One workflow going, or gone, on the case."""

    id: int
    workflow: str
    version: int
    started_at: Moment
    ended_at: Moment | None
    end_state: str


class CaseDetail(CaseLine):
    """A case, opened."""

    service_version: int
    opened_by: UserOut
    submitted: Any = Field(description="What the applicant gave; null without the permission case.submission.view")
    important_notes: int | None = Field(description="null without the permission case.notes.view")
    runs: list[RunOut]


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
