"""Which work items are asked for: unless said otherwise, every open one that somebody may progress by hand."""

from datetime import datetime, time, timedelta
from typing import Literal

from pydantic import Field

from moothall.core.accounts.models import User
from moothall.domain.cases.models import WorkItemQuerySet
from moothall.kit import references
from moothall.kit.calendars import LONDON
from moothall.web.api.paging import PageQuery
from moothall.web.api.schemas import Day, ReferenceText

LATELY = timedelta(days=14)


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

    def narrow(self, items: WorkItemQuerySet, *, user: User, now: datetime) -> WorkItemQuerySet:
        """The items among `items` for which everything given holds."""
        exact = {
            "case__reference": references.normalise(self.case) if self.case is not None else None,
            "case__service__key": self.service,
            "run__version__workflow__key": self.workflow,
            "stage__key": self.stage,
            "case__type": self.type,
            "stage__holding": self.holding,
            "stage__automatic": self.automatic,
        }
        items = items.filter(**{name: value for name, value in exact.items() if value is not None})
        items = items.filter(finished_at__isnull=self.state == "active")
        if self.automatic is None:
            items = items.exclude(stage__automatic=True, stage__progress=[])
        if self.tag:
            items = items.filter(case__tags__contains=self.tag)
        if self.without_tag:
            items = items.exclude(case__tags__overlap=self.without_tag)
        if self.assigned_to == "me":
            items = items.filter(assigned_to=user)
        if self.assigned_to == "nobody":
            items = items.filter(assigned_to=None)
        return self._narrow_times(items, now)

    def _narrow_times(self, items: WorkItemQuerySet, now: datetime) -> WorkItemQuerySet:
        if self.waiting_days_from is not None:
            items = items.filter(entered_at__lte=now - timedelta(days=self.waiting_days_from))
        if self.waiting_days_to is not None:
            items = items.filter(entered_at__gte=now - timedelta(days=self.waiting_days_to))
        if self.updated_from:
            items = items.filter(case__updated_at__gte=datetime.combine(self.updated_from, time(), LONDON))
        elif self.state == "completed" and self.case is None:
            items = items.filter(case__updated_at__gte=now - LATELY)
        if self.updated_to:
            until = datetime.combine(self.updated_to, time(), LONDON) + timedelta(days=1)
            items = items.filter(case__updated_at__lt=until)
        return items

    def ordered(self, items: WorkItemQuerySet) -> WorkItemQuerySet:
        """`items` in the order asked for, ties by row."""
        sign = "-" if self.sort.startswith("-") else ""
        name = self.sort.removeprefix("-")
        column = name if name == "entered_at" else f"case__{name}"
        return items.order_by(f"{sign}{column}", f"{sign}id")
