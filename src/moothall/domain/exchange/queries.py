"""What is asked about the queue: what waits and why, figures, alarms."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Exists, Max, Min, OuterRef, Q

from moothall.core.accounts.models import User
from moothall.domain.cases.models import Case
from moothall.domain.exchange import entries
from moothall.domain.exchange.models import Attempt, CaseHold, Connector, Item, ItemQuerySet

OVERDUE = timedelta(minutes=15)  # waiting this long past its due time is late
TREND = timedelta(hours=1)  # over which growth is judged
ABANDONED = "Senders fell silent at work on {items} for {name}: others take over within a minute."
LATELY = timedelta(days=1)  # how far back calls are looked at
REPLY_STATES = frozenset(Item.Status.values) - {Item.Status.SENDING.value}
"""How a call may stand for conditions: while it is being sent, which nothing is woken for, it stands as queued."""


def connectors_with_work(*, at: datetime) -> list[str]:
    """Keys of the connectors that have something due that may go, or a lease that ran out."""
    own = Item.objects.filter(connector=OuterRef("pk"))
    expired = Exists(own.abandoned(at))
    may_go = Q(paused_at=None) & (Q(breaker_until=None) | Q(breaker_until__lte=at))
    rows = Connector.objects.filter(expired | (may_go & Exists(own.due(at))))
    return list(rows.order_by("key").values_list("key", flat=True))


def replies(case: Case) -> Mapping[str, str]:
    """The status of the last item of each operation of `case`, one of `REPLY_STATES`."""
    rows = Item.objects.filter(case=case).order_by("operation", "-pk").distinct("operation")
    found = rows.values_list("operation", "status")
    sending, queued = Item.Status.SENDING.value, Item.Status.QUEUED.value
    return {operation: queued if status == sending else status for operation, status in found}


def waiting_for(item: Item) -> str:
    """Why a waiting item is not sent yet, beside the time it is due; empty when nothing else holds it."""
    if item.status not in Item.WAITING:
        return ""
    if item.connector.paused_at:
        return f"{item.connector.name} is paused: {item.connector.pause_reason}"
    if hold := CaseHold.objects.filter(case=item.case_id).first():
        return f"The integrations of this case are paused: {hold.reason}"
    before = Item.objects.filter(case=item.case_id, lane=item.lane, pk__lt=item.pk).unsettled().order_by("pk").first()
    if before:
        return f"{entries.title(before)} comes first: {entries.STANDS[before.status]}."
    if item.connector.breaker_until and item.connector.breaker_until > item.due_at:
        return f"{item.connector.name} does not answer at the moment and is tried again later."
    return ""


@dataclass(frozen=True, kw_only=True)
class Health:
    """How one connector does, as far as somebody sees its items. `alarms` are sentences; none when all is well."""

    key: str
    name: str
    counts: Mapping[str, int]  # by status
    overdue: int
    oldest_due_at: datetime | None  # of those that wait and are due
    queued_lately: int  # in the last hour
    settled_lately: int
    growing: bool  # more is queued than settled, and some of it is late
    last_success_at: datetime | None  # in the last day, as are the problems
    last_problem_at: datetime | None
    last_problem: str
    calls_lately: int  # in the last day
    failed_lately: int
    at_once: int  # calls that may be under way at the same time
    abandoned: int  # their sender fell silent in the middle
    paused: bool
    stopped_until: datetime | None  # the circuit breaker
    alarms: tuple[str, ...]


def health(*, at: datetime, seen_by: User) -> list[Health]:
    """Figures and alarms of every connector, in the order of their keys, over the items that user may see (BEST-20)."""
    seen = Item.objects.visible_to(seen_by)
    return [_health(connector, seen, at) for connector in Connector.objects.order_by("key")]


def _health(connector: Connector, seen: ItemQuerySet, at: datetime) -> Health:
    items = seen.filter(connector=connector)
    unsettled = dict(items.unsettled().order_by().values_list("status").annotate(Count("pk")))
    waiting = items.due(at).aggregate(oldest=Min("due_at"), overdue=Count("pk", filter=Q(due_at__lte=at - OVERDUE)))
    queued = items.filter(created_at__gt=at - TREND, created_at__lte=at).count()
    settled = items.filter(processed_at__gt=at - TREND, processed_at__lte=at).count()
    tries = Attempt.objects.filter(item__in=items.order_by(), finished_at__gt=at - LATELY, finished_at__lte=at)
    calls = tries.aggregate(all=Count("pk"), failed=Count("pk", filter=~Q(problem="")))
    problem = tries.exclude(problem="").order_by("-finished_at").first()
    good = [tries.filter(problem="").aggregate(at=Max("finished_at"))["at"], connector.answered_at]
    bad = [(problem.finished_at, problem.problem)] if problem else []
    bad += [(connector.problem_at, connector.problem)] if connector.problem_at else []
    problem_at, last_problem = max(bad, default=(None, ""))
    abandoned = items.abandoned(at).count()
    growing = queued > settled and waiting["overdue"] > 0
    stopped = connector.breaker_until if connector.breaker_until and connector.breaker_until > at else None
    return Health(
        key=connector.key,
        name=connector.name,
        counts={str(status): unsettled.get(status, 0) for status in Item.UNSETTLED},
        overdue=waiting["overdue"],
        oldest_due_at=waiting["oldest"],
        queued_lately=queued,
        settled_lately=settled,
        growing=growing,
        last_success_at=max(filter(None, good), default=None),
        last_problem_at=problem_at,
        last_problem=last_problem,
        calls_lately=calls["all"],
        failed_lately=calls["failed"],
        at_once=connector.at_once,
        abandoned=abandoned,
        paused=connector.paused_at is not None,
        stopped_until=stopped,
        alarms=(
            *_alarms(connector, unsettled, waiting["overdue"], queued, settled, stopped),
            *([ABANDONED.format(items=_items(abandoned), name=connector.name)] if abandoned else []),
        ),
    )


def _alarms(
    connector: Connector,
    unsettled: Mapping[str, int],
    overdue: int,
    queued: int,
    settled: int,
    stopped: datetime | None,
) -> list[str]:
    name, found = connector.name, []
    if overdue and queued > settled:
        found.append(f"The queue for {name} grows: {queued} queued and {settled} settled in the last hour.")
    if overdue:
        found.append(f"{_items(overdue)} for {name} should have gone more than {OVERDUE.seconds // 60} minutes ago.")
    if errors := unsettled.get(Item.Status.ERROR):
        found.append(f"Somebody must put an error right: {_items(errors)} for {name}.")
    if stopped:
        found.append(f"{name} failed {connector.failures_in_a_row} times in a row: calls are stopped for now.")
    if connector.paused_at:
        found.append(f"{name} is paused: {connector.pause_reason}")
    return found


def _items(count: int) -> str:
    return "1 item" if count == 1 else f"{count} items"
