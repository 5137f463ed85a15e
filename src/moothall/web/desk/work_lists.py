"""A work list as an address asks for it: the same for the page, its counts, its export and its many-at-once."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.db.models import IntegerField, OuterRef, Q, QuerySet, Subquery
from django.http import QueryDict

from moothall.core.accounts.models import EVERY_SERVICE, Absence, User
from moothall.core.accounts.permissions import Permission
from moothall.core.lists.models import Tag
from moothall.domain.cases import banding, clock, worklist
from moothall.domain.cases.models import Case, WorkItem, WorkItemQuerySet
from moothall.domain.catalogue import catalogue
from moothall.domain.catalogue.models import Service
from moothall.domain.people.finding import people_found
from moothall.domain.people.models import Customer
from moothall.domain.workflow import published
from moothall.domain.workflow.models import Stage
from moothall.kit import references
from moothall.kit.calendars import LONDON
from moothall.web.desk.forms.work import Choices, Offered, WorkFilter
from moothall.web.desk.request import DeskRequest
from moothall.web.desk.work_columns import Away
from moothall.web.desk.work_pages import Order

FOUND = "work_find"
"""What of the session holds the text looked for: it may name somebody, so it is in no address."""

MOST_COUNTED = 1_000  # a stage with more says “1,000+”
TABS = ("mine", "team", "unassigned", "all")
FILTERS = frozenset(WorkFilter.base_fields)
LASTING = FILTERS | {"tab", "sort"}
"""What of an address is a view: what is kept, shared and gone back to. The rest is a place in it."""

_NOT_SHOWN = ("case__submitted", "answers", "note")


@dataclass(frozen=True)
class WorkList:
    """A list that was asked for. `items` are empty when what was asked for is wrong: `form` says how."""

    query: QueryDict  # of the view, without what is empty
    tab: str
    form: WorkFilter
    order: Order
    items: WorkItemQuerySet
    elsewhere: WorkItemQuerySet  # the same at whatever stage, to count them
    stages: list[Stage]
    tags: dict[str, str]
    text: str
    away: dict[int, Away]  # colleagues who are not here today, by their number

    @property
    def completed(self) -> bool:
        return self.form.data.get("state") == "completed"

    @property
    def asked(self) -> list[str]:
        """The names of what was asked for, for the record of who searched."""
        return sorted({*self.query.keys(), *(["find"] if self.text else [])})

    def shown(self) -> WorkItemQuerySet:
        """The items with all that a line shows, in a fixed number of statements."""
        rows = clock.with_clock(self.items).select_related(
            "case__service", "case__customer", "case__owner", "case__team", "assigned_to"
        )
        return rows.defer(*_NOT_SHOWN)


def asked_for(request: DeskRequest, *, tab: str = "") -> WorkList:
    """The list this address asks for; without a tab, `tab` or one's own work."""
    user, query = request.user, view_of(request.GET)
    tab = query.get("tab", tab)
    tab = tab if tab in TABS else "mine"
    stages = stages_seen(user)
    tags = dict(Tag.objects.filter(applies_to=Tag.Applies.CASE).order_by("label").values_list("key", "label"))
    people = list(colleagues(stages, today=request.now.astimezone(LONDON).date()))
    away = {one.pk: Away(one.full_name, one.until, one.cover) for one in people if one.until}
    form = WorkFilter(query, offered=_offered(user, stages, tags, people), assigned=tab in {"team", "all"})
    text = str(request.session.get(FOUND, "")) if "find" in request.GET else ""
    items = elsewhere = WorkItem.objects.none()
    if form.is_valid():
        covering = [pk for pk, one in away.items() if one.cover == user.pk] if tab == "mine" else []
        wanted, target = replace(form.wanted(tab=tab), covering=covering), form.cleaned_data["target"]
        elsewhere = WorkItem.objects.visible_to(user).filter(_named(text))
        if target:
            elsewhere = banding.showing(elsewhere.open(), target, stages=stages, now=request.now)
        items = worklist.narrow(elsewhere, wanted, user=user, now=request.now)
        anywhere = replace(wanted, stage=None)
        elsewhere = worklist.narrow(elsewhere, anywhere, user=user, now=request.now)
    return WorkList(
        query=query,
        tab=tab,
        form=form,
        order=Order.named(query.get("sort", "-finished" if query.get("state") == "completed" else "-age")),
        items=items,
        elsewhere=elsewhere,
        stages=stages,
        tags=tags,
        text=text,
        away=away,
    )


def view_of(given: QueryDict) -> QueryDict:
    """What of an address is a view, without what is empty."""
    kept = QueryDict(mutable=True)
    for name, values in given.lists():
        if name in LASTING and (said := [value for value in values if value]):
            kept.setlist(name, said)
    return kept


def stages_seen(user: User) -> list[Stage]:
    """The stages the user's groups see, of every version, at which somebody may do something."""
    seen = Stage.objects.filter(see__overlap=sorted(user.group_keys)).exclude(automatic=True, progress=[])
    return list(seen.select_related("version__workflow").defer("version__definition").order_by("version_id", "order"))


def colleagues(stages: Iterable[Stage], *, today: date | None = None) -> "QuerySet[User, Any]":
    """Who progresses any of these stages. With `today`, `until` is their last day away and `cover` who covers."""
    groups = sorted({group for stage in stages for group in stage.progress})
    people = User.objects.filter(is_active=True, kind=User.Kind.PERSON, groups__key__in=groups)
    if today:
        there = Absence.objects.on(today).filter(user=OuterRef("pk")).order_by("pk")
        people = people.annotate(
            until=Subquery(there.values("last_day")[:1]), cover=Subquery(there.values("cover")[:1])
        )
    return people.distinct().order_by("full_name", "id")


class _HowMany(Subquery):
    template = "(SELECT count(*) FROM (%(subquery)s) AS counted)"


def counted(found: WorkList) -> dict[int, int]:
    """How many items of the list are at each stage, by the stage's number, whichever stage is asked for."""
    here = found.elsewhere.filter(stage=OuterRef("pk")).order_by().values("pk")[: MOST_COUNTED + 1]
    rows = Stage.objects.filter(pk__in=[stage.pk for stage in found.stages])
    return dict(rows.annotate(many=_HowMany(here, output_field=IntegerField())).values_list("pk", "many"))


def _named(text: str) -> Q:
    """Items of the case with this reference, or of customers whose name begins so."""
    if not text:
        return Q()
    if references.is_valid(text):
        return Q(case__in=Case.objects.filter(reference=references.normalise(text)).values("id"))
    people = people_found(name=text, first_names="", date_of_birth=None, nino_given="", postcode_given="")
    return Q(case__customer__in=Customer.objects.filter(people).values("id"))


def _offered(user: User, stages: list[Stage], tags: dict[str, str], colleagues: list[User]) -> Offered:
    names: dict[str, str] = {}
    places: dict[tuple[str, str], str] = {}
    for stage in stages:  # the names of the newest version stay
        key = stage.version.workflow.key
        names[key] = published.workflow(stage.version_id).name
        places[key, stage.key] = stage.name
    services = Service.objects.exclude(current=None)
    given = user.services_with(Permission.VIEW_WORK)
    if EVERY_SERVICE not in given:
        services = services.filter(key__in=sorted(given))
    manifests = [catalogue.manifest(service.current_id) for service in services if service.current_id]
    types = {kind.key: kind.label for one in manifests for kind in one.case_types}
    sources = {kind.key: kind.label for one in manifests for kind in one.sources}
    people: Choices = [(str(one.pk), one.full_name) for one in colleagues if one.pk != user.pk]
    return Offered(
        workflows=list(names.items()),
        stages=[(workflow, key, name) for (workflow, key), name in places.items()],
        types=list(types.items()),
        sources=list(sources.items()),
        tags=list(tags.items()),
        colleagues=people,
    )
