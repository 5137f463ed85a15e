"""Work shared out among colleagues, the least loaded first, by skill and absence; and given back (BEST-4)."""

import heapq
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count

from moothall.core.accounts import absence
from moothall.core.accounts.models import User
from moothall.core.accounts.permissions import Permission
from moothall.core.audit import recording
from moothall.domain.cases import batches
from moothall.domain.cases.models import Batch, BatchLine, WorkItem, WorkItemQuerySet
from moothall.domain.workflow import published
from moothall.domain.workflow.models import Stage
from moothall.kit.calendars import LONDON

MOST = 1_000


class CannotShare(Exception):
    """Why nothing was shared out. Its message may be shown to whoever asked."""


@dataclass(frozen=True)
class Officer:
    """Somebody work can be given to: what they can do and how many open items they hold."""

    pk: int
    groups: frozenset[str]
    skills: frozenset[str]
    load: int


def plan(wanted: Sequence[tuple[frozenset[str], str | None]], officers: Collection[Officer]) -> list[int | None]:
    """Who gets each item, told by the groups that progress it and the skill it asks for; None where nobody can.

    Each goes to whoever can do it and holds least by then; of two who hold the same, to the one with the lower number. The
    same question has always the same answer.
    """
    loads = {officer.pk: officer.load for officer in officers}
    able: dict[tuple[frozenset[str], str | None], list[int]] = {}
    heaps: dict[tuple[frozenset[str], str | None], list[tuple[int, int]]] = {}
    given: list[int | None] = []
    for place in wanted:
        if place not in able:
            able[place] = [one.pk for one in officers if _can(one, *place)]
            heaps[place] = [(loads[pk], pk) for pk in able[place]]
            heapq.heapify(heaps[place])
        heap = heaps[place]
        while heap and heap[0][0] != loads[heap[0][1]]:  # given something at another place meanwhile
            heapq.heapreplace(heap, (loads[heap[0][1]], heap[0][1]))
        if not heap:
            given.append(None)
            continue
        chosen = heap[0][1]
        loads[chosen] += 1
        heapq.heapreplace(heap, (loads[chosen], chosen))
        given.append(chosen)
    return given


def unassigned(by: User, *, workflow: str, stage: str) -> WorkItemQuerySet:
    """The open items of a stage, of every version, that nobody has and `by` may see, the longest waiting first."""
    rows = WorkItem.objects.visible_to(by).open().filter(assigned_to=None)
    return rows.filter(stage__key=stage, stage__version__workflow__key=workflow).order_by("entered_at", "id")


def share_out(
    items: WorkItemQuerySet, *, among: Collection[User], most: int, key: UUID, by: User, at: datetime
) -> Batch:
    """Share the first `most` of `items` out among colleagues, but those away today; a batch with a result for each.

    Raises CannotShare when nothing can be shared out, or `by` supervises no work.
    """
    if there := Batch.objects.filter(key=key).first():
        return there
    if not by.may(Permission.SUPERVISE):
        raise CannotShare("You supervise no work.")
    if not 1 <= most <= MOST:
        raise CannotShare(f"Between 1 and {MOST:,} work items can be shared out at once.")
    officers = here(among, at=at)
    if not officers:
        raise CannotShare("Everybody chosen is away today. Choose somebody who is here.")
    chosen = list(items.only("id", "case", "stage", "version")[:most])
    if not chosen:
        raise CannotShare("Nothing waits there any more: somebody has taken it.")
    lines = [
        BatchLine(item=item, case_id=item.case_id, to_id=to, seen=item.version)
        for item, to in zip(chosen, plan(places(chosen), officers), strict=True)
    ]
    asked = {"among": sorted(one.pk for one in officers)}
    return batches.begin(Batch.Kind.SHARE_OUT, lines, key=key, by=by, at=at, asked=asked)


def give_back(shared: Batch, *, key: UUID, by: User, at: datetime) -> Batch:
    """Give back what was shared out, where nobody has touched it since. Once: again gives the batch there is.

    Raises CannotShare when nothing was shared out, or that still goes on.
    """
    if shared.kind != Batch.Kind.SHARE_OUT:
        raise CannotShare("Only what was shared out can be given back.")
    if shared.finished_at is None:
        raise CannotShare("This still goes on: give it back once it has ended.")
    with recording.because(action="batch.begun", by=by, at=at):
        Batch.objects.select_for_update(no_key=True).get(pk=shared.pk)  # of two at once the second waits here
        if there := Batch.objects.filter(undoes=shared).first():
            return there
        done = shared.lines.filter(result=BatchLine.Result.DONE, item__isnull=False).order_by("id")
        lines = [BatchLine(item_id=one.item_id, case_id=one.case_id, seen=one.left) for one in done]
        return batches.begin(Batch.Kind.GIVE_BACK, lines, key=key, by=by, at=at, undoes=shared)


def here(among: Collection[User], *, at: datetime) -> list[Officer]:
    """Those of these people who are active and not away today, with what they hold."""
    today = at.astimezone(LONDON).date()
    numbers = [one.pk for one in among]
    away = absence.away(numbers, today=today)
    loads = held(numbers)
    people = User.objects.filter(pk__in=numbers, is_active=True, kind=User.Kind.PERSON).prefetch_related("groups")
    return [
        Officer(one.pk, one.group_keys, frozenset(one.skills), loads.get(one.pk, 0))
        for one in people.order_by("pk")
        if one.pk not in away
    ]


def held(people: Iterable[int]) -> Mapping[int, int]:
    """How many open items each of these people holds."""
    rows = WorkItem.objects.open().filter(assigned_to__in=list(people)).order_by().values_list("assigned_to")
    return {pk: many for pk, many in rows.annotate(many=Count("id")) if pk is not None}


def places(items: Iterable[WorkItem]) -> list[tuple[frozenset[str], str | None]]:
    """What each item asks of whoever gets it: the groups that progress it, and its skill."""
    numbers = {item.stage_id for item in items}
    stages = {stage.pk: _place(stage) for stage in Stage.objects.filter(pk__in=numbers)}
    return [stages[item.stage_id] for item in items]


def _place(stage: Stage) -> tuple[frozenset[str], str | None]:
    return frozenset(stage.progress), published.workflow(stage.version_id).stage(stage.key).skill


def _can(officer: Officer, groups: frozenset[str], skill: str | None) -> bool:
    return bool(officer.groups & groups) and (skill is None or skill in officer.skills)
