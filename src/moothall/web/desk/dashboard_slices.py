"""Into which parts a work list falls: by stage, target, service, officer, team or age; each part is the list with one filter more."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Case, F, IntegerField, Q, Value, When
from django.utils.translation import gettext as _

from moothall.domain.cases import worklist
from moothall.domain.workflow import published
from moothall.web.desk.forms.work import TARGETS
from moothall.web.desk.models import DashboardTile
from moothall.web.desk.work_lists import WorkList

Kind = DashboardTile.Kind
_AGES = (7, 14, 28, 56)
"""Days in the stage at which one band ends and the next begins."""


@dataclass(frozen=True)
class Slice:
    """One part: its name, which rows it has, and how the address of the list changes for it.

    `keys` are what the rows of it have where they are grouped.
    """

    text: str
    keys: Sequence[Any]
    where: Q
    change: Mapping[str, str | None] = field(default_factory=dict)
    colour: str = ""
    key: str = ""
    among: str = ""  # the workflow of a stage, said where there are several


def of(kind: str, found: WorkList, now: datetime) -> list[Slice]:
    """The parts of a list that is well asked for; none for a number alone."""
    match kind:
        case Kind.BY_STAGE:
            return _stages(found)
        case Kind.BY_TARGET if not found.completed:
            return _targets(found, now)
        case Kind.BY_SERVICE:
            return _services(found)
        case Kind.BY_OFFICER:
            return _officers(found)
        case Kind.BY_TEAM:
            return _teams(found)
        case Kind.BY_AGE:
            return _ages(found, now)
    return []


def band_at(now: datetime, *, lines: bool) -> Any:
    """The place of a row's band among those by age: of open lines until now, of completed items until they were."""
    when = [
        When(Q(entered_at__gt=now - timedelta(days=days)), then=Value(place))
        if lines
        else When(Q(finished_at__lt=F("entered_at") + timedelta(days=days)), then=Value(place))
        for place, days in enumerate(_AGES)
    ]
    return Case(*when, default=Value(len(_AGES)), output_field=IntegerField())


def _stages(found: WorkList) -> list[Slice]:
    rows: dict[tuple[str, str], tuple[str, list[int]]] = {}
    for stage in found.stages:  # the names of the newest version stay
        place = (stage.version.workflow.key, stage.key)
        rows[place] = (stage.name, [*rows.get(place, ("", []))[1], stage.pk])
    names = {stage.version.workflow.key: published.workflow(stage.version_id).name for stage in found.stages}
    return [
        Slice(
            name,
            numbers,
            Q(stage__in=numbers),
            {"stage": f"{flow}/{key}"},
            key=f"{flow}/{key}",
            among=names[flow],
        )
        for (flow, key), (name, numbers) in rows.items()
    ]


def _targets(found: WorkList, now: datetime) -> list[Slice]:
    return [
        Slice(str(text), [place], worklist.showing(shown, now), {"target": shown}, colour=shown, key=shown)  # type: ignore[arg-type]
        for place, (shown, text) in enumerate(TARGETS)
        if found.query.get("target") in {None, shown}
    ]


def _services(found: WorkList) -> list[Slice]:
    path = "case__service" if found.completed else "service"
    offered = dict(found.form.fields["service"].choices)  # type: ignore[attr-defined]
    return [
        Slice(name, [number], Q(**{path: number}), {"service": key}, key=key)
        for key, (number, name) in sorted(found.services.items(), key=lambda one: one[1][1].casefold())
        if key in offered
    ]


def _officers(found: WorkList) -> list[Slice]:
    """Nobody, oneself, and each colleague the list can be narrowed to."""
    path = "finished_by" if found.completed else "assigned_to"
    mine = Slice(_("Me"), [found.user.pk], Q(**{path: found.user.pk}), {"assigned_to": "me"}, key="me")
    if "assigned_to" not in found.form.fields:  # the tab says already whose it is
        return [mine] if found.tab == "mine" else []
    nobody = Slice(_("Nobody"), [None], Q(**{path: None}), {"assigned_to": "nobody"}, key="nobody")
    choices: list[tuple[str, str]] = found.form.fields["assigned_to"].choices  # type: ignore[attr-defined]
    others = [
        Slice(str(text), [int(value)], Q(**{path: int(value)}), {"assigned_to": value}, key=value)
        for value, text in choices
        if value.isdecimal()
    ]
    return [*([] if found.completed else [nobody]), mine, *others]


def _teams(found: WorkList) -> list[Slice]:
    """No team, and each there is; an open line has its team among its kinds."""
    choices: list[tuple[str, str]] = found.form.fields["team"].choices  # type: ignore[attr-defined]
    slices = []
    for value, text in choices:
        if value:
            number = int(value) if value.isdecimal() else None
            here = Q(case__team=number) if found.completed else Q(kinds__contains=[f"team:{value}"])
            slices.append(Slice(str(text), [number], here, {"team": value}, key=value))
    return slices


def _ages(found: WorkList, now: datetime) -> list[Slice]:
    """Bands of days in the stage, within those asked for. A day at which two bands meet is to its moment in either."""
    since, until = found.form.cleaned_data.get("days_from"), found.form.cleaned_data.get("days_to")
    slices = []
    for place, (low, high) in enumerate(zip((0, *_AGES), (*_AGES, None), strict=True)):
        first, last = max(low, since or 0), min((one for one in (high, until) if one is not None), default=None)
        if last is not None and first > last:
            continue
        slices.append(
            Slice(
                _band(low, high),
                [place],
                _between(low, high, now, completed=found.completed),
                {"days_from": str(first) if first else None, "days_to": None if last is None else str(last)},
                key=f"{low}-{high or ''}",
            )
        )
    return slices


def _band(low: int, high: int | None) -> str:
    if high is None:
        return _("%s days and more") % low
    return _("%(first)s to %(last)s days") % {"first": low, "last": high} if low else _("Up to %s days") % high


def _between(low: int, high: int | None, now: datetime, *, completed: bool) -> Q:
    if completed:
        where = Q(finished_at__gte=F("entered_at") + timedelta(days=low)) if low else Q()
        return where if high is None else where & Q(finished_at__lt=F("entered_at") + timedelta(days=high))
    where = Q(entered_at__lte=now - timedelta(days=low)) if low else Q()
    return where if high is None else where & Q(entered_at__gt=now - timedelta(days=high))
