"""The work list at a million: what its first and deepest pages cost under every filter, order and tab.

An operation is one request of a signed-in officer of two groups for the whole page of the list, through all of Django:
session, permissions, filters, counts, the rows and their HTML. Each is asked for several times in turns with the others;
what counts for it is the median. Beside them stand the primary-key look-up, 51 rows by an index, and a page of the desk without a
list, measured in the same run: these can be compared between busy machines, milliseconds cannot.
"""

import html
import random
import re
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from statistics import mean, median
from typing import Any

from django.db import connection
from django.urls import reverse

from moothall.config.bench import asking, big
from moothall.config.bench.asking import LIST
from moothall.config.bench.browser import Browser, Took, make_ready, middle, share
from moothall.domain.cases.models import WorkItem

OPERATION = "one request for a page of the work list, through all of Django, by an officer of two of three services"
SERVER_MS, SQL_MS, GROWTH, STATEMENTS = 60.0, 20.0, 1.5, 12
WORST = 10
FOLLOWED = 12
_NEXT = re.compile(r'rel="next"[^>]*href="([^"]+)"|href="([^"]+)"[^>]*rel="next"')
Say = Callable[[str], None]


@dataclass(frozen=True)
class Options:
    """How large a measurement is. `sizes` are the open work items of each council, `finished` those behind each."""

    sizes: tuple[int, ...] = (100_000, 1_000_000)
    finished: int = 4
    repeat: int = 3
    pairs: int = 1_000  # of filters, at most: there are some 450
    triples: int = 150
    most: int | None = None  # of requests that follow no other; none: all
    keep: bool = True
    judged: bool = True  # whether the limits count


def run(options: Options, say: Say) -> dict[str, Any]:
    """Measure; `say` gets lines for people. Returns the figures, with `failed`: the limits that were not kept."""
    make_ready()
    measured: dict[int, dict[str, Took]] = {}
    councils: dict[str, Any] = {}
    for size in options.sizes:
        with big.council_of(size, options.finished, keep=options.keep, say=say):
            councils[str(size)], measured[size] = council(options, say)
        _tell(size, councils[str(size)], say)
    growth = _growth(measured[options.sizes[0]], measured[options.sizes[-1]])
    say(f"growth from {options.sizes[0]:,} to {options.sizes[-1]:,}: {growth}")
    broken = failed(councils, growth) if options.judged else []
    for sentence in broken:
        say(f"FAILED: {sentence}")
    return {
        "bench": "worklist",
        "operation": OPERATION,
        "options": asdict(options),
        "councils": councils,
        "growth": growth,
        "failed": broken,
    }


def council(options: Options, say: Say) -> tuple[dict[str, Any], dict[str, Took]]:
    """The figures of the council in the database in use, and what each request took, by its name."""
    kinds, took = _measure(options, say)
    return _figures(kinds, took) | {"beside": _beside()}, took


def _measure(options: Options, say: Say) -> tuple[dict[str, str], dict[str, Took]]:
    """Every request in every turn, in another order each time; the first turn warms and does not count."""
    now = datetime.now(tz=UTC)
    browser = Browser(big.OFFICER, big.PASSWORD)
    asked = asking.requests(now, pairs=options.pairs, triples=options.triples)
    if options.most:
        asked = random.Random(7).sample(asked, min(options.most, len(asked)))  # noqa: S311
    runs: dict[str, list[Took]] = {}
    kinds = {one.name: one.kind for one in asked}
    for turn in range(options.repeat + 1):
        random.Random(turn).shuffle(asked)  # noqa: S311 - the same turns every time
        began = time.monotonic()
        took = {one.name: browser.get(one.address) for one in asked}
        followed = _follow(browser, options)
        sought = _seek(browser, now)
        kinds |= dict.fromkeys(followed, "followed") | dict.fromkeys(sought, "text")
        for name, one in (took | followed | sought).items() if turn else ():
            runs.setdefault(name, []).append(one)
        say(f"turn {turn} of {options.repeat}: {len(kinds)} requests in {time.monotonic() - began:,.0f} seconds")
    return kinds, {name: middle(each) for name, each in runs.items()}


def _follow(browser: Browser, options: Options) -> dict[str, Took]:
    """One page after another, as somebody would turn them."""
    address, pages = f"{LIST}?tab=all", {}
    for number in range(1, (FOLLOWED if options.most is None else 2) + 1):
        pages[f"page {number}"] = took = browser.get(address)
        link = _NEXT.search(took.content)
        if link is None:
            break
        address = html.unescape(link[1] or link[2])
    return pages


def _seek(browser: Browser, now: datetime) -> dict[str, Took]:
    sought = {}
    for name, text in asking.found(now).items():
        browser.post(reverse("desk:work_find"), find=text)
        sought[f"found by {name}"] = browser.get(f"{LIST}?tab=all&find=1")
    browser.post(reverse("desk:work_find"), find="")
    return sought


def _beside() -> dict[str, float]:
    """Medians, in milliseconds, of what everything is made of."""
    numbers = list(WorkItem.objects.open().order_by("?").values_list("pk", "stage")[:200])
    key = "SELECT * FROM cases_workitem WHERE id = %s"
    rows = "SELECT * FROM cases_workitem WHERE finished_at IS NULL AND stage_id = %s ORDER BY entered_at LIMIT 51"
    browser = Browser(big.OFFICER, big.PASSWORD)
    return {
        "primary_key_ms": round(median(_asked(key, number) for number, _ in numbers), 3),
        "rows_51_ms": round(median(_asked(rows, stage) for _, stage in numbers), 3),
        "page_without_list_ms": round(median(browser.get("/desk/search/").server for _ in range(20)), 1),
    }


def _asked(statement: str, value: int) -> float:
    began = time.perf_counter()
    with connection.cursor() as cursor:
        cursor.execute(statement, [value])
        cursor.fetchall()
    return 1000 * (time.perf_counter() - began)


def _figures(kinds: dict[str, str], took: dict[str, Took]) -> dict[str, Any]:
    groups = {"all": list(took)} | {
        kind: [name for name in took if kinds[name] == kind] for kind in dict.fromkeys(kinds.values())
    }
    worst = sorted(took.items(), key=lambda one: one[1].server, reverse=True)[:WORST]
    return {
        "requests": len(took),
        "kinds": {kind: _summary([took[name] for name in names]) for kind, names in groups.items() if names},
        "worst": [{"name": name, **_milliseconds(one)} for name, one in worst],
    }


def _milliseconds(one: Took) -> dict[str, Any]:
    return {"server_ms": round(one.server, 1), "sql_ms": round(one.sql, 1), "statements": one.statements}


def _summary(took: list[Took]) -> dict[str, Any]:
    server, sql = [one.server for one in took], [one.sql for one in took]
    return {
        "requests": len(took),
        "server_p50_ms": round(share(server, 0.5), 1),
        "server_p95_ms": round(share(server, 0.95), 1),
        "cpu_p50_ms": round(share([one.cpu for one in took], 0.5), 1),
        "sql_p50_ms": round(share(sql, 0.5), 1),
        "sql_p95_ms": round(share(sql, 0.95), 1),
        "statements": max(one.statements for one in took),
    }


def _growth(small: dict[str, Took], large: dict[str, Took]) -> dict[str, float]:
    """How much more the same requests cost, on the whole."""
    both = small.keys() & large.keys()

    def grown(what: Callable[[Took], float]) -> float:
        return round(mean(what(large[name]) for name in both) / mean(what(small[name]) for name in both), 2)

    return {"server": grown(lambda one: one.server), "sql": grown(lambda one: one.sql)}


def failed(councils: dict[str, Any], growth: dict[str, float]) -> list[str]:
    """The limits that were not kept, a sentence each."""
    found = []
    for size, figures in councils.items():
        every = figures["kinds"]["all"]
        for what, limit in (("server_p95_ms", SERVER_MS), ("sql_p95_ms", SQL_MS), ("statements", STATEMENTS)):
            if every[what] > limit:
                found.append(f"with {int(size):,} open work items {what} is {every[what]}, more than {limit}")
    if growth["server"] > GROWTH:
        found.append(f"the server's time grows {growth['server']} times, more than {GROWTH}")
    return found


def _tell(size: int, figures: dict[str, Any], say: Say) -> None:
    say(f"{size:,} open work items; beside: {figures['beside']}")
    say(f"{'':16}{'requests':>9}{'server p50':>12}{'p95':>8}{'SQL p50':>10}{'p95':>8}{'statements':>12}")
    for kind, one in figures["kinds"].items():
        say(
            f"{kind:16}{one['requests']:>9}{one['server_p50_ms']:>12}{one['server_p95_ms']:>8}{one['sql_p50_ms']:>10}"
            f"{one['sql_p95_ms']:>8}{one['statements']:>12}"
        )
    for one in figures["worst"]:
        say(f"  {one['server_ms']:>8} ms, SQL {one['sql_ms']:>8} ms: {one['name']}")
