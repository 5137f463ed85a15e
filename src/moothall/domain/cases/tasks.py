"""What happens on cases later or elsewhere."""

from uuid import UUID

from django.utils import timezone
from procrastinate.contrib.django import app

from moothall.core.accounts.models import User
from moothall.core.leases import database_clock
from moothall.domain.cases import (
    alarms,
    batches,
    delivery,
    merged,
    moves,
    reminding,
    renaming,
    requests,
    reviews,
    turning,
    waking,
)
from moothall.domain.cases.models import Move, Run
from moothall.domain.workflow.models import WorkflowVersion
from moothall.kit.calendars import LONDON


@app.periodic(cron="* * * * *")
@app.task(name="cases.wake", queueing_lock="cases.wake")
def wake(timestamp: int) -> None:  # noqa: ARG001 - when the job was due
    """Let automatic stages whose day has come move on."""
    alarms.wake(at=timezone.now())


@app.task(name=waking.TASK)
def customer_changed(*, customer_id: int) -> None:
    """Let automatic stages of a customer's cases move on that read the customer. A second time finds nothing to do."""
    alarms.customer_changed(customer_id, at=timezone.now())


@app.periodic(cron="* * * * *")
@app.task(name="cases.read_clocks", queueing_lock="cases.read_clocks")
def read_clocks(timestamp: int) -> None:  # noqa: ARG001
    """Work out when clocks turn whose moments are not noted, or were before the calendar changed; and note what turned."""
    turning.catch_up(at=timezone.now())
    turning.settle()


@app.periodic(cron="* * * * *")
@app.task(name="cases.follow_names", lock="cases.follow_names", queueing_lock="cases.follow_names")
def follow_names(timestamp: int = 0) -> None:  # noqa: ARG001 - a trigger queues it too, and gives none
    """Have work lines say the names that users, teams and services have now."""
    renaming.follow(at=timezone.now())


@app.periodic(cron="5 * * * *")
@app.task(name="cases.chase_requests", queueing_lock="cases.chase_requests")
def chase_requests(timestamp: int) -> None:  # noqa: ARG001
    """Remind applicants of requests, and close those whose last day has passed."""
    now = timezone.now()
    today = now.astimezone(LONDON).date()
    requests.remind_due(today=today, at=now)
    requests.close_due(today=today, at=now)


@app.periodic(cron="15 * * * *")
@app.task(name="cases.remind_of_intentions", queueing_lock="cases.remind_of_intentions")
def remind_of_intentions(timestamp: int) -> None:  # noqa: ARG001
    """Remind colleagues of what they are to do, on the day they asked for."""
    now = timezone.now()
    reminding.remind_due(today=now.astimezone(LONDON).date(), at=now)


@app.periodic(cron="15 6 * * *")
@app.task(name="cases.tell_of_reviews", queueing_lock="cases.tell_of_reviews")
def tell_of_reviews(timestamp: int) -> None:  # noqa: ARG001
    """Tell officers of flags and notes that are due to be looked at again."""
    reviews.tell(at=timezone.now())


@app.periodic(cron="50 2 * * *")
@app.task(name="cases.merge_customers", queueing_lock="cases.merge_customers")
def merge_customers(timestamp: int) -> None:  # noqa: ARG001
    """Merge customers by themselves that are likely enough one, where the council set from when."""
    merged.by_themselves(at=timezone.now())


@app.task(name="cases.move_versions")
def move_versions(*, batch: str, old: int, new: int, mapping: dict[str, str], by: int) -> None:
    """Move every run of one workflow version to another, a result each. Taken up again, it goes on where it was."""
    version = WorkflowVersion.objects.get(pk=new)
    mover = User.objects.get(pk=by)
    for run_id in Run.objects.filter(version=old, ended_at=None).order_by("pk").values_list("pk", flat=True).iterator():
        moves.move(run_id, version, batch=UUID(batch), mapping=mapping, by=mover, at=timezone.now())


@app.task(name="cases.move_back")
def move_back(*, batch: str, earlier: str, by: int) -> None:
    """Put every run a batch moved back where it came from, a result each. Taken up again, it goes on where it was."""
    mover = User.objects.get(pk=by)
    moved = Move.objects.filter(batch=earlier, result=Move.Result.MOVED).select_related("from_stage", "to_stage")
    for move in moved.order_by("pk").iterator():
        moves.try_back(move, batch=UUID(batch), by=mover, at=timezone.now())


@app.task(name=batches.TASK)
def work_through(*, batch_id: int) -> None:
    """Do what a batch asks with each of its cases. Taken up again, it goes on where it was."""
    batches.work_through(batch_id)


@app.periodic(cron="37 3 * * *")
@app.task(name="cases.forget_batches", queue="housekeeping")
def forget_batches(timestamp: int) -> None:  # noqa: ARG001
    """Delete batches that are older than ninety days."""
    batches.forget(before=timezone.now() - batches.KEPT)


@app.task(name=delivery.TASK)
def deliver(*, message_id: int) -> None:
    """Send one message, or produce its letter."""
    delivery.deliver(message_id, at=database_clock())


@app.periodic(cron="* * * * *")
@app.task(name="cases.deliver_stranded", queueing_lock="cases.deliver_stranded")
def deliver_stranded(timestamp: int) -> None:  # noqa: ARG001
    """Take up again messages whose delivery was interrupted."""
    delivery.take_up(at=database_clock())
