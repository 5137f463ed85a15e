"""Where in the order of a work list what is wanted of it can be, so that no line before it is looked at."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from django.db.models import F, Q
from django.utils import timezone

from moothall.core.accounts.models import User
from moothall.core.accounts.permissions import Permission
from moothall.domain.cases import marks, renaming, sought, worklist
from moothall.domain.cases.models import NO_BAND, WorkLine
from moothall.domain.cases.seeking import Stretch
from moothall.domain.cases.wanted import Shown, Wanted
from moothall.domain.workflow.models import Stage
from moothall.domain.workflow.turns import BANDS
from moothall.kit.calendars import LONDON, midnight

AS_WRITTEN = timedelta(minutes=1)
"""How far from the present a moment may be at which lines are as they were written, but for those that have turned since."""

EACH = 6
"""Services, stages or people, at most, whose lines are each walked along for themselves."""


def of(
    wanted: Wanted,
    column: str,
    *,
    user: User,
    stages: Iterable[Stage],
    now: datetime,
    services: Mapping[str, tuple[int, str]],
) -> Sequence[Stretch]:
    """Where in the order of this column of the lines what is wanted can be, for `seeking.along`; of what is completed, where
    in the order it was finished in.

    `stages` are those the user sees, `services` the number and name of every service by its key.
    """
    here = [stage for stage in stages if worklist.fits(stage, wanted, user)]
    if wanted.state == "completed":
        return [Stretch(_of_finished(wanted, user, here))]
    mine = user.reached(Permission.VIEW_CASES, Permission.VIEW_WORK)
    match column:
        case "type" | "source" | "terminal":
            value = getattr(wanted, column)
            return [Stretch(Q() if value is None else Q(**{column: value}))]
        case "workflow":
            return [Stretch(Q(workflow__in=sorted({stage.version.workflow.key for stage in here})))]
        case "stage_name":
            return [Stretch(Q(stage_name__in=sorted({stage.name for stage in here})))]
        case "service_name" if mine is not None and not renaming.service_goes_on():
            return [Stretch(Q(service_name__in=sorted({services[key][1] for key in mine if key in services})))]
        case "reference" | "team_name" if mine is not None and len(mine) <= EACH:
            each = [services[key][0] for key in sorted(mine) if key in services]
            return [Stretch.of(Q(), "service_id", number) for number in each] or [Stretch()]
        case "entered_at":
            return _by_entering(wanted, user, here, now)
    if column == "late_after" and wanted.target in {"blue", "amber", "red", "late"}:
        return [Stretch(Q(late_after__lt=now) if wanted.target == "late" else Q(late_after__gte=now))]
    return [Stretch(_times_of(column, wanted, now))]


def _times_of(column: str, wanted: Wanted, now: datetime) -> Q:
    times = worklist.times_of(wanted, now, case="")
    return Q(**{name: value for name, value in times.items() if name.startswith(f"{column}__")})


def _by_entering(wanted: Wanted, user: User, stages: Sequence[Stage], now: datetime) -> Sequence[Stretch]:
    """Of whose they are, at which stage and of what colour, what fewest lines are, each when they can have been entered."""
    here, odd = _times_of("entered_at", wanted, now), []
    if wanted.opened_from:
        after = midnight(wanted.opened_from)
        before = Q(entered_at__lt=after) & Q(entered_at__lt=F("opened_at"), opened_at__gte=after)
        odd = [Stretch(here & before)]  # hardly any: an index has these alone
        here &= Q(entered_at__gte=after)
    few = wanted.target in {"amber", "red"}  # so that their colour leads to fewer than an answer does
    due, answered = _due(wanted, now), _answered(wanted)
    covers = [*due, *answered] if few else [*answered, *due]
    if due or (answered and not few):
        return [*_in_cover(covers[0], wanted, here, begins=tuple(covers[1:])), *odd]
    updated = _since(wanted.updated_from) if wanted.updated_from else [Q()]
    each = _each(wanted, user, stages, now, here, [here & one for one in updated])
    return [*(replace(one, begins=tuple(covers)) for one in each), *odd]


def _each(
    wanted: Wanted, user: User, stages: Sequence[Stage], now: datetime, here: Q, times: list[Q]
) -> Sequence[Stretch]:
    """The stretches among what was entered `here`, which is at one of these times."""
    if wanted.target == "none":
        return [Stretch.of(when, "band", NO_BAND) for when in times]
    shown = (
        _of_colour(wanted.target, here, times, now) if wanted.target and abs(timezone.now() - now) < AS_WRITTEN else []
    )
    if shown and wanted.target != "late":  # most are late, and the others few
        return shown
    whose = [user.pk, *wanted.covering] if wanted.assigned_to == "me" else [wanted.assigned_to]
    numbers = [one for one in whose if isinstance(one, int)]
    if 0 < len(numbers) <= EACH:
        return [Stretch.of(when, "assigned_to_id", number) for number in numbers for when in times]
    if wanted.stage and 0 < len(stages) <= EACH:
        return [Stretch.of(when, "stage_id", stage.pk) for stage in stages for when in times]
    if wanted.terminal:
        return [Stretch(when & Q(terminal=True)) for when in times]
    for lead, value in (("type", wanted.type), ("workflow", wanted.workflow)):
        if value is not None:
            return [Stretch.of(when, lead, value) for when in times]
    return shown or [Stretch(when) for when in times]


def _answered(wanted: Wanted) -> list[marks.Cover]:
    """The marks of the answers that are to lie in a range: all that is wanted has one of each."""
    return [marks.values(sought.name(one.key), one.least, one.most) for one in worklist.ranges(wanted)]


def _due(wanted: Wanted, now: datetime) -> list[marks.Cover]:
    """The marks, if any, of which all that is wanted has one since its target ends on some days."""
    today = now.astimezone(LONDON).date()
    if wanted.target in {"blue", "amber", "red"}:  # none of these was to end before today
        return [marks.due(max(wanted.due_from or today, today), wanted.due_to)] if wanted.due_to else []
    return [marks.due(wanted.due_from, wanted.due_to)] if wanted.due_from else []


def _in_cover(cover: marks.Cover, wanted: Wanted, here: Q, *, begins: tuple[marks.Cover, ...]) -> Sequence[Stretch]:
    """The stretches of what has these marks and was entered `here`."""
    if not wanted.updated_from:
        return [Stretch(here, cover=cover, begins=begins)]
    since = midnight(wanted.updated_from)
    return [
        Stretch(here & Q(entered_at__gte=since), cover=cover, begins=begins),
        Stretch(here & Q(moved=True, entered_at__lt=since), begins=(cover, *begins)),
    ]


def _of_colour(target: Shown, here: Q, times: list[Q], now: datetime) -> list[Stretch]:
    band = BANDS.index(target)
    turned = WorkLine.objects.filter(turns_at__lte=now).order_by("turns_at").values("pk")
    return [
        *(Stretch.of(when, "band", band) for when in times),
        Stretch(here & ~Q(band=band) & Q(pk__in=turned)),
    ]


def _of_finished(wanted: Wanted, user: User, stages: Sequence[Stage]) -> Q:
    """What an index of what is finished begins with: who did it, or its stage."""
    if wanted.assigned_to != "anyone" and not (wanted.assigned_to == "me" and wanted.covering):
        return worklist.whose_it_is(wanted, user)
    return Q(stage=stages[0]) if len(stages) == 1 else Q()


def _since(day: date) -> list[Q]:
    """When the stage was entered of what was updated on a day or since: then too, but for what moved on a later day."""
    return [Q(moved=False, entered_at__gte=midnight(day)), Q(moved=True)]
