"""Applications taken in per second, from the national service's JSON to cases.

An operation is one application: fetched over HTTP, kept as it came, its person matched or created with address and
contact details, its case opened with a reference, its workflow started with a work item at the first stage, the
acknowledgement composed and queued, and timeline, audit and row history written.
"""

import resource
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Count

from moothall.config import migrated
from moothall.config.bench import children
from moothall.config.bench.children import Begin
from moothall.config.bench.transition import counted
from moothall.config.demo import AUTHORITY, council
from moothall.connectors.dft_blue_badge import intake
from moothall.domain.cases import submissions
from moothall.domain.cases.models import Case, Submission, WorkItem
from moothall.domain.messages.models import Message
from moothall.kit import scratch
from moothall.sandbox import testing

OPERATION = (
    "one application from the national service's JSON to a case with its person, work item and queued acknowledgement"
)


@dataclass(frozen=True)
class Options:
    """How large a measurement is."""

    applications: int = 2000
    processes: int = 2
    documents: bool = False  # a photograph and a PDF with each application of a person


@dataclass(frozen=True)
class _Done:
    """What one process did. `each` is how long each application took, in seconds."""

    each: list[float]
    statements: int
    cpu_seconds: float


def run(options: Options, say: Callable[[str], None]) -> dict[str, Any]:
    """Measure; `say` gets lines for people. Returns the figures."""
    with (
        scratch.folder("moothall-bench-") as folder,
        testing.start("--no-presets") as sandbox,
        migrated.scratch(),
    ):
        settings.MEDIA_ROOT = str(folder)
        council.make_ready(
            base_url=sandbox.base_url,
            credentials=sandbox.authority(AUTHORITY),
            at=datetime.now(tz=UTC),
            delay_seconds=900,
        )
        sandbox.load_applications(options.applications, la=AUTHORITY, documents=options.documents)
        say(f"{options.applications:,} applications wait at the national service (sandbox).")
        done, seconds = children.together(_work, processes=options.processes)
        figures = _figures(done, seconds) | _found(options)
    for key in ("per_second", "p95_ms", "cpu_ms", "statements", "duplicates", "missing"):
        say(f"{key}: {figures[key]}")
    return {"bench": "intake", "operation": OPERATION, "options": asdict(options)} | figures


def _work(_share: int, begin: Begin) -> _Done:
    settled: list[float] = []

    def note(execute: Any, sql: Any, params: Any, many: Any, context: Any) -> Any:
        result = execute(sql, params, many, context)
        if sql is submissions.SETTLE:
            settled.append(time.perf_counter())
        return result

    begin()
    cpu = _cpu_seconds()
    with counted() as statements, connection.execute_wrapper(note):
        intake.poll(at=datetime.now(tz=UTC))
    each = [later - earlier for earlier, later in pairwise(settled)]
    return _Done(each, statements(), _cpu_seconds() - cpu)


def _cpu_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _figures(done: list[_Done], seconds: float) -> dict[str, Any]:
    taken = Submission.objects.filter(case__isnull=False).count()
    each = sorted(value for one in done for value in one.each)
    return {
        "per_second": round(taken / seconds, 1),
        "p95_ms": round(1000 * each[int(0.95 * (len(each) - 1))], 1) if each else None,
        "cpu_ms": round(1000 * sum(one.cpu_seconds for one in done) / max(1, taken), 1),
        "statements": round(sum(one.statements for one in done) / max(1, taken), 1),
        "seconds": round(seconds, 2),
    }


def _found(options: Options) -> dict[str, int]:
    """What stands in the database: cases made twice of one application, applications without a whole case."""
    cases = Case.objects.filter(submission__isnull=False)
    applications = Submission.objects.aggregate(distinct=Count("external_id", distinct=True))["distinct"]
    whole = cases.filter(
        pk__in=WorkItem.objects.open().values("case"),
        message_links__message__status=Message.Status.QUEUED,
    ).distinct()
    return {
        "duplicates": Case.objects.count() - cases.count() + Submission.objects.count() - applications,
        "missing": options.applications - whole.count(),
        "cases": cases.count(),
    }
