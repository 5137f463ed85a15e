"""What a change of a customer means for their other cases: automatic stages that read the customer look again."""

from procrastinate.contrib.django import app

from moothall.domain.cases.models import Case, CaseQuerySet, WorkItem

TASK = "cases.customer_changed"
EVENT = "customer"


def other_cases(case: Case) -> None:
    """After the customer of `case` changed: queue a job, in this transaction, that wakes their other cases.

    A job, because each case is locked in a transaction of its own: two changes at once cannot wait for each other.
    """
    if waiting(case.customer_id).exclude(pk=case.pk).exists():
        app.configure_task(TASK).defer(customer_id=case.customer_id)


def waiting(customer_id: int) -> CaseQuerySet:
    """The customer's cases on which an automatic stage waits for a change of the customer."""
    items = WorkItem.objects.open().filter(wakes_on__contains=[EVENT])
    return Case.objects.filter(customer=customer_id, pk__in=items.values("case_id"))
