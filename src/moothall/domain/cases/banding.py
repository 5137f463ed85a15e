"""Work items by what their clock shows, asked of the database although no due time is stored (CT-21, CT-22).

A clock that was never paused nor extended shows nothing but how long ago its stage was entered: so for each target there is
a moment, and what was entered before it is at least amber, red or late. The few clocks that were paused or extended are
reckoned one by one.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Literal

from django.db.models import Exists, OuterRef, Q

from moothall.domain.cases import clock
from moothall.domain.cases.models import Extension, Pause, WorkItemQuerySet
from moothall.domain.workflow import published
from moothall.domain.workflow.clock import Band, ClockInputs, reckon
from moothall.domain.workflow.models import Stage
from moothall.domain.workflow.parts import Target
from moothall.kit.calendars import Calendar

Shown = Literal["blue", "amber", "red", "late", "none"]
_BANDS: tuple[Band, ...] = ("blue", "amber", "red", "late")
_LONGEST = timedelta(days=3650)
_EXACTLY = timedelta(seconds=1)


def showing(items: WorkItemQuerySet, shown: Shown, *, stages: Iterable[Stage], now: datetime) -> WorkItemQuerySet:
    """The open items among `items`, of these stages, whose clock shows this band at `now`; “none”: without a target."""
    targets: dict[Target | None, list[int]] = {}
    for stage in stages:
        target = published.workflow(stage.version_id).stage(stage.key).target
        targets.setdefault(target, []).append(stage.pk)
    if shown == "none":
        return items.filter(stage__in=targets.get(None, []))
    untouched = ~Exists(Pause.objects.filter(item=OuterRef("pk"))) & ~Exists(
        Extension.objects.filter(item=OuterRef("pk"))
    )
    touched = clock.with_clock(items.filter(~untouched)).order_by("pk").iterator(chunk_size=1000)
    reckoned = [item.pk for item in touched if (found := clock.reckon(item, now)) and found.band == shown]
    level = _BANDS.index(shown)
    plain = Q(pk__in=[])
    calendar = clock.calendar()
    for target, numbers in targets.items():
        if target is None:
            continue
        here = Q(stage__in=numbers)
        if level:
            here &= Q(entered_at__lte=_since(target, calendar, level, now))
        if shown != "late":
            here &= Q(entered_at__gt=_since(target, calendar, level + 1, now))
        plain |= here
    return items.filter(Q(pk__in=reckoned) | untouched & plain)


def _since(target: Target, calendar: Calendar, level: int, now: datetime) -> datetime:
    """What was entered then or before shows at least this level now."""
    return _reckoned(target, calendar, level, now.replace(microsecond=0))


@lru_cache(maxsize=4096)
def _reckoned(target: Target, calendar: Calendar, level: int, now: datetime) -> datetime:
    def reached(entered: datetime) -> bool:
        band = reckon(ClockInputs(start=entered, target=target, calendar=calendar), now).band
        return _BANDS.index(band) >= level

    step = timedelta(minutes=1)
    while not reached(now - step):
        step *= 2
        if step > _LONGEST:
            return now - _LONGEST
    older, newer = now - step, now
    while newer - older > _EXACTLY:
        middle = older + (newer - older) / 2
        if reached(middle):
            older = middle
        else:
            newer = middle
    return older
