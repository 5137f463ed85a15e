"""Which work items are asked for, however they are asked for: the one place that reads the filters of a work list.

What is open is looked for among the work lines, which hold all that is asked for in one table; what is completed, among the
work items.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta

from django.db.models import F, Q, QuerySet
from django.utils import timezone

from moothall.core.accounts.models import User
from moothall.core.accounts.permissions import Permission
from moothall.core.compiled import compiled
from moothall.domain.cases import homes, marks, renaming, sought
from moothall.domain.cases.models import NO_BAND, RunValue, WorkItem, WorkItemQuerySet, WorkLine, WorkLineQuerySet
from moothall.domain.cases.seeking import Stretch
from moothall.domain.cases.sought import Answered
from moothall.domain.cases.wanted import Shown, Wanted
from moothall.domain.workflow import published
from moothall.domain.workflow.models import Stage
from moothall.domain.workflow.turns import ALWAYS, BANDS, NEVER
from moothall.kit import references
from moothall.kit.calendars import LONDON

LATELY, DAY = timedelta(days=14), timedelta(days=1)
AS_WRITTEN = timedelta(minutes=1)
"""How far from the present a moment may be at which lines are as they were written, but for those that have turned since."""

EACH = 6
"""Services, stages or people, at most, whose lines are each walked along for themselves."""


TERMINAL = "terminal_illness"
"""The tag of a case that cannot wait (CT-20). A service that has such cases declares it."""


def stages_seen(user: User) -> list[Stage]:
    """The stages the user's groups see, of every version."""
    return published.stages_by_row(_numbers(user))


def seen(user: User) -> "QuerySet[Stage]":
    """The rows of the stages the user's groups see, of every version."""
    return Stage.objects.filter(see__overlap=sorted(user.group_keys)).order_by("version_id", "order")


@compiled
def _numbers(user: User) -> "QuerySet[Stage, int]":
    return seen(user).values_list("pk", flat=True)


def waiting(
    wanted: Wanted,
    *,
    user: User,
    stages: Iterable[Stage],
    now: datetime,
    services: Mapping[str, int] | None = None,
) -> WorkLineQuerySet:
    """The lines of open work that are wanted and that the user may see. Raises kit.Invalid for a malformed reference.

    `stages` are those the user sees; `services`, for whoever knows them, the numbers of all services by their keys.
    """
    if {*wanted.tag} & {*wanted.without_tag}:
        return WorkLine.objects.none()
    here = [stage for stage in stages if _fits(stage, wanted, user)]
    lines = WorkLine.objects.visible_to(user, here, services)
    if wanted.case is not None:
        lines = lines.filter(reference=references.normalise(wanted.case))
    if wanted.service:
        number = services.get(wanted.service, 0) if services is not None else None
        lines = lines.filter(service__key=wanted.service) if number is None else lines.filter(service=number)
    if wanted.ward:
        lines = lines.filter(homes.in_ward(wanted.ward, user))
    kinds = [*wanted.tag, *([TERMINAL] if wanted.terminal else []), *_words(wanted, user)]
    if kinds:
        lines = lines.filter(kinds__contains=sorted(kinds))
    for one in wanted.answers:
        if len(one.said) > 1:
            lines = lines.filter(kinds__overlap=one.words)
    for one in _ranges(wanted):
        lines = lines.filter(run__in=_in_range(one))
    if wanted.fresh_from:
        since = datetime.combine(wanted.fresh_from, time(), LONDON)
        kept = Q(updated_at__gte=since) | Q(late_after__lt=now)
        lines = lines.filter(~kept if wanted.left_out else kept)
    if wanted.assigned_to == "me":
        lines = lines.filter(kinds__overlap=[f"whose:{number}" for number in (user.pk, *wanted.covering)])
    without = {*wanted.without_tag, *([TERMINAL] if wanted.terminal is False else [])}
    if without:
        lines = lines.exclude(tags__overlap=sorted(without))
    if wanted.target:
        lines = lines.filter(showing(wanted.target, now))
    return lines.filter(_within(wanted, now, case=""))


def _fits(stage: Stage, wanted: Wanted, user: User) -> bool:
    """Whether what is wanted can be at a stage at all: a workflow is of one service, and an answer to its question too."""
    workflow = stage.version.workflow.key
    return (
        (wanted.workflow is None or workflow == wanted.workflow)
        and (wanted.service is None or workflow.partition(".")[0] == wanted.service)
        and all(sought.can_be_in(one.key, workflow) for one in wanted.answers)
        and (wanted.stage is None or stage.key == wanted.stage)
        and (wanted.holding is None or stage.holding == wanted.holding)
        and (stage.automatic == wanted.automatic if wanted.automatic is not None else _by_hand(stage))
        and (not wanted.ours or bool(user.group_keys & set(stage.progress)))
        and (
            wanted.target is None
            or (wanted.target == "none") == (published.workflow(stage.version_id).stage(stage.key).target is None)
        )
    )


def stretches(
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
    here = [stage for stage in stages if _fits(stage, wanted, user)]
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
    times = _times(wanted, now, case="")
    return Q(**{name: value for name, value in times.items() if name.startswith(f"{column}__")})


def _by_entering(wanted: Wanted, user: User, stages: Sequence[Stage], now: datetime) -> Sequence[Stretch]:
    """Of whose they are, at which stage and of what colour, what fewest lines are, each when they can have been entered."""
    here = _times_of("entered_at", wanted, now)
    if cover := _covered(wanted, now):
        return _in_cover(cover, wanted, here)
    updated = _since(wanted.updated_from) if wanted.updated_from else [Q()]
    if wanted.opened_from:
        after = datetime.combine(wanted.opened_from, time(), LONDON)
        entered = here & Q(entered_at__gte=F("opened_at")) & Q(entered_at__gte=after)
        odd = Stretch(
            here & Q(entered_at__lt=F("opened_at"), opened_at__gte=after)
        )  # hardly any: an index has these alone
        return [*_each(wanted, user, stages, now, entered, [entered & one for one in updated]), odd]
    return _each(wanted, user, stages, now, here, [here & one for one in updated])


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


def _covered(wanted: Wanted, now: datetime) -> marks.Cover | None:
    """The marks that all has that is wanted, where an answer has to lie in a range or the target to end on some days.

    None where something else leads to fewer: few lines are amber or red.
    """
    if (ranges := _ranges(wanted)) and wanted.target not in {"amber", "red"}:
        return marks.values(sought.name(ranges[0].key), ranges[0].least, ranges[0].most)
    today = now.astimezone(LONDON).date()
    if wanted.target in {"blue", "amber", "red"}:  # none of these was to end before today
        return marks.due(max(wanted.due_from or today, today), wanted.due_to) if wanted.due_to else None
    return marks.due(wanted.due_from, wanted.due_to) if wanted.due_from else None


def _in_cover(cover: marks.Cover, wanted: Wanted, here: Q) -> Sequence[Stretch]:
    """The stretches of what has these marks and was entered `here`."""
    if not wanted.updated_from:
        return [Stretch(here, cover=cover)]
    since = datetime.combine(wanted.updated_from, time(), LONDON)
    return [
        Stretch(here & Q(entered_at__gte=since), cover=cover),
        Stretch(here & Q(moved=True, entered_at__lt=since)),
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
        return _whose(wanted, user)
    return Q(stage=stages[0]) if len(stages) == 1 else Q()


def _since(day: date) -> list[Q]:
    """When the stage was entered of what was updated on a day or since: then too, but for what moved on a later day."""
    return [Q(moved=False, entered_at__gte=datetime.combine(day, time(), LONDON)), Q(moved=True)]


def _by_hand(stage: Stage) -> bool:
    return bool(stage.progress) or not stage.automatic


def _words(wanted: Wanted, user: User) -> Iterable[str]:
    """What a line has among its `kinds` for what of it is wanted."""
    if wanted.kind is not None:
        yield f"kind:{wanted.kind}"
    if wanted.owner is not None:
        yield f"owner:{user.pk if wanted.owner == 'me' else wanted.owner}"
    if wanted.team is not None:
        yield f"team:{wanted.team}"
    for one in wanted.answers:
        if len(one.said) == 1:
            yield one.words[0]
    if wanted.type is not None:
        yield f"type:{wanted.type}"
    if wanted.source is not None:
        yield f"source:{wanted.source}"
    if wanted.assigned_to not in {"anyone", "me"}:
        yield f"whose:{wanted.assigned_to}"


def _ranges(wanted: Wanted) -> list[Answered]:
    return [one for one in wanted.answers if not one.said]


def _in_range(wanted: Answered) -> "QuerySet[RunValue, int]":
    """The runs in which a number lies within what is wanted of it."""
    values = RunValue.objects.filter(name=sought.name(wanted.key))
    if wanted.least is not None:
        values = values.filter(value__gte=wanted.least)
    if wanted.most is not None:
        values = values.filter(value__lte=wanted.most)
    return values.values_list("run", flat=True)


def showing(target: Shown, now: datetime) -> Q:
    """The lines whose clock shows this at a moment."""
    if target == "none":
        return Q(targeted=False)
    return {
        "blue": Q(amber_from__gt=now),
        "amber": Q(amber_from__lte=now, red_from__gt=now),
        "red": Q(red_from__lte=now, late_after__gte=now),
        "late": Q(late_after__lt=now),
    }[target]


def done(
    wanted: Wanted, *, user: User, stages: Iterable[Stage], services: Mapping[str, int], now: datetime
) -> WorkItemQuerySet:
    """The completed items that are wanted and that the user may see, as `waiting` asks for what is open.

    Stages and services are named by their numbers, so that PostgreSQL knows how many rows they have: it then walks from
    the last that was finished. Raises kit.Invalid for a malformed reference.
    """
    here = [stage.pk for stage in stages if _fits(stage, wanted, user) and user.group_keys & set(stage.see)]
    items = WorkItem.objects.filter(stage__in=here)
    reached = user.reached(Permission.VIEW_CASES, Permission.VIEW_WORK)
    if reached is not None:
        items = items.filter(case__service__in=sorted(services[key] for key in reached if key in services))
    if wanted.service:
        items = items.filter(case__service=services.get(wanted.service, 0))
    known = replace(wanted, service=None, stage=None, workflow=None, holding=None, automatic=None, ours=False)
    return narrow(items, known, user=user, now=now, by_hand=True)


def narrow(
    items: WorkItemQuerySet, wanted: Wanted, *, user: User, now: datetime, by_hand: bool = False
) -> WorkItemQuerySet:
    """The items among `items` that are wanted, whatever their clock shows. Raises kit.Invalid for a malformed reference.

    `by_hand` when all of them are known to be at stages where somebody may do something.
    """
    exact = {
        "case__reference": references.normalise(wanted.case) if wanted.case is not None else None,
        "case__service__key": wanted.service,
        "run__version__workflow__key": wanted.workflow,
        "stage__key": wanted.stage,
        "case__type": wanted.type,
        "case__source": wanted.source,
        "stage__holding": wanted.holding,
        "stage__automatic": wanted.automatic,
        "case__customer__kind": wanted.kind,
        "case__owner": user.pk if wanted.owner == "me" else wanted.owner if isinstance(wanted.owner, int) else None,
        "case__owner__isnull": True if wanted.owner == "nobody" else None,
        "case__team": wanted.team if isinstance(wanted.team, int) else None,
        "case__team__isnull": True if wanted.team == "none" else None,
        "outcome": wanted.outcome,
    }
    items = items.filter(**{name: value for name, value in exact.items() if value is not None})
    for one in wanted.answers:
        fits = Q(run__said__words__overlap=one.words) if one.said else Q(run__in=_in_range(one))
        items = items.filter(fits)
    if wanted.ward:
        items = items.filter(homes.in_ward(wanted.ward, user, case="case__"))
    items = items.filter(finished_at__isnull=wanted.state == "active")
    if wanted.automatic is None and not by_hand:
        items = items.exclude(stage__automatic=True, stage__progress=[])
    if wanted.tag:
        items = items.filter(case__tags__contains=list(wanted.tag))
    if wanted.without_tag:
        items = items.exclude(case__tags__overlap=list(wanted.without_tag))
    if wanted.terminal is not None:
        terminal = Q(case__tags__contains=[TERMINAL])
        items = items.filter(terminal if wanted.terminal else ~terminal)
    if wanted.ours:
        items = items.filter(stage__progress__overlap=sorted(user.group_keys))
    within = _completed_within(wanted, now) if wanted.state == "completed" else _within(wanted, now, case="case__")
    return items.filter(_whose(wanted, user), within)


def _whose(wanted: Wanted, user: User) -> Q:
    """Whose it is; of what is completed, who completed it, or that it was in nobody's hands."""
    if wanted.assigned_to == "anyone":
        return Q()
    if wanted.assigned_to == "nobody":
        return Q(assigned_to=None)
    whose = "finished_by" if wanted.state == "completed" else "assigned_to"
    if wanted.assigned_to == "me":
        return Q(**{f"{whose}__in": [user.pk, *wanted.covering]}) if wanted.covering else Q(**{whose: user.pk})
    return Q(**{whose: wanted.assigned_to})


def _within(wanted: Wanted, now: datetime, *, case: str) -> Q:
    return Q(**_times(wanted, now, case=case))


def _times(wanted: Wanted, now: datetime, *, case: str) -> dict[str, datetime]:
    """How long in its stage, and when last updated; `case` leads from a row to what its case has."""
    times = {
        "entered_at__lte": _ago(wanted.waiting_days_from, now),
        "entered_at__gte": _ago(wanted.waiting_days_to, now),
        f"{case}updated_at__gte": _start(wanted.updated_from),
        f"{case}updated_at__lte": _end(wanted.updated_to),
        "late_after__gte": _start(wanted.due_from) or (ALWAYS + DAY if wanted.due_to else None),
        "late_after__lte": _end(wanted.due_to) or (NEVER - DAY if wanted.due_from else None),
        **_opened(wanted, case=case),
    }
    return {name: value for name, value in times.items() if value is not None}


def _opened(wanted: Wanted, *, case: str) -> dict[str, datetime]:
    """When its case was opened."""
    times = {f"{case}opened_at__gte": _start(wanted.opened_from), f"{case}opened_at__lte": _end(wanted.opened_to)}
    return {name: value for name, value in times.items() if value is not None}


def _start(day: date | None) -> datetime | None:
    return datetime.combine(day, time(), LONDON) if day else None


def _end(day: date | None) -> datetime | None:
    return datetime.combine(day, time.max, LONDON) if day else None


def _completed_within(wanted: Wanted, now: datetime) -> Q:
    """When it was completed, and how long it had been in its stage by then."""
    within = Q(**_opened(wanted, case="case__"))
    if wanted.updated_from:
        within &= Q(finished_at__gte=datetime.combine(wanted.updated_from, time(), LONDON))
    elif wanted.case is None:
        within &= Q(finished_at__gte=now - LATELY)
    if wanted.updated_to:
        within &= Q(finished_at__lte=datetime.combine(wanted.updated_to, time.max, LONDON))
    if wanted.waiting_days_from is not None:
        within &= Q(finished_at__gte=F("entered_at") + timedelta(days=wanted.waiting_days_from))
    if wanted.waiting_days_to is not None:
        within &= Q(finished_at__lte=F("entered_at") + timedelta(days=wanted.waiting_days_to))
    return within


def _ago(days: int | None, now: datetime) -> datetime | None:
    return None if days is None else now - timedelta(days=days)
