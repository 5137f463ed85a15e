"""Outcomes chosen per second, beside what PostgreSQL itself does on the same server in the same run.

An operation is one `progress.choose`: lock the case, check permission, tags, the answer from a list and the version,
finish the work item, keep answers and tags, enter the next stage, write timeline and audit, keep the rows as they were.
"""

import resource
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

from django.db import connection
from django.db.models import F

from moothall.config import migrated
from moothall.config.bench import children, server
from moothall.config.bench.children import Begin
from moothall.core.accounts.actions import system_user
from moothall.core.accounts.models import Membership, SecurityGroup, User
from moothall.domain.cases import actions, progress
from moothall.domain.cases.models import WorkItem
from moothall.domain.catalogue import actions as catalogue
from moothall.domain.catalogue import bundle
from moothall.domain.catalogue.models import Service
from moothall.domain.people.actions import PersonDetails, create_person

OPERATION = (
    "one outcome chosen by an officer (question answered from a list, tag set or removed), from lock to commit,"
    " with timeline, audit and row history"
)
SERVICE = """
key: bench
name: Bench
prefix: BN
case_types: [{key: new, label: New, workflow: round}]
sources: [{key: online, label: Online}]
tags: [{key: checked, label: Checked}]
groups: [{key: bench_officers, name: Officers}]
"""
LIST = "name: Results\nvalues: [{key: good, label: Good}, {key: poor, label: Poor}]\n"


@dataclass(frozen=True)
class Options:
    """How large a measurement is. `stages` is the size of the definition, `outcomes` that of the memory part."""

    seconds: float = 10.0
    processes: tuple[int, ...] = (1, 2, 4)
    stages: int = 30
    cases: int = 200  # for each process
    outcomes: int = 100_000
    scale: int = 10


@dataclass(frozen=True)
class _Done:
    """What one process did."""

    outcomes: int
    seconds: float
    most_statements: int


def run(options: Options, say: Callable[[str], None]) -> dict[str, Any]:
    """Measure; `say` gets lines for people. Returns the figures."""
    figures: dict[str, Any] = {"bench": "transition", "operation": OPERATION, "options": asdict(options)}
    ratio: dict[str, float] = {}
    per_second: dict[str, float] = {}
    peer: dict[str, float] = {}
    statements = 0
    with migrated.scratch():
        _prepare(options)
        for processes in options.processes:
            done, _ = children.together(partial(_measure, options, processes), processes=processes)
            rate = sum(each.outcomes / each.seconds for each in done)
            tps = server.pgbench(clients=processes, seconds=options.seconds, scale=options.scale)
            statements = max(statements, *(each.most_statements for each in done))
            per_second[str(processes)], peer[str(processes)] = round(rate, 1), round(tps, 1)
            ratio[str(processes)] = round(rate / tps, 3)
            say(f"{processes} processes: {rate:,.0f} outcomes/s, pgbench -N {tps:,.0f}/s, ratio {rate / tps:.3f}")
        memory = _memory(options)
        say(f"memory over {options.outcomes:,} outcomes: {memory['start_mib']} to {memory['end_mib']} MiB")
    return figures | {
        "ratio": ratio,
        "per_second": per_second,
        "pgbench_per_second": peer,
        "statements": statements,
        "memory": memory,
    }


def definition(stages: int) -> str:
    """A workflow that goes round `stages` stages for ever, each with an outcome that asks, tags and moves on."""
    parts = ["key: round", "name: Round", "start: s0", "stages:"]
    for number in range(stages):
        change = "set" if number % 2 == 0 else "remove"
        parts.append(
            f"""
  - id: s{number}
    name: Stage {number}
    see: [bench_officers]
    progress: [bench_officers]
    target: {{amount: 5, unit: working_days}}
    outcomes:
      - id: on
        name: Go on
        questions: [{{id: result{number}, label: Result, type: choice, list: results, required: true}}]
        tags: {{case: {{{change}: [checked]}}}}
        to: s{(number + 1) % stages}
      - {{id: stop, name: Stop, note: required, end: {{state: closed}}}}"""
        )
    return "\n".join(parts)


def _prepare(options: Options) -> None:
    by, at = system_user(), datetime.now(tz=UTC)
    files = {
        "service.yaml": SERVICE,
        "workflows/round.yaml": definition(options.stages),
        "lists/results.yaml": LIST,
    }
    catalogue.publish(bundle.parse(files), by=by, at=at)
    officer = User.objects.create_user("officer@council.example.org", full_name="Bench Officer")
    Membership.objects.create(user=officer, group=SecurityGroup.objects.get(key="bench_officers"))
    service = Service.objects.get(key="bench")
    for number in range(options.cases * max(options.processes)):
        customer = create_person(PersonDetails(last_name=f"Fictional {number}"), by=by, at=at)
        actions.open_case(service=service, type="new", source="online", customer=customer, by=by, at=at)


def _measure(options: Options, processes: int, share: int, begin: Begin) -> _Done:
    """Choose outcomes on cases of this process's own for the seconds asked for."""
    officer, items = _share(share, processes)
    most = 0
    _go_round(officer, items, outcomes=len(items))  # warm
    begin()
    began = time.perf_counter()
    count = 0
    while time.perf_counter() - began < options.seconds:
        with counted() as statements:
            count += _go_round(officer, items, outcomes=1, turn=count)
        most = max(most, statements())
    return _Done(count, time.perf_counter() - began, most)


def _share(share: int, processes: int) -> tuple[User, list[WorkItem]]:
    officer = User.objects.get(email="officer@council.example.org")
    shares = WorkItem.objects.open().annotate(share=F("case_id") % processes)
    return officer, list(shares.filter(share=share).select_related("stage").order_by("case_id"))


def _go_round(officer: User, items: list[WorkItem], *, outcomes: int, turn: int = 0) -> int:
    """Choose outcomes on the items in turn; each item is replaced by the one its case came to."""
    assert officer.group_keys
    for number in range(turn, turn + outcomes):
        place = number % len(items)
        item = items[place]
        answers = {f"result{item.stage.key[1:]}": "good"}
        chosen = progress.choose(item, "on", by=officer, at=datetime.now(tz=UTC), version=item.version, answers=answers)
        assert chosen.now_at is not None
        items[place] = chosen.now_at
    return outcomes


@contextmanager
def counted() -> Iterator[Callable[[], int]]:
    """Count the SQL statements run inside, BEGIN and COMMIT not among them."""
    count = 0

    def count_one(execute: Any, sql: Any, params: Any, many: Any, context: Any) -> Any:
        nonlocal count
        count += 1
        return execute(sql, params, many, context)

    with connection.execute_wrapper(count_one):
        yield lambda: count


def _memory(options: Options) -> dict[str, float]:
    """What one process keeps: resident memory after a tenth of the outcomes and after all of them, in MiB."""
    ((start, end),), _ = children.together(partial(_fill, options.outcomes), processes=1)
    return {"start_mib": start, "end_mib": end, "growth": round(end / start, 3), "outcomes": options.outcomes}


def _fill(outcomes: int, _one: int, begin: Begin) -> tuple[float, float]:
    begin()
    officer, items = _share(0, 1)
    tenth = max(1, outcomes // 10)
    _go_round(officer, items, outcomes=tenth)
    start = _resident_mib()
    _go_round(officer, items, outcomes=outcomes - tenth, turn=tenth)
    return start, _resident_mib()


def _resident_mib() -> float:
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1)
