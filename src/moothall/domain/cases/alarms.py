"""Automatic stages that look again because their day has come, or because their customer was changed elsewhere."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TypeVar

from django.db import OperationalError

from moothall.core.accounts.actions import system_user
from moothall.core.audit import recording
from moothall.domain.cases import progress, waking
from moothall.domain.cases.locking import hold_item, lock
from moothall.domain.cases.models import Case, WorkItem

T = TypeVar("T")


def wake(*, at: datetime, most: int = 200) -> int:
    """Let automatic stages whose day has come move on; returns how many were looked at. Run every minute."""
    due = WorkItem.objects.open().filter(wakes_at__lte=at).order_by("wakes_at").values_list("pk", flat=True)
    return _each(list(due[:most]), _wake_item, at=at)


def customer_changed(customer_id: int, *, at: datetime) -> int:
    """Let automatic stages that wait for a change of a customer move on; returns how many cases were looked at."""
    return _each(list(waking.waiting(customer_id).order_by("pk")), _wake_case, at=at)


def _each(some: Sequence[T], wake_one: Callable[..., None], *, at: datetime) -> int:
    """Each in a transaction of its own. One whose case somebody holds too long is passed over, and raised at the end."""
    faults: list[Exception] = []
    for one in some:
        try:
            wake_one(one, at=at)
        except OperationalError as fault:
            faults.append(fault)
    if faults:
        raise ExceptionGroup("Some cases were held by somebody else.", faults)
    return len(some)


def _wake_item(pk: int, *, at: datetime) -> None:
    with recording.because(action="work_item.woken", by=system_user(), at=at):
        progress.look(hold_item(pk), at=at)


def _wake_case(case: Case, *, at: datetime) -> None:
    with recording.because(action="case.woken", by=system_user(), at=at):
        progress.happened(lock(case), event=waking.EVENT, at=at)
