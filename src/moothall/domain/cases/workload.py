"""How the open work of a team is spread: who holds how much, how late it is, and what nobody has (BEST-4)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, IntegerField, Min, OuterRef, Q, QuerySet, Subquery

from moothall.core.accounts import absence
from moothall.core.accounts.models import EVERY_SERVICE, Absence, User
from moothall.core.accounts.permissions import Permission
from moothall.domain.cases.models import Case, Intention, WorkItem, WorkItemQuerySet
from moothall.domain.workflow.models import Stage
from moothall.kit.calendars import LONDON, midnight

MOST_COUNTED = 1_000  # of what nobody has at a stage; where there is more, that is said


@dataclass
class Load:
    """What one colleague holds. `stages` is by the stage's number."""

    user: User
    away: Absence | None = None
    items: int = 0
    late: int = 0
    due_this_week: int = 0
    oldest: datetime | None = None
    stages: dict[int, int] = field(default_factory=dict)


def stages_supervised(user: User) -> list[Stage]:
    """The stages a supervisor sees, of the services they supervise, at which somebody may do something."""
    services = user.services_with(Permission.SUPERVISE)
    rows = Stage.objects.filter(see__overlap=sorted(user.group_keys)).exclude(progress=[])
    rows = rows.select_related("version__workflow").defer("version__definition").order_by("version_id", "order")
    return [
        stage for stage in rows if EVERY_SERVICE in services or stage.version.workflow.key.partition(".")[0] in services
    ]


def colleagues(stages: Iterable[Stage]) -> QuerySet[User]:
    """Who progresses any of these stages; who no longer works here only while they still hold something."""
    groups = sorted({group for stage in stages for group in stage.progress})
    people = User.objects.filter(kind=User.Kind.PERSON, groups__key__in=groups)
    holds = Exists(WorkItem.objects.open().filter(assigned_to=OuterRef("pk")))
    to_do = Exists(Intention.objects.open().filter(user=OuterRef("pk")))
    return people.filter(Q(is_active=True) | holds | to_do).distinct().order_by("full_name", "id")


def loads(user: User, stages: list[Stage], *, at: datetime) -> list[Load]:
    """What each colleague of a supervisor holds, of what the supervisor may see, in a fixed number of statements."""
    team = {one.pk: Load(one) for one in colleagues(stages)}
    for number, row in absence.away(team.keys(), today=at.astimezone(LONDON).date()).items():
        team[number].away = row
    held = seen(user, stages).filter(assigned_to__in=list(team))
    for number, stage, many, oldest in _by(held, "assigned_to", "stage", many=Count("id"), oldest=Min("entered_at")):
        load = team[number]
        load.items += many
        load.stages[stage] = load.stages.get(stage, 0) + many
        load.oldest = min(load.oldest or oldest, oldest)
    late = dict(_by(held.filter(late_after__lt=at), "assigned_to", many=Count("id")))
    by_sunday = held.filter(late_after__lt=max(at, _week_ends(at)))
    due = dict(_by(by_sunday, "assigned_to", many=Count("id")))
    for number, load in team.items():
        load.late = late.get(number, 0)
        load.due_this_week = max(0, due.get(number, 0) - load.late)
    return list(team.values())


def waiting(user: User, stages: list[Stage]) -> Mapping[int, int]:
    """How many open items nobody has, by the stage's number; `MOST_COUNTED` + 1 where there are more than that."""
    here = seen(user, stages).filter(assigned_to=None, stage=OuterRef("pk"))
    some = here.order_by().values("pk")[: MOST_COUNTED + 1]
    rows = Stage.objects.filter(pk__in=[stage.pk for stage in stages])
    return dict(rows.annotate(many=HowMany(some, output_field=IntegerField())).values_list("pk", "many"))


def seen(user: User, stages: list[Stage]) -> WorkItemQuerySet:
    """The open items of these stages that a supervisor may see and supervises."""
    cases = Case.objects.visible_to(user, Permission.SUPERVISE).values("id")
    return WorkItem.objects.visible_to(user).open().filter(stage__in=[one.pk for one in stages], case__in=cases)


class HowMany(Subquery):
    """How many rows a query finds, which bounds them itself."""

    template = "(SELECT count(*) FROM (%(subquery)s) AS counted)"


def _by(items: WorkItemQuerySet, *fields: str, **sums: Count | Min) -> Any:
    return items.order_by().values(*fields).annotate(**sums).values_list(*fields, *sums)


def _week_ends(at: datetime) -> datetime:
    """The end of this week's Sunday."""
    today = at.astimezone(LONDON).date()
    return midnight(today + timedelta(days=7 - today.weekday()))
