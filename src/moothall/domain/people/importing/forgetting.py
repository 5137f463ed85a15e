"""What imports brought is not kept: what rows said goes after a month, and after a year what became of them."""

from datetime import datetime, timedelta

from django.db import transaction

from moothall.core.accounts.actions import system_user
from moothall.domain.people.importing import running
from moothall.domain.people.models import Import, ImportKey, ImportRow

CELLS_KEPT = timedelta(days=30)
ROWS_KEPT = timedelta(days=365)
_SOME = 10_000


def forget(*, at: datetime) -> None:
    """Give up imports that nobody went on with for a month; empty the rows of old ones, and delete older ones."""
    old = Import.objects.filter(told_at__lt=at - CELLS_KEPT)
    for one in old.filter(state__in=(*running.CAN_BE_SET_UP, *running.GOING_ON)).order_by("pk"):
        running.cancel(one, by=system_user(), at=at)
    for one in Import.objects.filter(begun_at__lt=at - CELLS_KEPT).exclude(
        state__in=(*running.CAN_BE_SET_UP, *running.GOING_ON)
    ):
        while _empty(one):
            pass
    for one in Import.objects.filter(told_at__lt=at - ROWS_KEPT):
        with transaction.atomic():
            ImportRow.objects.filter(importing=one).delete()
            ImportKey.objects.filter(importing=one).delete()
            one.delete()


def _empty(one: Import) -> int:
    rows = ImportRow.objects.filter(importing=one).exclude(cells=[])[:_SOME].values("pk")
    return ImportRow.objects.filter(pk__in=list(rows.values_list("pk", flat=True))).update(cells=[], uprn="")
