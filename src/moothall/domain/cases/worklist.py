"""Which work items are asked for, however they are asked for: the one place that reads the filters of a work list."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal

from django.db.models import Q

from moothall.core.accounts.models import User
from moothall.domain.cases.models import WorkItemQuerySet
from moothall.kit import references
from moothall.kit.calendars import LONDON

LATELY = timedelta(days=14)
TERMINAL = "terminal_illness"
"""The tag of a case that cannot wait (CT-20). A service that has such cases declares it."""


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
    assigned_to: Literal["me", "nobody", "anyone"] | int = "anyone"  # or the number of a user
    state: Literal["active", "completed"] = "active"
    waiting_days_from: int | None = None
    waiting_days_to: int | None = None
    updated_from: date | None = None  # for completed work two weeks ago, unless it is given or a case is named
    updated_to: date | None = None
    holding: bool | None = None
    automatic: bool | None = None  # None: all that somebody may progress
    terminal: bool | None = None
    covering: Sequence[int] = ()  # colleagues whose work counts as one's own (“me”) while they are away
    ours: bool = False  # only stages that the user's groups progress


def narrow(items: WorkItemQuerySet, wanted: Wanted, *, user: User, now: datetime) -> WorkItemQuerySet:
    """The items among `items` that are wanted. Raises kit.Invalid for a malformed reference."""
    exact = {
        "case__reference": references.normalise(wanted.case) if wanted.case is not None else None,
        "case__service__key": wanted.service,
        "run__version__workflow__key": wanted.workflow,
        "stage__key": wanted.stage,
        "case__type": wanted.type,
        "case__source": wanted.source,
        "stage__holding": wanted.holding,
        "stage__automatic": wanted.automatic,
    }
    items = items.filter(**{name: value for name, value in exact.items() if value is not None})
    items = items.filter(finished_at__isnull=wanted.state == "active")
    if wanted.automatic is None:
        items = items.exclude(stage__automatic=True, stage__progress=[])
    if wanted.tag:
        items = items.filter(case__tags__contains=list(wanted.tag))
    if wanted.without_tag:
        items = items.exclude(case__tags__overlap=list(wanted.without_tag))
    if wanted.terminal is not None:
        terminal = Q(case__tags__contains=[TERMINAL])
        items = items.filter(terminal if wanted.terminal else ~terminal)
    if wanted.ours:
        items = items.filter(stage__progress__overlap=sorted(user.group_keys))
    return _at_the_time(items.filter(_whose(wanted, user)), wanted, now)


def _whose(wanted: Wanted, user: User) -> Q:
    if wanted.assigned_to == "anyone":
        return Q()
    if wanted.assigned_to == "nobody":
        return Q(assigned_to=None)
    if wanted.assigned_to == "me":
        return Q(assigned_to__in=[user.pk, *wanted.covering])
    return Q(assigned_to=wanted.assigned_to)


def _at_the_time(items: WorkItemQuerySet, wanted: Wanted, now: datetime) -> WorkItemQuerySet:
    if wanted.waiting_days_from is not None:
        items = items.filter(entered_at__lte=now - timedelta(days=wanted.waiting_days_from))
    if wanted.waiting_days_to is not None:
        items = items.filter(entered_at__gte=now - timedelta(days=wanted.waiting_days_to))
    if wanted.updated_from:
        items = items.filter(case__updated_at__gte=datetime.combine(wanted.updated_from, time(), LONDON))
    elif wanted.state == "completed" and wanted.case is None:
        items = items.filter(case__updated_at__gte=now - LATELY)
    if wanted.updated_to:
        until = datetime.combine(wanted.updated_to, time(), LONDON) + timedelta(days=1)
        items = items.filter(case__updated_at__lt=until)
    return items
