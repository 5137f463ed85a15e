"""Telling the national service how its applications stand with us: in progress once a case is open, completed at its end.

Found by looking, not by being told, so that no way of opening or closing a case can forget it.
"""

from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef

from moothall.connectors.dft_blue_badge import KEY
from moothall.connectors.dft_blue_badge.operations import SET_STATUS
from moothall.core.accounts.actions import system_user
from moothall.domain.cases.models import Case
from moothall.domain.exchange import actions as exchange
from moothall.domain.exchange.models import Item

LOOK_BACK = timedelta(days=60)  # the connector may have been off for a while


def tell(*, at: datetime, most: int = 500) -> int:
    """Queue what the service does not know yet; returns how many items were queued."""
    since, ours = at - LOOK_BACK, Case.objects.filter(submission__source=KEY)
    said = Item.objects.filter(case=OuterRef("pk"), operation=SET_STATUS)
    opened = ours.filter(~Exists(said), opened_at__gte=since)
    closed = ours.filter(~Exists(said.filter(arguments__status="COMPLETED")), closed_at__gte=since)
    queued = 0
    for cases, status in ((opened, "INPROGRESS"), (closed, "COMPLETED")):
        for case in cases.select_related("submission", "service", "customer").order_by("pk")[:most]:
            key = f"{SET_STATUS} {case.submission.external_id} {status}"
            exchange.queue(
                case, SET_STATUS, arguments={"status": status}, key=key, by=system_user(), at=max(at, case.updated_at)
            )
            queued += 1
    return queued
