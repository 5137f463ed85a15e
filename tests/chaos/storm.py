"""A storm from beginning to end: kills, faults and work at once; calm; then everything is reconciled."""

import random
import shutil
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import httpx
import psycopg
from procrastinate import App, SyncPsycopgConnector, exceptions
from tests.chaos import reconcile
from tests.chaos.officers import AT_REST, Done, Manager, Officer
from tests.chaos.world import DidNotHappen, Nursery, World, kill_group, wait_for

from moothall.config import postgres
from moothall.config.demo import AUTHORITY
from moothall.sandbox import testing

FAULTS = (
    ("timeout", "", 0.02),
    ("hang-after", "", 0.02),
    ("drop-after", "", 0.04),
    ("drop-after", "POST .*/badges$", 0.15),
    ("500", "", 0.03),
    ("503", "", 0.02),
    ("429", "", 0.01),
    ("401", "", 0.01),
    ("malformed", "", 0.03),
    ("malformed", "POST .*/badges$", 0.1),
    ("duplicate", "", 0.03),
    ("slow=0.5", "", 0.03),
)
WORKERS, OFFICERS = 2, 2
TASKS = {"dft_blue_badge.poll": "intake", "exchange.sweep": "exchange", "cases.wake": "default"}
Say = Callable[[str], None]


@dataclass(frozen=True)
class Outcome:
    """What a storm came to. `faults` are sentences; none when all is well."""

    seed: int
    kills: dict[str, int]
    applications: int
    badges: int
    faults: list[str]


def run(*, seconds: float, seed: int, keep: bool = False, tables: Path | None = None, say: Say = print) -> Outcome:
    """Storm for so many seconds, settle and reconcile; `keep` leaves logs, documents and database behind.

    The database begins with what `tables` holds, a dump; else it is migrated.
    """
    say(f"Seed {seed}.")
    folder = Path(tempfile.mkdtemp(prefix="mh-chaos-"))
    try:
        with testing.start("--no-presets", "--processed-after", "5", "--issued-after", "10") as sandbox:
            world = World(folder, sandbox)
            if tables:
                world.load(tables)
            return _Storm(world, seed, say).blow(seconds)
    finally:
        postgres.stop(folder)
        if keep:
            say(f"Logs, documents and database: {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)


class _Storm:
    def __init__(self, world: World, seed: int, say: Say) -> None:
        self.world, self.seed, self.say = world, seed, say
        self.over, self.home = threading.Event(), threading.Event()
        self.kills: Counter[str] = Counter()
        self.done = Done()
        self.applications: list[str] = []

    def blow(self, seconds: float) -> Outcome:
        """Everything at once for so many seconds, then calm."""
        token, managers = self.world.prepare()
        for fault, pattern, probability in FAULTS:
            self.world.sandbox.set_fault(fault, pattern=pattern, probability=probability)
        with self.world.nursery() as nursery:
            stormy = [
                *(self._thread(self._kill_workers, nursery, f"worker {number}") for number in range(WORKERS)),
                self._thread(self._kill_web, "web"),
                self._thread(self._kill_postgres, "postgres"),
                self._thread(self._feed, "citizens"),
            ]
            staff = [(Officer, token, f"officer {number}") for number in range(OFFICERS)]
            officers = [
                kind(self.world.site, proof, chance=self._chance(name), stop=self.home, done=self.done)
                for kind, proof, name in [*staff, (Manager, managers, "manager")]
            ]
            for officer in officers:
                officer.start()
            time.sleep(seconds)
            self.over.set()
            for thread in stormy:
                thread.join(90)
            self._calm(nursery)
            self.home.set()
            for officer in officers:
                officer.join(60)
        self.say(self.world.run("tests.chaos.settle").strip())
        found = reconcile.faults(self.world, self.applications, self.done)
        badges = len(self.world.sandbox.control("GET", "/badges"))
        return Outcome(self.seed, dict(self.kills), len(self.applications), badges, found)

    def _chance(self, name: str) -> random.Random:
        return random.Random(f"{self.seed} {name}")

    def _thread(self, target: Callable[..., None], *given: object) -> threading.Thread:
        def guarded() -> None:
            try:
                target(*given)
            except Exception as fault:  # noqa: BLE001 - a thread's fault must reach the report
                self.done.odd.append(f"{given[-1]}: {type(fault).__name__}: {fault}")

        thread = threading.Thread(target=guarded, daemon=True)
        thread.start()
        return thread

    def _kill_workers(self, nursery: Nursery, name: str) -> None:
        chance = self._chance(name)
        while not self.over.is_set():
            pid = nursery.start()
            self.over.wait(chance.uniform(0.3, 5))
            nursery.kill(pid)
            self.kills["worker"] += 1

    def _kill_web(self, name: str) -> None:
        chance = self._chance(name)
        while not self.over.is_set():
            web = self.world.serve()
            wait_for("the web server answers", self._web_answers)
            self.over.wait(chance.uniform(0.5, 8))
            kill_group(web)
            self.kills["web"] += 1

    def _kill_postgres(self, name: str) -> None:
        chance = self._chance(name)
        while not self.over.wait(chance.uniform(1.5, 6)):
            self.world.kill_postgres()
            self.kills["postgres"] += 1

    def _feed(self, name: str) -> None:
        """Citizens apply; and the clock strikes every second instead of every minute."""
        chance = self._chance(name)
        while not self.over.wait(1):
            count = chance.choice([0, 1, 1, 2, 3])
            first = len(self.applications)
            made = self.world.sandbox.load_applications(count, la=AUTHORITY, documents=True, first=first)
            self.applications += made
            self._strike()

    def _strike(self) -> None:
        with suppress(psycopg.Error, exceptions.ConnectorException, exceptions.AppNotOpen):
            connector = SyncPsycopgConnector(conninfo=self.world.url, min_size=1, max_size=1, timeout=2)
            with App(connector=connector).open() as app:
                for task, queue in TASKS.items():
                    job = app.configure_task(task, queue=queue, allow_unknown=True, queueing_lock=task)
                    with suppress(exceptions.AlreadyEnqueued):
                        job.defer(timestamp=int(time.time()))

    def _web_answers(self) -> bool:
        try:
            return httpx.get(f"{self.world.site}/health/live", timeout=2).status_code == 200
        except httpx.TransportError:
            return False

    def _calm(self, nursery: Nursery) -> None:
        """No more faults and kills; everybody finishes what is there."""
        self.world.sandbox.clear_faults()
        for _ in range(WORKERS):
            nursery.start()
        web = self.world.serve()
        try:
            wait_for("everything comes to rest", self._at_rest, seconds=150)
        except DidNotHappen as fault:
            self.done.odd.append(str(fault))
        finally:
            self.home.set()
            kill_group(web)

    def _at_rest(self) -> bool:
        self._strike()
        time.sleep(1)
        taken = self.world.rows("SELECT count(*) FROM cases_submission WHERE case_id IS NOT NULL")[0][0]
        stages = ", ".join(f"'{stage}'" for stage in AT_REST)
        going = self.world.rows(
            "SELECT count(*) FROM cases_workitem w JOIN workflow_stage s ON s.id = w.stage_id"
            f" WHERE w.finished_at IS NULL AND s.key NOT IN ({stages})"
        )[0][0]
        waiting = self.world.rows(
            "SELECT count(*) FROM exchange_item WHERE status IN ('queued', 'unknown', 'sending')"
            " AND due_at < now() + interval '30 seconds'"
        )[0][0]
        return bool(taken == len(self.applications) and going == 0 and waiting == 0)
