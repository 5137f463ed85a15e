"""When clocks turn, worked out anew where it is not noted: rows written around the clock (a trigger sees it), and all of
them when the council's nation, the bank holidays or the rules change."""

from datetime import datetime

from django.db import connection, transaction
from django.db.models import Q

from moothall.domain.cases import clock
from moothall.domain.cases.models import WorkItem, WorkLine

SOME = 500
SETTLED = 5_000


def settle() -> int:
    """Have every line say the colour its clock shows now; how many had another. `SETTLED` in a transaction."""
    turned = 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute("SELECT cases_workline_turn(%s)", [SETTLED])
            some: int = cursor.fetchone()[0]
        turned += some
        if some < SETTLED:
            return turned


def catch_up(*, at: datetime, most: int = 20_000) -> int:
    """Work out what is not noted, or was by another calendar or other rules; how many there were, `most` at most.

    Some at a time, each lot in a transaction of its own: interrupted, it goes on where it was.
    """
    done = 0
    while done < most:
        by = clock.turns_by()
        stale = WorkLine.objects.filter(Q(turns_by__lt=by) | Q(turns_by__gt=by))
        with transaction.atomic():
            some = list(stale.values_list("pk", flat=True)[:SOME])
            held = WorkItem.objects.select_for_update(no_key=True, skip_locked=True).filter(pk__in=some)
            written = clock.note_turns(held.order_by("pk").values_list("pk", flat=True), at=at)
        if not written:
            break
        done += written
    return done
