"""What Blue Badge workflows do that no effect of the platform does."""

from moothall.domain.cases.effects import Occasion, hook
from moothall.domain.exchange.actions import cancel
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
