"""Delivering what was submitted: each destination once, tried again while that makes sense, visible until it is done."""

from contextlib import suppress
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from moothall.core.accounts.models import User
from moothall.core.audit import recording
from moothall.domain.forms import destinations, submitting
from moothall.domain.forms.destinations import NotDelivered, Parcel
from moothall.domain.forms.models import Delivery, Submission


def deliver(delivery_id: int, *, at: datetime) -> None:
    """Make a delivery, unless it was made. One try is one transaction: what it did here is undone where it failed.

    Raises NotDelivered when another try makes sense.
    """
    try:
        with transaction.atomic():
            delivery = _locked(delivery_id)
            if delivery is None or delivery.state == Delivery.State.DONE:
                return
            journey = submitting.journey_of(delivery.submission)
            destination = journey.plan.form.destinations[delivery.place]
            parcel = Parcel(submission=delivery.submission, delivery=delivery, destination=destination, journey=journey)
            result = destinations.deliverer(delivery.kind)(parcel, at=at)
            done(delivery, result, at=at)
    except NotDelivered as problem:
        _failed(delivery_id, problem)
        if problem.retryable:
            raise


def deliver_now(submission: Submission, kind: str, *, at: datetime) -> None:
    """Make the deliveries of one kind at once, for whoever waits for what they lead to; those that fail are tried again."""
    for delivery in submission.deliveries.filter(kind=kind).exclude(state=Delivery.State.DONE):
        with suppress(NotDelivered):
            deliver(delivery.pk, at=at)


def done(delivery: Delivery, result: str, *, at: datetime) -> None:
    """Mark a delivery done, in the transaction that did it. `result` is what it is known by there."""
    delivery.state, delivery.result, delivery.problem, delivery.done_at = Delivery.State.DONE, result[:200], "", at
    delivery.attempts += 1
    delivery.save(update_fields=["state", "result", "problem", "done_at", "attempts"])
    destinations.tell(delivery, at=at)


def retry(delivery: Delivery, *, by: User, at: datetime) -> None:
    """Have a delivery tried again, after what was wrong was put right. One that is done stays so."""
    with recording.because(action="form.delivery_retried", by=by, at=at):
        row = _locked(delivery.pk)
        if row is None or row.state == Delivery.State.DONE:
            return
        row.state = Delivery.State.WAITING
        row.save(update_fields=["state"])
        submitting.queue(row)
        recording.record("form.delivery_retried", row, by=by, at=at)


def undelivered() -> QuerySet[Delivery]:
    """Deliveries that are not made yet, the oldest first."""
    open_ones = Delivery.objects.exclude(state=Delivery.State.DONE)
    return open_ones.select_related("submission__version__form").order_by("pk")


def _failed(delivery_id: int, problem: NotDelivered) -> None:
    with transaction.atomic():
        delivery = _locked(delivery_id)
        if delivery is not None and delivery.state != Delivery.State.DONE:
            delivery.state = Delivery.State.WAITING if problem.retryable else Delivery.State.FAILED
            delivery.attempts, delivery.problem = delivery.attempts + 1, str(problem)
            delivery.save(update_fields=["state", "attempts", "problem"])


def _locked(delivery_id: int) -> Delivery | None:
    rows = Delivery.objects.select_for_update(of=("self",)).select_related("submission__version")
    return rows.filter(pk=delivery_id).first()
