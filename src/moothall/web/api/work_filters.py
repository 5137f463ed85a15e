"""Which work items are asked for: unless said otherwise, every open one that somebody may progress by hand."""

from typing import Literal

from pydantic import Field, model_validator

from moothall.domain.cases.worklist import Wanted
from moothall.web.api.paging import PageQuery
from moothall.web.api.schemas import Day, ReferenceText

_NOT_A_FILTER = {"page", "page_size", "sort", "after"}


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
        return self

    @property
    def wanted(self) -> Wanted:
        """What is asked for, in whatever order."""
        return Wanted(**{name: value for name, value in self if name not in _NOT_A_FILTER})
