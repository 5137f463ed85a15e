"""What the pages of the desk cost: those of a case with few documents, notes and timeline lines and of one with many.

An operation is one request of a signed-in officer through all of Django. Pages are asked for in turns, so that a machine that is
busy for a while is so for all of them; what counts is the median.
"""

import random
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import connection

from moothall.config.bench import big
from moothall.config.bench.browser import Browser, Took, make_ready, middle
from moothall.domain.cases.models import Case, CaseDocument, Note, TimelineEntry, WorkItem
from moothall.domain.documents.models import Document

OPERATION = "one request for a page of the desk, through all of Django"
CASE_MS, STATEMENTS = 40.0, 25  # every tab of a case, and every page, at most
FEW, MANY = 10, 2_000
LARGE = 100_000  # open cases of a council whose database stays for the next time
TABS = ("", "application/", "workflow/", "timeline/", "documents/", "notes/", "payments/", "issued/")
Say = Callable[[str], None]


@dataclass(frozen=True)
class Options:
    """How large a measurement is: `cases` the council, `many` what the full case has of each kind."""

    cases: int = 2_000
    many: int = MANY
    repeat: int = 15
    judged: bool = True


def run(options: Options, say: Say) -> dict[str, Any]:
    """Measure; `say` gets lines for people. Returns the figures, with `failed`: the limits that were not kept."""
    make_ready()
    with big.council_of(options.cases, 4, keep=options.cases >= LARGE, say=say):
        pages = measured(options)
    for name, one in pages.items():
        say(
            f"{name:32}{one['server_ms']:>8} ms, SQL {one['sql_ms']:>7} ms, {one['statements']:>3} statements, {one['kb']:>5} kB"
        )
    failed = too_dear(pages) if options.judged else []
    for sentence in failed:
        say(f"FAILED: {sentence}")
    return {"bench": "pages", "operation": OPERATION, "options": asdict(options), "pages": pages, "failed": failed}


def measured(options: Options) -> dict[str, dict[str, Any]]:
    """What each page costs in the council in the database in use, by its name."""
    addresses = _addresses(options.many)
    browser = Browser(big.OFFICER, big.PASSWORD)
    browser.post("/desk/search/", q="an")
    took: dict[str, list[Took]] = {name: [] for name in addresses}
    for turn in range(options.repeat + 1):
        names = list(addresses)
        random.Random(turn).shuffle(names)  # noqa: S311 - the same turns every time
        for name in names:
            one = browser.get(addresses[name])
            if turn:  # the first warms
                took[name].append(one)
    return {
        name: _milliseconds(middle(each)) | {"best_ms": round(min(one.server for one in each), 1)}
        for name, each in took.items()
    }


def _addresses(many: int) -> dict[str, str]:
    """Every page that is measured, by name."""
    started = WorkItem.objects.open().filter(stage__key="desktop_screening").values("case")
    few, full = Case.objects.filter(pk__in=started, document_links=None).order_by("pk")[:2]
    _fill(few, FEW)
    _fill(full, many)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # as PostgreSQL does by itself after so many rows
    return {
        "home": "/desk/",
        "work list": "/desk/work/?tab=all",
        "search": "/desk/search/",
        "customer": f"/desk/customers/{full.customer_id}/",
        "queue": "/desk/queue/",
        "failures": "/desk/failures/",
    } | {
        f"case with {number:,}: {tab.rstrip('/') or 'summary'}": f"/desk/cases/{case.reference}/{tab}"
        for case, number in ((few, FEW), (full, many))
        for tab in TABS
    }


def _fill(case: Case, many: int) -> None:
    """So many documents, notes (a tenth of them important) and lines on the case."""
    by, at = big.officer(), datetime.now(tz=UTC)
    like = Document.objects.latest("pk")
    copied = {"file": like.file.name, "media_type": like.media_type, "size": like.size, "sha256": like.sha256}
    rows = Document.objects.bulk_create(
        Document(name=f"Letter {number}.png", origin="officer", created_at=at, created_by=by, **copied)
        for number in range(many)
    )
    CaseDocument.objects.bulk_create(CaseDocument(case=case, document=row) for row in rows)
    Note.objects.bulk_create(
        Note(case=case, text=f"Note {number}.", important=number % 10 == 0, by=by, at=at) for number in range(many)
    )
    TimelineEntry.objects.bulk_create(
        TimelineEntry(case=case, kind="note", text="Note added.", by=by, at=at) for _ in range(many)
    )


def _milliseconds(one: Took) -> dict[str, Any]:
    return {
        "server_ms": round(one.server, 1),
        "sql_ms": round(one.sql, 1),
        "cpu_ms": round(one.cpu, 1),
        "statements": one.statements,
        "kb": round(len(one.content.encode()) / 1024),
    }


def too_dear(pages: dict[str, dict[str, Any]]) -> list[str]:
    """The pages that keep a limit not: the tabs of a case have one of time, every page one of statements."""
    slow = [
        f"{name} takes {one['server_ms']} ms, more than {CASE_MS}"
        for name, one in pages.items()
        if name.startswith("case ") and one["server_ms"] > CASE_MS
    ]
    return slow + [
        f"{name} asks {one['statements']} statements, more than {STATEMENTS}"
        for name, one in pages.items()
        if one["statements"] > STATEMENTS
    ]
