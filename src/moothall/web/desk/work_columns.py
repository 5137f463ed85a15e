"""The columns of the work list: what each is called, shows, and is sorted by."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property, lru_cache
from typing import Any

from django.db.models import BooleanField, ExpressionWrapper, F, Q, Value
from django.db.models.functions import Coalesce
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from moothall.domain.cases.models import WorkItem
from moothall.domain.cases.worklist import TERMINAL
from moothall.domain.catalogue import catalogue
from moothall.domain.people.models import Customer
from moothall.domain.workflow import published
from moothall.web.components.parts import Target
from moothall.web.components.templatetags.components import day, short_day, short_moment
from moothall.web.desk import work_answers
from moothall.web.desk.targets import target
from moothall.web.desk.work_answers import BY_POSTCODE, BY_WARD

BY_TARGET, BY_OUTCOME = "target", "outcome"
BANDS: Mapping[str, Promise] = {"late": gettext_lazy("Late"), "red": gettext_lazy("Nearly due")}
"""How a clock stands, where that is said."""


@dataclass(frozen=True)
class Away:
    """A colleague who is not here, until when, and the number of who covers."""

    name: str
    until: date
    cover: int | None


@dataclass(frozen=True)
class Line:
    """A work item in the list, at a time."""

    item: WorkItem
    now: datetime
    tags: dict[str, str]  # the labels of tags
    answers: Mapping[str, str] = field(default_factory=dict)  # and ward and postcode, by the key of their column
    away: Mapping[int, Away] = field(default_factory=dict)  # who is not here, by the user's number
    language: str | None = field(default_factory=get_language)  # told once for a whole list

    @cached_property
    def target(self) -> Target | None:
        return target(self.item, self.now, self.language)

    @property
    def terminal(self) -> bool:
        return TERMINAL in self.item.case.tags

    @property
    def labels(self) -> list[str]:
        """The tags of the case, as people call them."""
        return [self.tags.get(tag, tag) for tag in self.item.case.tags]

    @property
    def days(self) -> int:
        """Whole days in the stage."""
        return ((self.item.finished_at or self.now) - self.item.entered_at).days


def _type(line: Line) -> str:
    kinds = catalogue.manifest(line.item.case.service_version_id).case_types
    return next((kind.label for kind in kinds if kind.key == line.item.case.type), line.item.case.type)


def _source(line: Line) -> str:
    sources = catalogue.manifest(line.item.case.service_version_id).sources
    return next((one.label for one in sources if one.key == line.item.case.source), line.item.case.source)


def _outcome(line: Line) -> str:
    stage = published.workflow(line.item.stage.version_id).stage(line.item.stage.key)
    return next((one.name for one in stage.outcomes if one.id == line.item.outcome), line.item.outcome)


def _assigned(line: Line) -> str:
    holder = line.item.assigned_to
    if holder is None:
        return ""
    away = line.away.get(holder.pk)
    if away is None:
        return holder.full_name
    return _("%(name)s (away until %(day)s)") % {"name": holder.full_name, "day": day(away.until)}


def _narrow(moment: datetime, language: str | None) -> str:
    """A day that may be broken before its year only: these columns stand among many."""
    return short_day(moment, language).replace(" ", "\N{NO-BREAK SPACE}", 1)


def _target(line: Line) -> str:
    """The clock in words, as a file has it: how it stands, what is left of it, and the day it ends."""
    bar = line.target
    if bar is None:
        return _("No target")
    said = f"{BANDS[bar.band]}: {bar.remaining}" if bar.band in BANDS else bar.remaining
    more = [_("paused")] if bar.paused else []
    if bar.due:
        more.append(_("due %s") % day(bar.due))
    return ", ".join([said, *more])


def _age(line: Line) -> str:
    return _days(line.days, line.language)


@lru_cache(maxsize=1024)
def _days(days: int, _language: str | None) -> str:
    return ngettext("%s day", "%s days", days) % days


@dataclass(frozen=True)
class WorkColumn:
    """`sort` is a field of a completed work item or an expression; None for what only the clock knows. An outcome is sorted
    by what people call it.

    A `personal` value does not go into an address, not even as the place where a page begins. `names` is the path from a work
    item to a name that stands elsewhere, which is read with the item only for this column.
    """

    key: str
    heading: str | Promise
    show: Callable[[Line], str]
    sort: Any = None
    personal: bool = False
    turned: bool = False  # it grows as its field falls: an age
    sorts: bool = True
    names: tuple[str, ...] = ()


def whom(customer: Customer) -> str:
    """A customer's name, and that they died if they did."""
    return _("%s (has died)") % customer.name if customer.died_on else customer.name


def _named(path: str) -> Any:
    return Coalesce(F(path), Value(""))


_TERMINAL = ExpressionWrapper(Q(case__tags__contains=[TERMINAL]), output_field=BooleanField())
COLUMNS: tuple[WorkColumn, ...] = (
    WorkColumn("case", gettext_lazy("Case"), lambda line: line.item.case.reference, "case__reference"),
    WorkColumn(
        "customer",
        gettext_lazy("Customer"),
        lambda line: whom(line.item.case.customer),
        "case__customer__name",
        personal=True,
        names=("case__customer__name", "case__customer__kind", "case__customer__person__date_of_death"),
    ),
    WorkColumn(
        "kind",
        gettext_lazy("Person or organisation"),
        lambda line: _("Organisation") if line.item.case.customer.kind == Customer.Kind.ORGANISATION else _("Person"),
        sorts=False,
        names=("case__customer__kind",),
    ),
    WorkColumn(
        "service",
        gettext_lazy("Service"),
        lambda line: line.item.case.service.name,
        "case__service__name",
        names=("case__service__name",),
    ),
    WorkColumn(
        "workflow",
        gettext_lazy("Workflow"),
        lambda line: published.workflow(line.item.stage.version_id).name,
        "run__version__workflow__key",
    ),
    WorkColumn("type", gettext_lazy("Case type"), _type, "case__type"),
    WorkColumn("terminal", gettext_lazy("Terminal illness"), lambda line: _("Yes") if line.terminal else "", _TERMINAL),
    WorkColumn("stage", gettext_lazy("Stage"), lambda line: line.item.stage.name, "stage__name"),
    WorkColumn(BY_TARGET, gettext_lazy("Target"), _target),
    WorkColumn("age", gettext_lazy("In stage for"), _age, F("entered_at") - F("finished_at"), turned=True),
    WorkColumn(
        "entered",
        gettext_lazy("In stage since"),
        lambda line: short_moment(line.item.entered_at, line.language),
        "entered_at",
    ),
    WorkColumn(
        "created",
        gettext_lazy("Created"),
        lambda line: _narrow(line.item.case.opened_at, line.language),
        "case__opened_at",
    ),
    WorkColumn(
        "updated",
        gettext_lazy("Last updated"),
        lambda line: _narrow(line.item.case.updated_at, line.language),
        "case__updated_at",
    ),
    WorkColumn(
        "assigned",
        gettext_lazy("Assigned to"),
        _assigned,
        _named("assigned_to__full_name"),
        personal=True,
        names=("assigned_to__full_name",),
    ),
    WorkColumn("tags", gettext_lazy("Tags"), lambda line: ", ".join(line.labels), "case__tags"),
    WorkColumn("source", gettext_lazy("Source"), _source, "case__source"),
    WorkColumn(
        "owner",
        gettext_lazy("Case owner"),
        lambda line: line.item.case.owner.full_name if line.item.case.owner else "",
        _named("case__owner__full_name"),
        personal=True,
        names=("case__owner__full_name",),
    ),
    WorkColumn(
        "team",
        gettext_lazy("Case team"),
        lambda line: line.item.case.team.name if line.item.case.team else "",
        _named("case__team__name"),
        names=("case__team__name",),
    ),
    WorkColumn(BY_WARD, gettext_lazy("Ward"), lambda line: line.answers.get(BY_WARD, ""), sorts=False),
    WorkColumn(
        BY_POSTCODE,
        gettext_lazy("Postcode"),
        lambda line: line.answers.get(BY_POSTCODE, ""),
        personal=True,
        sorts=False,
    ),
    WorkColumn(BY_OUTCOME, gettext_lazy("Outcome"), _outcome, "outcome"),
    WorkColumn(
        "finished",
        gettext_lazy("Completed"),
        lambda line: short_moment(line.item.finished_at, line.language),
        "finished_at",
    ),
    WorkColumn(
        "finisher",
        gettext_lazy("Completed by"),
        lambda line: line.item.finished_by.full_name if line.item.finished_by else "",
        _named("finished_by__full_name"),
        personal=True,
        names=("finished_by__full_name",),
    ),
)
BY_KEY = {column.key: column for column in COLUMNS}
ON_ONE_LINE = frozenset({"age", "entered", "finished", BY_POSTCODE})
"""Those whose text is not broken: a day or a number of days reads badly in two lines."""
SAYS_ITSELF = frozenset({"customer", "kind", "type", "stage", "service", "workflow", "assigned"})
"""Those a card shows without their heading: nobody takes one for another."""
ONLY_WIDE = frozenset({"created", "updated"})
"""Those a card leaves out unless somebody chose them."""
USUAL = ("case", "customer", "workflow", "type", "stage", "target", "age", "created", "updated")
USUAL_COVERING = ("case", "customer", "assigned", "type", "stage", "target", "age", "created", "updated")
"""Where one's list holds the work of colleagues who are away, it says whose."""
USUAL_COMPLETED = ("case", "customer", "type", "stage", "outcome", "finished", "finisher")


MOST = 20


def chosen(
    keys: Sequence[str] | None, *, completed: bool, services: Mapping[str, int | None], covering: bool = False
) -> list[WorkColumn]:
    """The columns with these keys, the case first; the usual ones for None. `covering`: the list holds colleagues' work.

    `services` are the numbers of the versions in force, by the keys of the services.
    """
    wanted = keys or (USUAL_COMPLETED if completed else USUAL_COVERING if covering else USUAL)
    names = work_answers.headings(wanted, services)
    found = [_answer(key, names[key]) if key in names else BY_KEY.get(key) for key in wanted if key != "case"]
    return [BY_KEY["case"], *(column for column in found if column)]


def _answer(key: str, heading: str) -> WorkColumn:
    return WorkColumn(key, heading, lambda line: line.answers.get(key, ""), personal=True, sorts=False)
