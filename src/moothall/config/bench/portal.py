"""Citizens who fill in forms, by Locust: pages a second beside a plain page of Django, and nothing lost while all is killed.

First one page of a form is read as often as it can be, and beside it a page of the portal that is the same for everybody, and one
of Django alone with the text of a form, served in the same way. Then so many citizens come, as many at once as `users`, and each fills in the form and sends it; in the second
half of them web processes, the worker and PostgreSQL are killed again and again. In the end each citizen who was told a
reference must have one form that was sent and one case, and nobody two.
"""

import importlib.util
import json
import os
import statistics
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from moothall.config import postgres
from moothall.config.bench.browser import Unexpected
from moothall.config.bench.portal_site import Site, Storm
from moothall.kit import scratch

Say = Callable[[str], object]
CITIZENS = Path(__file__).parents[4] / "tests" / "bench" / "citizens.py"
"""What Locust reads. It is no part of the product, and nor is Locust."""

STATIC = "/privacy/"
LEAST_A_SECOND, P95_MS, LEAST_RATIO = 100.0, 150.0, 0.25
"""Limits of a page of a form: so many a second, in so many milliseconds, and so much of what a static page of the portal does."""

SETTLING_SECONDS = 1_800.0
LONGEST_SECONDS = 7_200


@dataclass(frozen=True)
class Options:
    """How large a measurement is."""

    citizens: int = 10_000
    users: int = 12  # at once
    seconds: float = 30.0  # that one page is read
    processes: int = 2  # of the web
    every: float = 4.0  # seconds between two kills
    judged: bool = True


def run(options: Options, say: Say) -> dict[str, Any]:
    """Measure; `say` gets lines for people. Returns the figures, with the limits that failed."""
    if importlib.util.find_spec("locust") is None or not CITIZENS.exists():
        raise Unexpected("This is measured from a checkout, with Locust: `make setup` installs it.")
    with scratch.folder("moothall-bench-portal-") as folder:
        try:
            figures = _measured(Site(folder, processes=options.processes), options, say)
        finally:
            postgres.stop(folder)
    return {
        "bench": "portal",
        "options": asdict(options),
        **figures,
        "failed": failed(figures) if options.judged else [],
    }


def _measured(site: Site, options: Options, say: Say) -> dict[str, Any]:
    site.prepare()
    half = options.citizens // 2
    with site.running():
        first = _locust(site.folder, site.address, users=options.users, citizens=2 * options.users)  # what is read once
        read = _locust(site.folder, site.address, users=options.users, seconds=options.seconds)
        still = _locust(site.folder, site.address, users=options.users, seconds=options.seconds, page=STATIC)
        with site.plain(read["page"]) as plain:
            beside = _locust(site.folder, plain, users=options.users, seconds=options.seconds, page="/")
        pages = _rate(read, "form page") | {"static": _rate(still, "plain page"), "django": _rate(beside, "plain page")}
        for name in ("static", "django"):
            pages[f"of_{name}"] = round(pages["a_second"] / max(pages[name]["a_second"], 0.1), 2)
        say(f"a page of the form: {pages['a_second']} a second, p95 {pages['p95_ms']} ms")
        say(f"{pages['of_static']} of a static page of the portal, {pages['of_django']} of a page of Django alone")
        calm = _locust(site.folder, site.address, users=options.users, citizens=half)
        say(f"{half:,} citizens: {_summary(calm)}")
        with Storm(site, every=options.every) as storm:
            wild = _locust(site.folder, site.address, users=options.users, citizens=options.citizens - half)
        say(f"{options.citizens - half:,} citizens while {dict(storm.kills)} were killed: {_summary(wild)}")
        settled = site.settled(seconds=SETTLING_SECONDS)
        found = _found(site, [first, calm, wild]) | {"settled": settled}
    say(f"{found}")
    return {
        "page": pages,
        "calm": _summary(calm),
        "storm": _summary(wild) | {"kills": dict(storm.kills)},
        "found": found,
    }


def _locust(
    folder: Path, host: str, *, users: int, citizens: int = 0, seconds: float = 0, page: str = ""
) -> dict[str, Any]:
    """What so many at once met."""
    out = folder / "met.json"
    out.unlink(missing_ok=True)
    told = [sys.executable, "-m", "locust", "-f", str(CITIZENS), "--headless", "--only-summary", "--host", host]
    told += ["--users", str(users), "--spawn-rate", str(users), "--exit-code-on-error", "0", "--loglevel", "ERROR"]
    told += ["--run-time", f"{round(seconds) or LONGEST_SECONDS}s"]
    around = os.environ | {
        "MOOTHALL_BENCH_OUT": str(out),
        "MOOTHALL_BENCH_CITIZENS": str(citizens),
        "MOOTHALL_BENCH_PAGE": page,
    }
    subprocess.run(  # noqa: S603 - our own command
        told, env=around, check=True, capture_output=True, timeout=LONGEST_SECONDS + 120
    )
    met: dict[str, Any] = json.loads(out.read_text())
    return met


def _rate(met: dict[str, Any], kind: str) -> dict[str, Any]:
    took = met["took"].get(kind, [])
    return {"a_second": round(len(took) / met["seconds"], 1), **_quantiles(took), "failed": met["failed"]}


def _summary(met: dict[str, Any]) -> dict[str, Any]:
    every = [one for took in met["took"].values() for one in took]
    return {
        "requests_a_second": round(len(every) / met["seconds"], 1),
        **_quantiles(every),
        "seconds": round(met["seconds"], 1),
        "sent": len(met["told"]),
        "failed": met["failed"],
        "gave_up": met["gave_up"][:20],
    }


def _quantiles(took: list[float]) -> dict[str, float]:
    if len(took) < 2:
        return {"p50_ms": 0.0, "p95_ms": 0.0, "p99_ms": 0.0}
    cut = statistics.quantiles(took, n=100)
    return {f"p{one}_ms": round(cut[one - 1], 1) for one in (50, 95, 99)}


def _found(site: Site, met: list[dict[str, Any]]) -> dict[str, int]:
    """What became of what they sent: lost is a form of which somebody was told, or that nobody could send; doubled, one too many."""
    told = {reference for one in met for reference in one["told"].values()}
    sent = [str(reference) for (reference,) in site.rows("SELECT reference FROM forms_submission")]
    cases = [str(reference) for (reference,) in site.rows("SELECT reference FROM cases_case")]
    return {
        "told": len(told),
        "lost": len(told - set(sent)) + len(told - set(cases)) + sum(len(one["gave_up"]) for one in met),
        "doubled": len(set(sent) - told) + len(set(cases) - told),
    }


def failed(figures: dict[str, Any]) -> list[str]:
    """The limits that are not kept, in words."""
    page, found = figures["page"], figures["found"]
    checks = {
        f"a page of the form is shown {page['a_second']} times a second, not {LEAST_A_SECOND}": page["a_second"]
        >= LEAST_A_SECOND,
        f"95 in 100 pages take {page['p95_ms']} ms, not {P95_MS}": page["p95_ms"] <= P95_MS,
        f"that is {page['of_static']} of a static page, not {LEAST_RATIO}": page["of_static"] >= LEAST_RATIO,
        f"{found['lost']} forms are lost": not found["lost"],
        f"{found['doubled']} forms are there twice": not found["doubled"],
        "forms still wait for their case": bool(found["settled"]),
    }
    return [sentence for sentence, kept in checks.items() if not kept]
