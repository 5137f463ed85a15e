"""The clock of a work item as the target bar shows it (CT-22)."""

from datetime import datetime, timedelta
from functools import lru_cache

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from moothall.domain.cases import clock
from moothall.domain.cases.models import WorkItem
from moothall.domain.workflow.clock import Reckoning
from moothall.web.components.parts import Target


def target(item: WorkItem, now: datetime, language: str | None = None) -> Target | None:
    """The bar of a work item read by `clock.with_clock`; None when its stage has no target. Whoever shows many names the
    language in force."""
    reckoning = clock.reckon(item, now)
    if reckoning is None:
        return None
    return Target(
        band=reckoning.band,
        share=reckoning.elapsed,
        remaining=_remaining(reckoning, language or get_language()),
        due=reckoning.due,
        paused=reckoning.is_paused,
    )


def _remaining(reckoning: Reckoning, language: str | None) -> str:
    time, days = reckoning.remaining, reckoning.remaining_days
    if days is not None:
        working = reckoning.working_days
        return _over(abs(days), working, language) if reckoning.is_late else _left(days, working, language)
    minutes = max(1, round(abs(time).total_seconds() / 60))
    hours, minutes = divmod(minutes, 60)
    said = _("%(hours)sh %(minutes)smin") % {"hours": hours, "minutes": minutes} if hours else _("%smin") % minutes
    return (_("%s over") if time < timedelta() else _("%s left")) % said


@lru_cache(maxsize=1024)
def _over(days: int, working: bool, _language: str | None) -> str:
    if not days:  # on a weekend no working day has passed since the last of them ended
        return _("less than a day over")
    if working:
        return ngettext("%s working day over", "%s working days over", days) % days
    return ngettext("%s day over", "%s days over", days) % days


@lru_cache(maxsize=1024)
def _left(days: int, working: bool, _language: str | None) -> str:
    if days <= 0:
        return _("due today")
    if working:
        return ngettext("%s working day left", "%s working days left", days) % days
    return ngettext("%s day left", "%s days left", days) % days
