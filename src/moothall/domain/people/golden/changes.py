"""The changes of golden records in the order in which they can be read, for whoever follows them (ACC-6)."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import connection, transaction

from moothall.domain.people.models import Change

KEPT = timedelta(days=90)
SOME = 10_000
_LOCK = "SELECT pg_try_advisory_xact_lock(hashtextextended('people changes are placed', 0))"
_PLACE = """
    WITH waiting AS (
        SELECT id FROM people_change WHERE position IS NULL ORDER BY id LIMIT %s
    ), placed AS (
        SELECT id, nextval('people_change_position') AS position FROM (SELECT id FROM waiting ORDER BY id) AS ordered
    )
    UPDATE people_change SET position = placed.position FROM placed WHERE people_change.id = placed.id
"""


class TooOld(Exception):
    """Changes after this position are not kept any more: everything has to be read anew. May be shown to whoever asked."""


def place() -> int:
    """Give every change written by now its position; how many got one. Nothing while another process does."""
    number = 0
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_LOCK)
            if not cursor.fetchone()[0]:
                return number
            cursor.execute(_PLACE, [SOME])
            placed = int(cursor.rowcount)
        number += placed
        if placed < SOME:
            return number


def after(position: int, *, most: int) -> Sequence[Change]:
    """The changes after a position, in order. Raises TooOld where some of them are forgotten."""
    rows = Change.objects.filter(position__gt=position).order_by("position")[:most]
    oldest = Change.objects.exclude(position=None).order_by("position").values_list("position", flat=True).first()
    if position and oldest and position < oldest - 1:
        raise TooOld(
            f"Changes before {oldest} are not kept any more: read every record anew, then go on after {last()}."
        )
    return list(rows)


def last() -> int:
    """The newest position, or 0."""
    newest = Change.objects.exclude(position=None).order_by("-position").values_list("position", flat=True).first()
    return int(newest or 0)


def forget(*, at: datetime) -> int:
    """Delete changes that are no longer kept, but for the last; how many they were."""
    old = Change.objects.filter(at__lt=at - KEPT, position__lt=last())
    return old.delete()[0]
