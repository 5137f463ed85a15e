"""Where in the order of their entering open work items of a colour are: for finding them, never for showing (CT-21, CT-22).

A clock that was never paused nor extended shows nothing but how long ago its stage was entered. So for each target there is
a moment, and what was entered before it is at least amber, red or late.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import lru_cache

from moothall.domain.cases import clock
from moothall.domain.workflow import published
from moothall.domain.workflow.clock import ClockInputs, reckon
from moothall.domain.workflow.models import Stage
from moothall.domain.workflow.parts import Target
from moothall.domain.workflow.turns import ALWAYS, BANDS, NEVER, Band
from moothall.kit.calendars import Calendar

_HOUR = timedelta(hours=1)
_LONGEST = timedelta(days=3650)
_NEAR_ENOUGH = timedelta(minutes=10)


def target_of(stage: Stage) -> Target | None:
    """The target of a stage, as its version says."""
    return published.workflow(stage.version_id).stage(stage.key).target


def entered(band: Band, stages: Iterable[Stage], now: datetime) -> dict[int, tuple[datetime, datetime]]:
    """For each of these stages with a target, after when and until when all clocks of this colour began that nobody touched.

    A little too wide: it is worked out for the whole hours before and after, so that it is kept for an hour.
    """
    hour = now.replace(minute=0, second=0, microsecond=0)
    level, calendar = BANDS.index(band), clock.calendar()
    found = {}
    for stage in stages:
        if target := target_of(stage):
            first = _turned(target, calendar, level + 1, hour)[0] if band != "late" else ALWAYS
            last = _turned(target, calendar, level, hour + _HOUR)[1] if level else NEVER
            found[stage.pk] = first, last
    return found


@lru_cache(maxsize=4096)
def _turned(target: Target, calendar: Calendar, level: int, now: datetime) -> tuple[datetime, datetime]:
    """Two moments near to each other: what was entered at the first shows at least this level now, at the second less."""

    def reached(entered: datetime) -> bool:
        return BANDS.index(reckon(ClockInputs(start=entered, target=target, calendar=calendar), now).band) >= level

    step = timedelta(hours=1)
    while not reached(now - step):
        step *= 2
        if step > _LONGEST:
            return now - _LONGEST, now
    older, newer = now - step, now
    while newer - older > _NEAR_ENOUGH:
        middle = older + (newer - older) / 2
        older, newer = (middle, newer) if reached(middle) else (older, middle)
    return older, newer
