"""What a change of a customer means for their other cases: automatic stages that read the customer look again."""

from datetime import datetime

from procrastinate.contrib.django import app

from moothall.core.accounts.actions import system_user
from moothall.core.audit import recording
from moothall.domain.cases import progress
from moothall.domain.cases.locking import lock
from moothall.domain.cases.models import Case, CaseQuerySet, WorkItem

TASK = "cases.customer_changed"
EVENT = "customer"


def other_cases(case: Case) -> None:
    """After the customer of `case` changed: queue a job, in this transaction, that wakes their other cases.

    A job, because each case is locked in a transaction of its own: two changes at once cannot wait for each other.
    """
    if _waiting(case.customer_id).exclude(pk=case.pk).exists():
        app.configure_task(TASK).defer(customer_id=case.customer_id)


def wake(customer_id: int, *, at: datetime) -> int:
    """Let automatic stages of a customer's cases that wait for a change of the customer move on; returns how many
    cases were looked at."""
    cases = list(_waiting(customer_id).order_by("pk"))
    for case in cases:
        with recording.because(action="case.woken", by=system_user(), at=at):
            progress.happened(lock(case), event=EVENT, at=at)
    return len(cases)


def _waiting(customer_id: int) -> CaseQuerySet:
    items = WorkItem.objects.open().filter(wakes_on__contains=[EVENT])
    return Case.objects.filter(customer=customer_id, pk__in=items.values("case_id"))
