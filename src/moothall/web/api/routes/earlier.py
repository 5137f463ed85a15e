"""What an earlier case of a customer has for another, and taking it over (CT-7)."""

from datetime import date
from typing import Any

from ninja import Schema
from pydantic import Field

from moothall.core.accounts.permissions import Permission
from moothall.domain.cases import prefilling
from moothall.domain.cases.models import Case
from moothall.web.api.finding import case_named, case_read
from moothall.web.api.operations import Operations
from moothall.web.api.problems import Problem
from moothall.web.api.request import ApiRequest
from moothall.web.api.schemas import Body, RowId

router = Operations(tags=["On a case"])


class EarlierAnswer(Schema):
    way: str = Field(description="The way to the answer, e.g. person/nino")
    value: Any
    said_in: str = Field(description="The case it was first said in")
    said_on: date
    out_of_date: str = Field(description="Why it may be out of date; empty when it seems to hold")
    mine: Any = Field(description="What this case says already, which is never replaced")


class EarlierDocument(Schema):
    id: int
    name: str
    said_in: str
    said_on: date
    out_of_date: str
    here: bool = Field(description="Whether this case has the same file already")


class EarlierOut(Schema):
    answers: list[EarlierAnswer]
    documents: list[EarlierDocument]


class TakeOver(Body):
    answers: list[str] = Field([], max_length=500, description="Ways to the answers that are taken over")
    documents: list[RowId] = Field([], max_length=200)


class TakenOut(Schema):
    answers: int
    documents: int


@router.reads("/cases/{reference}/earlier/{other}", needs=Permission.VIEW_SUBMISSION, answers=EarlierOut)
def earlier(request: ApiRequest, reference: str, other: str) -> EarlierOut:
    """What an earlier case of the customer has for this one, and what of it may be out of date."""
    case, source = case_read(request, reference, via="cases.earlier"), case_read(request, other, via="cases.earlier")
    found = prefilling.offer(case, source, user=request.auth, at=request.now)
    seen = prefilling.references_seen(case, user=request.auth)
    return EarlierOut(
        answers=[
            EarlierAnswer(
                way=one.way,
                value=one.value,
                said_in=one.origin.reference if one.origin.reference in seen else "",
                said_on=one.origin.on,
                out_of_date=one.stale,
                mine=one.mine,
            )
            for one in found.answers
        ],
        documents=[
            EarlierDocument(
                id=one.document.pk,
                name=one.document.name,
                said_in=one.origin.reference if one.origin.reference in seen else "",
                said_on=one.origin.on,
                out_of_date=one.stale,
                here=one.here,
            )
            for one in found.papers
        ],
    )


def _examined(request: ApiRequest, reference: str, other: str, body: TakeOver) -> frozenset[int]:
    """The documents that are asked for, once the virus scanner found nothing in them."""
    case, source = _both(request, reference, other, body)
    return prefilling.examine(case, source, papers=set(body.documents), by=request.auth, at=request.now)


@router.writes(
    "POST", "/cases/{reference}/earlier/{other}", needs=Permission.EDIT_CASES, answers=TakenOut, first=_examined
)
def take_over(request: ApiRequest, reference: str, other: str, body: TakeOver) -> TakenOut:
    """Take answers and documents of an earlier case over, one by one. Again changes nothing.

    The documents are shown to the virus scanner again: while it does not answer, none is taken over (503).
    """
    case, source = _both(request, reference, other, body)
    answers, documents = prefilling.take(
        case,
        source,
        answers=set(body.answers),
        papers=set(body.documents),
        examined=request.fetched,
        by=request.auth,
        at=request.now,
    )
    return TakenOut(answers=answers, documents=documents)


def _both(request: ApiRequest, reference: str, other: str, body: TakeOver) -> tuple[Case, Case]:
    """The case and the earlier one, which you may take this from."""
    case, source = case_named(request, reference), case_named(request, other)
    wanted = [(source, Permission.VIEW_SUBMISSION), (case, Permission.VIEW_SUBMISSION)]
    wanted += [(case, Permission.ADD_DOCUMENTS)] if body.documents else []
    for one, permission in wanted:
        if not request.auth.may(permission, one.service.key):
            raise Problem(403, f"This needs the permission {permission} for the service {one.service.key}.")
    return case, source
