"""Which work items are asked for: unless said otherwise, every open one that somebody may progress by hand."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field, model_validator

from moothall.core.accounts.models import User
from moothall.domain.cases import sought
from moothall.domain.cases.sought import Answered, Kind
from moothall.domain.cases.wanted import Wanted
from moothall.web.api.paging import PageQuery
from moothall.web.api.problems import invalid
from moothall.web.api.schemas import Day, ReferenceText, RowId

_NOT_A_FILTER = {"page", "page_size", "sort", "after", "answer"}
_MONEY = re.compile(r"-?\d{1,12}(\.\d{1,2})?", re.ASCII)
AnswerText = Annotated[str, Field(max_length=300)]


class WorkListQuery(PageQuery):
    """All that is given must hold."""

    case: ReferenceText | None = Field(None, description="The reference of the case")
    service: str | None = Field(None, max_length=60)
    workflow: str | None = Field(None, max_length=120, description="e.g. blue_badge.application")
    stage: str | None = Field(None, max_length=60)
    type: str | None = Field(None, max_length=60)
    tag: list[str] = Field([], max_length=20)
    without_tag: list[str] = Field([], max_length=20)
    assigned_to: Literal["me", "nobody", "anyone"] = Field(
        "anyone", description="Whose it is; of completed work who completed it, or that it was assigned to nobody"
    )
    state: Literal["active", "completed"] = "active"
    waiting_days_from: int | None = Field(None, ge=0, le=36_500, description="At least this many days in the stage")
    waiting_days_to: int | None = Field(None, ge=0, le=36_500)
    updated_from: Day | None = Field(
        None,
        description="Case last updated on or after; of completed work when it was completed: two weeks ago unless you say or name a case",
    )
    updated_to: Day | None = Field(None, description="This day included")
    holding: bool | None = Field(None, description="Only, or no, stages that wait on purpose")
    automatic: bool | None = Field(
        None, description="Only, or no, stages that may move on by themselves; else all that somebody may progress"
    )
    kind: Literal["person", "organisation"] | None = Field(None, description="Who the customer is")
    owner: Literal["me", "nobody"] | RowId | None = Field(None, description="Whose the case is: a user's number")
    team: Literal["none"] | RowId | None = Field(None, description="The team of the case: a group's number")
    opened_from: Day | None = Field(None, description="The case was opened on or after")
    opened_to: Day | None = Field(None, description="This day included")
    due_from: Day | None = Field(None, description="The target ends on or after; only of active work")
    due_to: Day | None = Field(None, description="This day included")
    outcome: str | None = Field(None, max_length=60, description="Only of completed work")
    ward: str | None = Field(
        None,
        max_length=10,
        description="The code of the ward where the customer lives, of services whose people you may see",
    )
    answer: list[AnswerText] = Field(
        [],
        max_length=20,
        description="An answer of the application or of the workflow: `sent/blue_badge/person/gender=f`,"
        " `asked/blue_badge.application/meeting_on>=2026-03-01`, or `<=`; of one answer several with = are one of these",
    )
    sort: Literal["entered_at", "-entered_at", "updated_at", "-updated_at", "reference", "-reference"] = "entered_at"
    after: str | None = Field(
        None,
        min_length=1,
        max_length=200,
        description="The `next` of an answer to the same question; instead of `page`",
    )

    @model_validator(mode="after")
    def _one_place(self) -> "WorkListQuery":
        if self.after is not None and self.page != 1:
            raise ValueError("Give page or after, not both.")
        if self.state == "completed" and (self.due_from or self.due_to):
            raise ValueError("Only active work is due.")
        if self.state == "active" and self.outcome:
            raise ValueError("Only completed work has an outcome.")
        return self

    @property
    def wanted(self) -> Wanted:
        """What is asked for, in whatever order, but for answers, which not everybody may look for."""
        return Wanted(**{name: value for name, value in self if name not in _NOT_A_FILTER})

    def wanted_by(self, user: User) -> Wanted:
        """What is asked for. Raises Problem for an answer that this user may not look for, or not so."""
        return replace(self.wanted, answers=_answers(self.answer, user))


def _answers(given: Sequence[str], user: User) -> list[Answered]:
    """The answers asked for, each of them once."""
    parts = [_TOLD.fullmatch(one) for one in given]
    told = [one.groups() for one in parts if one]
    known = sought.found({key for key, _how, _value in told}, user)
    if len(told) < len(given) or any(key not in known for key, _how, _value in told):
        raise invalid("query.answer", "There is no such answer to look for, or you may not look for it.")
    wanted: dict[str, Answered] = {}
    for key, how, value in told:
        chosen = known[key].kind in {"choice", "yes_no"}
        if chosen != (how == "="):
            raise invalid("query.answer", f"{key} is looked for by {'=' if chosen else '>= and <='}.")
        before = wanted.get(key, Answered(key=key))
        if chosen:
            wanted[key] = replace(before, said=tuple(dict.fromkeys((*before.said, value))))
        else:
            end = {">=": "least", "<=": "most"}[how]
            wanted[key] = replace(before, **{end: _number(key, known[key].kind, value)})  # type: ignore[arg-type]
    return list(wanted.values())


_TOLD = re.compile(r"((?:sent|asked)/[^=<>]{1,200})(=|>=|<=)([^=<>]{1,60})")


def _number(key: str, kind: Kind, value: str) -> float:
    try:
        if kind == "day":
            return sought.number(date.fromisoformat(value))
        if _MONEY.fullmatch(value):
            return float(Decimal(value) * (100 if kind == "money" else 1))
    except ValueError:
        pass
    words = "a day, such as 2026-03-01" if kind == "day" else "a number, such as 10 or 10.50"
    raise invalid("query.answer", f"{key} is compared with {words}.")
