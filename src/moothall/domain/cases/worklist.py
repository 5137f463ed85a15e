"""Which work items are asked for, however they are asked for: the one place that reads the filters of a work list.

What is open is looked for among the work lines, which hold all that is asked for in one table; what is completed, among the
work items.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime, time, timedelta

from django.db.models import F, Q, QuerySet

from moothall.core.accounts.models import User
from moothall.core.accounts.permissions import Permission
from moothall.core.compiled import compiled
from moothall.domain.cases import homes, sought
from moothall.domain.cases.models import RunValue, WorkItem, WorkItemQuerySet, WorkLine, WorkLineQuerySet
from moothall.domain.cases.sought import Answered
from moothall.domain.cases.wanted import Shown, Wanted
from moothall.domain.workflow import published
from moothall.domain.workflow.models import Stage
from moothall.domain.workflow.turns import ALWAYS, NEVER
from moothall.kit import references
from moothall.kit.calendars import LONDON, midnight

LATELY, DAY = timedelta(days=14), timedelta(days=1)
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
    here = [stage for stage in stages if fits(stage, wanted, user)]
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
    for one in ranges(wanted):
        lines = lines.filter(run__in=_in_range(one))
    if wanted.fresh_from:
        since = midnight(wanted.fresh_from)
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


def fits(stage: Stage, wanted: Wanted, user: User) -> bool:
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


def ranges(wanted: Wanted) -> list[Answered]:
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
    here = [stage.pk for stage in stages if fits(stage, wanted, user) and user.group_keys & set(stage.see)]
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
    return items.filter(whose_it_is(wanted, user), within)


def whose_it_is(wanted: Wanted, user: User) -> Q:
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
    return Q(**times_of(wanted, now, case=case))


def times_of(wanted: Wanted, now: datetime, *, case: str) -> dict[str, datetime]:
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
    return midnight(day) if day else None


def _end(day: date | None) -> datetime | None:
    return datetime.combine(day, time.max, LONDON) if day else None


def _completed_within(wanted: Wanted, now: datetime) -> Q:
    """When it was completed, and how long it had been in its stage by then."""
    within = Q(**_opened(wanted, case="case__"))
    if wanted.updated_from:
        within &= Q(finished_at__gte=midnight(wanted.updated_from))
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
