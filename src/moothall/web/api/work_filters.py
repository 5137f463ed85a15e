"""Which work items are asked for: unless said otherwise, every open one that somebody may progress by hand."""

from datetime import datetime
from typing import Any, Literal

from django.db.models import QuerySet
from pydantic import Field

from moothall.core.accounts.models import User
from moothall.domain.cases import worklist
from moothall.domain.cases.models import WorkItem
from moothall.domain.cases.worklist import Wanted
from moothall.web.api.paging import PageQuery
from moothall.web.api.schemas import Day, ReferenceText

_NOT_A_FILTER = {"page", "page_size", "sort"}


class WorkListQuery(PageQuery):
    """All that is given must hold."""

    case: ReferenceText | None = Field(None, description="The reference of the case")
    service: str | None = Field(None, max_length=60)
    workflow: str | None = Field(None, max_length=120, description="e.g. blue_badge.application")
    stage: str | None = Field(None, max_length=60)
    type: str | None = Field(None, max_length=60)
    tag: list[str] = Field([], max_length=20)
    without_tag: list[str] = Field([], max_length=20)
    assigned_to: Literal["me", "nobody", "anyone"] = "anyone"
    state: Literal["active", "completed"] = "active"
    waiting_days_from: int | None = Field(None, ge=0, le=36_500, description="At least this many days in the stage")
    waiting_days_to: int | None = Field(None, ge=0, le=36_500)
    updated_from: Day | None = Field(
        None,
        description="Case last updated on or after; for completed work two weeks ago unless you say or name a case",
    )
    updated_to: Day | None = Field(None, description="This day included")
    holding: bool | None = Field(None, description="Only, or no, stages that wait on purpose")
    automatic: bool | None = Field(
        None, description="Only, or no, stages that may move on by themselves; else all that somebody may progress"
    )
    sort: Literal["entered_at", "-entered_at", "updated_at", "-updated_at", "reference", "-reference"] = "entered_at"

    def found(self, *, user: User, now: datetime) -> "QuerySet[Any, Any]":
        """Lines of open work, or completed work items, that the user may see and for which everything given holds, in
        the order asked for. Raises kit.Invalid for a malformed reference."""
        wanted = Wanted(**{name: value for name, value in self if name not in _NOT_A_FILTER})
        if self.state == "completed":
            return self._ordered(
                worklist.narrow(WorkItem.objects.visible_to(user), wanted, user=user, now=now), "case__"
            )
        return self._ordered(worklist.waiting(wanted, user=user, stages=worklist.stages_seen(user), now=now), "")

    def _ordered(self, rows: "QuerySet[Any, Any]", case: str) -> "QuerySet[Any, Any]":
        """`rows` in the order asked for, ties by number; `case` leads from a row to what its case has."""
        sign = "-" if self.sort.startswith("-") else ""
        name = self.sort.removeprefix("-")
        return rows.order_by(f"{sign}{name if name == 'entered_at' else case + name}", f"{sign}pk")
