"""What Blue Badge workflows do that no effect of the platform does."""

from moothall.connectors.dft_blue_badge import KEY
from moothall.domain.cases.effects import Occasion, hook
from moothall.domain.cases.models import Submission
from moothall.domain.exchange.actions import cancel, queue
from moothall.domain.exchange.models import Item


@hook("blue_badge.withdraw")
def withdraw(occasion: Occasion) -> None:
    """Cancel what this run put on the queue and nobody was told yet, so that it can be put there again, corrected.

    Raises QueueRefusal when the national service may have been told already.
    """
    stays = list(occasion.run.items.values_list("pk", flat=True))
    queued = Item.objects.filter(case=occasion.case, arguments__work_item__in=stays)
    for item in queued.unsettled().order_by("pk"):
        cancel(item, reason=f"{occasion.outcome.name}.", by=occasion.by, at=occasion.at)


@hook("blue_badge.decided")
def decided(occasion: Occasion) -> None:
    """Have the national service show the application this case came from as completed, once."""
    application = Submission.objects.filter(case=occasion.case, source=KEY).first()
    if application:
        queue(
            occasion.case,
            f"{KEY}.set_status",
            arguments={"status": "COMPLETED"},
            key=f"{KEY}.set_status {application.external_id} COMPLETED",
            by=occasion.by,
            at=occasion.at,
        )
