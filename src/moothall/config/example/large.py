"""A large example council: as many open cases as asked for and the finished work behind them, loaded by COPY.

What a few hundred cases get by the product's own actions, these get by rules of chance: cases at every stage of every
service, the way they came, who did what, tags, paused clocks, notes and documents. They have no application as it was sent
in, no letters, no payments and no audit records. The same sizes in an empty database make the same cases.
"""

import random
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO

from django.db import connection, transaction
from PIL import Image
from psycopg import Cursor

from moothall.config.example import copying, fiction, people, walks
from moothall.config.example.batch import COLUMNS, KEYS, Batch, File, Made
from moothall.config.example.fiction import YEARS
from moothall.core.accounts.actions import create_user, system_user
from moothall.core.accounts.models import SecurityGroup, User
from moothall.domain.cases import turning
from moothall.domain.documents import actions as documents
from moothall.domain.documents.models import Document

SEED = 7
COLLEAGUES = 60
LINES, SEARCHED = "cases_workline", "people_searchline"
ANSWERED = ("cases_runwords", "cases_runvalue", "cases_linemark")
DOCUMENT = "Proof of address"
TOGETHER = 2_000  # cases written at once
WORKING_YEAR = 260
OLDEST = 150  # working days the oldest open case is old
SAY_EVERY_SECONDS = 5.0
Say = Callable[[str], None]


@dataclass(frozen=True)
class Loaded:
    """What was put in, and how long it took."""

    cases: int
    open: int
    finished: int
    seconds: float


def load(*, open_cases: int, finished: int, now: datetime, say: Say) -> Loaded:
    """Add `open_cases` with an open work item each, and `finished` times as many finished ones; all of it or nothing.

    The services must be published and the staff hired. Cases that are open have been through stages too: their finished
    items count, so with fewer than about three to one there are a few more than asked for.
    """
    began = time.perf_counter()
    chance = random.Random(SEED)  # noqa: S311 - the same council every time is what is wanted
    _colleagues(now)
    made = Made(
        ways=walks.drawn(chance),
        staff=tuple(User.objects.filter(kind=User.Kind.PERSON).order_by("pk").values_list("pk", flat=True)),
        system=system_user().pk,
        file=_file(now),
        now=now,
    )
    telling = _Telling(open_cases * (1 + finished), say)
    with transaction.atomic():
        with copying.bare([*COLUMNS, LINES, *ANSWERED], telling.say) as cursor:
            batch = Batch(made, copying.first_numbers(cursor, KEYS), chance)
            _fill(batch, cursor, open_cases=open_cases, finished=finished, telling=telling)
            copying.go_on_from(cursor, KEYS, batch.numbers)
            say("Making the lines of the work list.")
            cursor.execute("SELECT cases_answers_rebuild()")
            cursor.execute("SELECT cases_workline_rebuild()")
            cursor.execute("SELECT cases_linemarks_rebuild()")
        say("Making the lines customers are searched by.")
        with copying.bare([SEARCHED], telling.say) as cursor:  # by the indexes of what was loaded
            cursor.execute("SELECT people_searchline_rebuild()")
    say("Reading the clocks that were paused or extended.")
    turning.catch_up(at=now, most=open_cases)
    say("Reading what was loaded for statistics.")
    with connection.cursor() as cursor_:
        cursor_.execute("SET statement_timeout = 0")
        cursor_.execute("VACUUM (ANALYZE) " + ", ".join([*COLUMNS, LINES, *ANSWERED, SEARCHED]))
        cursor_.execute("RESET statement_timeout")
    return Loaded(batch.cases, batch.open, batch.finished, time.perf_counter() - began)


def _fill(batch: Batch, cursor: Cursor, *, open_cases: int, finished: int, telling: "_Telling") -> None:
    """First the cases that are over, oldest first, then those that are open: as their numbers would have come."""
    with ThreadPoolExecutor(1) as writer:
        waiting: Future[None] | None = None

        def write() -> None:
            nonlocal waiting
            if waiting:
                waiting.result()
            waiting = writer.submit(_write, cursor, batch.take())
            telling.progress(batch)

        for number in _made(batch, open_cases=open_cases, finished=open_cases * finished):
            if number % TOGETHER == 0:
                write()
        write()
        assert waiting
        waiting.result()


def _made(batch: Batch, *, open_cases: int, finished: int) -> Iterator[int]:
    """Add the cases to the batch, yielding after each how many there are."""
    standing = [batch.drawn(is_open=True) for _ in range(open_cases)]
    over = finished - sum(len(walk.steps) for _, walk in standing)
    last, chance = batch.days.last, batch.chance.random
    while batch.finished < over:
        ways, walk = batch.drawn(is_open=False)
        if len(walk.steps) > over - batch.finished:
            walk = min(ways.closed[0], key=lambda one: len(one.steps))
        age = (1 - batch.finished / over) * YEARS * WORKING_YEAR + chance() * 10
        batch.add(ways, walk, day=last - int(age))
        yield batch.cases
    for place, (ways, walk) in enumerate(standing):
        age = OLDEST * (1 - place / open_cases) ** 3 + chance() * 8
        batch.add(ways, walk, day=last - int(age))
        yield batch.cases


def _write(cursor: Cursor, lines: Mapping[str, list[str]]) -> None:
    for table, columns in COLUMNS.items():
        if lines[table]:
            copying.copy(cursor, table, columns, lines[table])


class _Telling:
    """Says now and then how far the loading is, how fast it goes and how long it has to go."""

    def __init__(self, items: int, say: Say) -> None:
        self._items, self._say = items, say
        self._began = self._last = time.monotonic()

    def progress(self, batch: Batch) -> None:
        """How many work items there are."""
        done = batch.open + batch.finished
        rate = done / (time.monotonic() - self._began)
        left = max(0, self._items - done) / rate
        self.say(f"{done:,} of {self._items:,} work items, {rate:,.0f} a second, {left:,.0f} seconds left")

    def say(self, text: str) -> None:
        """Say it, unless something was said just now."""
        now = time.monotonic()
        if now - self._last > SAY_EVERY_SECONDS:
            self._last = now
            self._say(text)


def _colleagues(at: datetime) -> None:
    """Sixty more people to work there, who cannot sign in."""
    groups = SecurityGroup.objects.exclude(key=people.ADMINISTRATORS).order_by("pk").values_list("key", flat=True)
    by, keys = system_user(), list(groups)
    for number in range(COLLEAGUES):
        name = f"{fiction.FIRST[number % len(fiction.FIRST)]} {fiction.LAST[number * 37 % len(fiction.LAST)]}"
        email = f"{name.lower().replace(' ', '.')}{people.ADDRESSES}"
        if not User.objects.filter(email=email).exists():
            group = keys[0 if number % 2 else number // 2 % len(keys)]
            create_user(email=email, full_name=name, groups=[group], by=by, at=at)


def _file(at: datetime) -> File:
    """The one picture that all documents show, stored as any document is."""
    picture = BytesIO()
    Image.new("RGB", (300, 400), (200, 210, 220)).save(picture, "PNG")
    kept = documents.store(
        name=f"{DOCUMENT}.png",
        content=picture.getvalue(),
        origin=Document.Origin.GENERATED,
        by=system_user(),
        at=at,
    )
    assert kept.file.name
    return File(kept.file.name, kept.media_type, kept.size, kept.sha256)
