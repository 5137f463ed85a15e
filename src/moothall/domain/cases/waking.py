"""What a change of a customer means for their cases: automatic stages that read the customer look again.

Conditions read their tags, their age and whether they have a National Insurance number. Tags are put on from a case, by
hand (`tagging`) or by an outcome (`progress`), which sees to that case itself: `other_cases`. The rest changes with the
person, on no case: `every_case`, which `people.deciding` calls.
"""

from procrastinate.contrib.django import app

from moothall.domain.cases.models import Case, CaseQuerySet, WorkItem
from moothall.domain.people import deciding

TASK = "cases.customer_changed"
EVENT = "customer"


def other_cases(case: Case) -> None:
    """After the customer of `case` changed: queue a job, in this transaction, that wakes their other cases.

    A job, because each case is locked in a transaction of its own: two changes at once cannot wait for each other.
    """
    if waiting(case.customer_id).exclude(pk=case.pk).exists():
        _queue(case.customer_id)


def every_case(customer_id: int) -> None:
    """After a customer changed: as `other_cases`, for all their cases."""
    if waiting(customer_id).exists():
        _queue(customer_id)


def waiting(customer_id: int) -> CaseQuerySet:
    """The customer's cases on which an automatic stage waits for a change of the customer."""
    items = WorkItem.objects.open().filter(wakes_on__contains=[EVENT])
    return Case.objects.filter(customer=customer_id, pk__in=items.values("case_id"))


def _queue(customer_id: int) -> None:
    app.configure_task(TASK).defer(customer_id=customer_id)


deciding.heard_by(every_case)
