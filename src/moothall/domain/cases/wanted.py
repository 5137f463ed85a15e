"""What can be wanted of a work list, and how it begins."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from pydantic import Field

from moothall.core.council.settings import Section
from moothall.domain.cases.sought import Answered

Shown = Literal["blue", "amber", "red", "late", "none"]


class WorkListRules(Section):
    """How the work list begins: with `updated_days`, at what was updated in so many days or is late; 0: at everything."""

    section = "work_list"
    updated_days: int = Field(default=14, ge=0, le=3_650)


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """All that is given must hold. Days are whole and London's; `updated_to` is included."""

    case: str | None = None
    service: str | None = None
    workflow: str | None = None  # “blue_badge.application”
    stage: str | None = None
    type: str | None = None
    source: str | None = None
    tag: Sequence[str] = ()
    without_tag: Sequence[str] = ()
    assigned_to: Literal["me", "nobody", "anyone"] | int = (
        "anyone"  # or a user's number; of what is completed, who did it
    )
    state: Literal["active", "completed"] = "active"
    waiting_days_from: int | None = None
    waiting_days_to: int | None = None
    updated_from: date | None = (
        None  # of completed work when it was completed: two weeks ago, unless given or a case is named
    )
    updated_to: date | None = None
    holding: bool | None = None
    automatic: bool | None = None  # None: all that somebody may progress
    terminal: bool | None = None
    covering: Sequence[int] = ()  # colleagues whose work counts as one's own (“me”) while they are away
    ours: bool = False  # only stages that the user's groups progress
    target: Shown | None = None  # what the clock shows; “none”: without a target. Only of what is open
    kind: Literal["person", "organisation"] | None = None
    owner: Literal["me", "nobody"] | int | None = None  # or a user's number
    team: Literal["none"] | int | None = None  # or a security group's number
    opened_from: date | None = None
    opened_to: date | None = None
    due_from: date | None = None  # when the target ends; what stands still is not due. Only of what is open
    due_to: date | None = None
    outcome: str | None = None  # only of what is completed
    answers: Sequence[Answered] = ()
    ward: str | None = (
        None  # the code of the ward in which the customer lives; of services whose people the user may see
    )
    fresh_from: date | None = None  # of what is open: updated since this day, or late
    left_out: bool = False  # of what is open, what `fresh_from` leaves out, and nothing else
