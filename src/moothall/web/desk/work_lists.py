"""A work list as an address asks for it: the same for the page, its counts, its export and its many-at-once."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from django.db.models import BigIntegerField, IntegerField, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Cast
from django.http import QueryDict
from django.utils.translation import gettext as _

from moothall.core.accounts.models import EVERY_SERVICE, Absence, SecurityGroup, User
from moothall.core.accounts.permissions import Permission
from moothall.core.compiled import compiled
from moothall.core.council import settings as council
from moothall.core.lists.models import Tag
from moothall.domain.cases import clock, homes, stretching, worklist
from moothall.domain.cases.models import WorkItem, WorkItemQuerySet, WorkLine
from moothall.domain.cases.seeking import Stretch
from moothall.domain.cases.sought import is_answer
from moothall.domain.cases.wanted import Wanted, WorkListRules
from moothall.domain.cases.workload import HowMany
from moothall.domain.catalogue import catalogue
from moothall.domain.catalogue.models import Service
from moothall.domain.people.finding import golden, people_found
from moothall.domain.workflow import published
from moothall.domain.workflow.models import Stage
from moothall.kit import postcode, references
from moothall.kit.calendars import LONDON
from moothall.web.desk import work_answers
from moothall.web.desk.forms.work import Choices, Offered, WorkFilter
from moothall.web.desk.models import SIZES
from moothall.web.desk.request import DeskRequest
from moothall.web.desk.work_columns import Away, WorkColumn, chosen
from moothall.web.desk.work_outcomes import outcome_labels, outcomes
from moothall.web.desk.work_pages import MOST_COUNTED, Order, Rows

FOUND = "work_find"
"""What of the session holds the text looked for: it may name somebody, so it is in no address."""

ALL_COUNTED = 10_000
TABS = ("mine", "team", "unassigned", "all")
FILTERS = frozenset(WorkFilter.base_fields)
ANY_TIME = "updated"
"""What of an address says “any” when the list is not to begin with what was updated lately."""

LASTING = FILTERS | {"tab", "sort", ANY_TIME}
"""What of an address is a view, with the answers asked for: what is kept, shared and gone back to. The rest is a place in it."""

MOST_ANSWERS = 20  # that one list is asked for by

_OF_ITEM = ("case", "run", "stage", "assigned_to", "entered_at", "finished_at", "finished_by", "outcome")
_OF_CASE = (
    "reference",
    "type",
    "source",
    "tags",
    "opened_at",
    "updated_at",
    "service_version",
    "service",
    "customer",
    "owner",
    "team",
)
_SHOWN = (*_OF_ITEM, *(f"case__{name}" for name in _OF_CASE))


@dataclass(frozen=True)
class WorkList:
    """A list that was asked for. `rows` are empty when what was asked for is wrong: `form` says how."""

    query: QueryDict  # of the view, without what is empty
    tab: str
    form: WorkFilter
    order: Order
    rows: Rows  # the numbers of the work items are theirs
    elsewhere: Callable[[], Rows]  # the same at whatever stage, to count them
    stretches: Callable[[str], Sequence[Stretch]]  # where in the order by a column of the lines they can be
    stages: list[Stage]
    services: dict[str, tuple[int, str]]  # number and name of every service, by its key
    user: User
    tags: dict[str, str]
    text: str
    away: dict[int, Away]  # colleagues who are not here today, by their number
    current: dict[str, int | None]  # the numbers of the versions in force, by the keys of the services
    fresh: int = 0  # days: older work is left out unless it is late; 0: none is
    older: Callable[[], Rows] = WorkLine.objects.none  # what is left out so

    @property
    def completed(self) -> bool:
        return self.form.data.get("state") == "completed"

    @property
    def asked(self) -> list[str]:
        """The names of what was asked for, for the record of who searched."""
        return sorted({*self.query.keys(), *(["find"] if self.text else [])})

    @property
    def items(self) -> WorkItemQuerySet:
        """The work items of the whole list, in no order."""
        return WorkItem.objects.visible_to(self.user).filter(pk__in=self.rows.order_by().values("pk"))  # type: ignore[misc]

    @property
    def covered(self) -> list[Away]:
        """The colleagues for whom this person covers now."""
        return [one for one in self.away.values() if one.cover == self.user.pk]

    def columns(self, keys: Sequence[str] | None) -> list[WorkColumn]:
        """The columns with these keys; the usual ones of this list for None."""
        covering = self.tab == "mine" and bool(self.covered)
        return chosen(keys, completed=self.completed, services=self.current, covering=covering)

    def shown(self, numbers: Sequence[int], columns: Iterable[WorkColumn]) -> list[WorkItem]:
        """These items in this order with all that these columns show of a line, in a fixed number of statements; asked once
        more whether the user may see them, so that no line shows a case that is not theirs to see."""
        found: dict[int, WorkItem] = {}
        names = tuple(sorted({name for column in columns for name in column.names}))
        for first in range(0, len(numbers), SIZES[-1]):
            part = numbers[first : first + SIZES[-1]]
            size = next(size for size in SIZES if len(part) <= size)
            whole = [
                *part,
                *range(-1, len(part) - size - 1, -1),
            ]  # as many every time: a statement for each size of page
            for item in clock.done(_shown(self.user, self.completed, names, numbers=whole)):
                item.stage = published.stage_by_row(item.stage_id)
                found[item.pk] = item
        return [found[number] for number in numbers if number in found]


@compiled(prepared=True)
def _shown(user: User, completed: bool, names: tuple[str, ...], *, numbers: list[int]) -> QuerySet[WorkItem]:
    """Items with the names that stand elsewhere: `names` are the paths to them (“case__customer__name”)."""
    rows = WorkItem.objects.visible_to(user).filter(pk__in=numbers, finished_at__isnull=not completed)
    others = {path.rpartition("__")[0] for path in names}
    return clock.with_done(rows.select_related("case", *sorted(others)).only(*_SHOWN, *names))


def asked_for(request: DeskRequest, *, columns: Sequence[str] = ()) -> WorkList:
    """The list this address asks for, as it begins in this council.

    By the answers and the ward among `columns` the form offers to look, and by those the address names.
    """
    text = str(request.session.get(FOUND, "")) if "find" in request.GET else ""
    days = 0
    if not text and set(view_of(request.GET)) <= {"tab", "sort"}:
        days = council.read(WorkListRules).updated_days
    return listed(request.GET, user=request.user, now=request.now, text=text, columns=columns, fresh=days)


def listed(
    given: QueryDict,
    *,
    user: User,
    now: datetime,
    text: str = "",
    whole: bool = False,
    columns: Sequence[str] = (),
    fresh: int = 0,
) -> WorkList:
    """The list that is asked for so; without a tab, one's own work.

    `text` is what is looked for in it. `whole`: its form asks whose work it is even where the tab says so. `fresh`: it
    leaves out what was not updated in so many days, unless it is late.
    """
    query = view_of(given)
    tab = query.get("tab", "")
    tab = tab if tab in TABS else "mine"
    tags, teams, services, stages = _known(user)
    groups = sorted({group for stage in stages for group in stage.progress})
    people: list[Any] = _colleagues_on(groups=groups, day=now.astimezone(LONDON).date())
    away = {one.pk: Away(one.full_name, one.until, one.cover) for one in people if one.until}
    completed = query.get("state") == "completed"
    current = {one.key: one.current for one in services}
    offered = _offered(user, stages, tags, services, people)
    wards = homes.wards() if "ward" in {*columns, *query} and user.may(Permission.VIEW_PEOPLE) else None
    answers = work_answers.asked([*columns, *_answers_named(query)], user, current)
    offered = replace(
        offered, wards=wards, teams=teams, answers=answers, outcomes=outcomes(stages) if completed else []
    )
    form = WorkFilter(query, offered=offered, assigned=whole or tab in {"team", "all"})
    named = {one.key: (one.pk, one.name) for one in services if one.pk}
    rows: Rows = WorkLine.objects.none()
    wanted = Wanted()
    if form.is_valid():
        covering = [pk for pk, one in away.items() if one.cover == user.pk] if tab == "mine" else []
        wanted = replace(form.wanted(tab=tab), covering=covering)
        if fresh:
            wanted = replace(wanted, fresh_from=now.astimezone(LONDON).date() - timedelta(days=fresh))
        rows = _rows(wanted, text, user=user, stages=stages, services=services, now=now)
    return WorkList(
        query=query,
        tab=tab,
        form=form,
        order=Order.named(query.get("sort", "-finished" if completed else "-age"), lambda: outcome_labels(stages)),
        rows=rows,
        elsewhere=lambda: _rows(
            replace(wanted, stage=None), text, user=user, stages=stages, services=services, now=now
        ),
        older=lambda: _rows(replace(wanted, left_out=True), text, user=user, stages=stages, services=services, now=now),
        stretches=lambda column: stretching.of(wanted, column, user=user, stages=stages, now=now, services=named),
        stages=stages,
        services=named,
        user=user,
        tags=tags,
        text=text,
        away=away,
        current=current,
        fresh=fresh if wanted.fresh_from else 0,
    )


def _answers_named(query: QueryDict) -> list[str]:
    return [name.partition(":")[0] for name in query if is_answer(name)]


class Known(NamedTuple):
    """A tag, a team with its number, a stage with its alone, or a service with its number and that of its version in force."""

    key: str
    name: str
    pk: int | None
    current: int | None
    what: str


def _known(user: User) -> tuple[dict[str, str], Choices, list[Known], list[Stage]]:
    """The labels of tags, the teams, the services, and the stages the user sees; in one statement."""
    rows = [Known(*row) for row in _tags_teams_services_and_stages(user)]
    rows.sort(key=lambda one: (one.name.casefold(), one.key))
    return (
        {one.key: one.name for one in rows if one.what == "tag"},
        [(str(one.pk), one.name) for one in rows if one.what == "team"],
        [one for one in rows if one.what == "service"],
        _acted_on(published.stages_by_row([one.pk for one in rows if one.pk and one.what == "stage"])),
    )


@compiled
def _tags_teams_services_and_stages(user: User) -> QuerySet[Tag, tuple[str, str, int | None, int | None, str]]:
    none, no = Cast(Value(None), BigIntegerField()), Value("")
    tags = Tag.objects.of(user.reached(Permission.VIEW_WORK)).filter(applies_to=Tag.Applies.CASE).order_by()
    teams = SecurityGroup.objects.order_by().values_list("key", "name", "pk", none, Value("team"))
    services = Service.objects.order_by().values_list("key", "name", "pk", "current", Value("service"))
    seen = worklist.seen(user).order_by().values_list(no, no, "pk", none, Value("stage"))
    return tags.values_list("key", "label", none, none, Value("tag")).union(teams, services, seen, all=True)


def _rows(
    wanted: Wanted, text: str, *, user: User, stages: list[Stage], services: Sequence[Known], now: datetime
) -> Rows:
    numbers = {service.key: service.pk for service in services if service.pk}
    if wanted.state == "completed":
        items = worklist.done(wanted, user=user, stages=stages, services=numbers, now=now)
        return items.filter(_named(text, user, case="case__"))
    lines = worklist.waiting(wanted, user=user, stages=stages, services=numbers, now=now)
    return lines.filter(_named(text, user, case=""))


def view_of(given: QueryDict) -> QueryDict:
    """What of an address is a view, without what is empty."""
    kept, answers = QueryDict(mutable=True), 0
    for name, values in given.lists():
        if not (said := [value for value in values if value]):
            continue
        if name in LASTING or (is_answer(name) and (answers := answers + 1) <= MOST_ANSWERS):
            kept.setlist(name, said)
    return kept


def stages_seen(user: User) -> list[Stage]:
    """The stages the user's groups see, of every version, at which somebody may do something."""
    return _acted_on(worklist.stages_seen(user))


def _acted_on(stages: Iterable[Stage]) -> list[Stage]:
    """Those of these stages at which somebody may do something, as they stand in their workflows."""
    found = [stage for stage in stages if stage.progress or not stage.automatic]
    return sorted(found, key=lambda stage: (stage.version_id, stage.order))


def colleagues(stages: Iterable[Stage]) -> "QuerySet[User]":
    """Who progresses any of these stages."""
    return _progressing(sorted({group for stage in stages for group in stage.progress})).filter(is_active=True)


def _progressing(groups: list[str]) -> "QuerySet[User]":
    people = User.objects.filter(kind=User.Kind.PERSON, groups__key__in=groups)
    return people.distinct().order_by("full_name", "id")


@compiled
def _colleagues_on(*, groups: list[str], day: date) -> "QuerySet[User]":
    """Who progresses stages by one of these groups, or did while they were here; `until` is their last day away and `cover` who
    covers."""
    there = Absence.objects.on(day).filter(user=OuterRef("pk")).order_by("pk")
    away = {"until": Subquery(there.values("last_day")[:1]), "cover": Subquery(there.values("cover")[:1])}
    return (
        _progressing(groups).only("full_name", "is_active").annotate(**away).order_by("-is_active", "full_name", "id")
    )


def counted(found: WorkList) -> dict[int, int]:
    """How many rows of the list are at each stage, by the stage's number, whichever stage is asked for.

    Of a list of up to `ALL_COUNTED` rows exactly; of a longer one, `MOST_COUNTED + 1` of a stage stands for more.
    """
    everywhere = found.elsewhere().order_by()
    few = everywhere.values_list("stage", flat=True)[: ALL_COUNTED + 1]
    numbers = Counter(few)
    if numbers.total() <= ALL_COUNTED:
        return dict(numbers)
    here = everywhere.filter(stage=OuterRef("pk")).values("pk")[: MOST_COUNTED + 1]
    rows = Stage.objects.filter(pk__in=[stage.pk for stage in found.stages])
    return dict(rows.annotate(many=HowMany(here, output_field=IntegerField())).values_list("pk", "many"))


def _named(text: str, user: User, *, case: str) -> Q:
    """Rows of the case with this reference, or of customers with this postcode or whose name begins so; `case` leads to what
    its case has."""
    if not text:
        return Q()
    if references.is_valid(text):
        return Q(**{f"{case}reference": references.normalise(text)})
    if postcode.is_valid(text):
        return homes.at_postcode(text, user, case=case)
    people = people_found(name=text, first_names="", date_of_birth=None, nino_given="", postcode_given="")
    return Q(**{f"{case}customer__in": golden(people)})


def _offered(
    user: User, stages: list[Stage], tags: dict[str, str], services: Sequence[Known], colleagues: list[User]
) -> Offered:
    names: dict[str, str] = {}
    places: dict[tuple[str, str], str] = {}
    for stage in stages:  # the names of the newest version stay
        key = stage.version.workflow.key
        names[key] = published.workflow(stage.version_id).name
        places[key, stage.key] = stage.name
    given = user.services_with(Permission.VIEW_WORK)
    here = [one for one in services if one.current and given & {one.key, EVERY_SERVICE}]
    manifests = [catalogue.manifest(one.current) for one in here if one.current]
    types = {kind.key: kind.label for one in manifests for kind in one.case_types}
    sources = {kind.key: kind.label for one in manifests for kind in one.sources}
    people: Choices = [
        (str(one.pk), one.full_name if one.is_active else _("%s (no longer here)") % one.full_name)
        for one in colleagues
        if one.pk != user.pk
    ]
    return Offered(
        services=[(one.key, one.name) for one in here],
        workflows=list(names.items()),
        stages=[(workflow, key, name) for (workflow, key), name in places.items()],
        types=list(types.items()),
        sources=list(sources.items()),
        tags=list(tags.items()),
        colleagues=people,
    )
