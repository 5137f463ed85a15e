"""Applications arrive: listed, kept once each by their national id, fetched, and made into cases.

An application is in one of three states, each committed before the next, so a kill at any instant loses and doubles
nothing: *announced* (its row in the list is kept as a Submission; the cursor moves in the same transaction), *taken*
(a case was made of it in the transaction that keeps the whole application), or *failed* (kept, with the reason in
words). Any number of processes may poll at once; each takes what no other is working on.

The list is read from a while before the newest application seen, since one may be listed late, and every night in
whole: applications transferred to us keep their old submission date.
"""

import json
import re
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from django.conf import settings
from django.db import connection

from moothall.connectors.dft_blue_badge import KEY, client, codes, fetching, making
from moothall.connectors.dft_blue_badge.client import Client, Row
from moothall.connectors.dft_blue_badge.errors import NationalError
from moothall.connectors.dft_blue_badge.fetching import Fetched, File
from moothall.connectors.dft_blue_badge.settings import NationalService
from moothall.core import locks
from moothall.core.accounts.actions import system_user
from moothall.core.accounts.models import User
from moothall.core.audit import recording
from moothall.core.council.settings import read
from moothall.domain.cases import actions as cases
from moothall.domain.cases import submissions
from moothall.domain.cases.models import Case, Note, Submission
from moothall.domain.exchange import cursors

log = structlog.get_logger("moothall.dft_blue_badge")

CURSOR = "submitted"
ANNOUNCED, GONE, GIVEN_UP = "announced", "gone", "given_up"
"""The key of `raw` the list's row is under before the application is read; when it no longer can be; when the program
failed at it too often, so that only the night tries it again."""
TRIES = "tries"  # beside it: how often the program failed at it
UNCHECKED = (
    "unchecked"  # beside it: how often the virus scanner, which answers, said nothing about one of its documents
)
MOST_TRIES = 10
AT_ONCE = 16  # claimed and fetched ahead
FETCHERS = 4
GIVE_UP_AFTER = 5  # applications in a row that could not be fetched: the service is out of order
LISTINGS = 3  # of a list that changes while it is read
_ID = re.compile(r"[\w-]{1,100}", re.ASCII)  # an application id that can be kept, and asked for
_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)

_ANNOUNCE = """
    INSERT INTO cases_submission (source, external_id, raw, received_at, problem)
    SELECT %s, row->>'applicationId', jsonb_build_object('announced', row), %s, ''
    FROM jsonb_array_elements(%s::jsonb) AS row
    ON CONFLICT (source, external_id) DO UPDATE SET raw = excluded.raw, problem = ''
        WHERE cases_submission.case_id IS NULL AND cases_submission.raw ? 'gone'
"""
_WAITING = """
    SELECT id, external_id, raw FROM cases_submission
    WHERE source = %s AND case_id IS NULL AND problem = '' AND id > %s
    ORDER BY id LIMIT %s
"""
_UNREAD = """
    SELECT id, external_id, raw FROM cases_submission
    WHERE source = %s AND case_id IS NULL AND problem <> '' AND raw ? 'announced' AND id > %s
    ORDER BY random() LIMIT %s
"""
_UNLISTED = """
    SELECT submission.* FROM cases_submission AS submission JOIN cases_case ON cases_case.id = submission.case_id
    WHERE submission.source = %s AND cases_case.closed_at IS NULL
        AND NOT EXISTS (SELECT FROM unnest(%s::text[]) AS listed (id) WHERE listed.id = submission.external_id)
    ORDER BY submission.id
"""


@dataclass(frozen=True, kw_only=True)
class Polled:
    """What a poll came to. `left`: known, but the service could not show them this time; `problem` says why."""

    listed: int = 0
    taken: int = 0
    failed: int = 0
    left: int = 0
    problem: str = ""


def register() -> None:
    """Say how a case is made of an application of this source."""
    submissions.source(KEY)(making.make_case)


def whole_list() -> list[Row]:
    """Every application of ours in the national service, for `poll` and `note_gone`. Raises NationalError."""
    return _list(client.current(), None)


def poll(*, at: datetime, whole: bool = False, rows: Sequence[Row] | None = None) -> Polled:
    """List what is new (or with `whole` everything), then take in all that waits. Raises NationalError.

    `at` is now, `rows` the whole list where it was read already. What cannot be fetched or made into a case does not keep the others back.
    """
    by = system_user()
    national = client.current()
    try:
        codes.refresh(by=by, at=at)
    except NationalError as error:
        log.warning("the code lists could not be read again", problem=str(error))
    listed = announce(national, by=by, at=at, whole=whole, rows=rows)
    done = take_waiting(national, by=by, at=at)
    return Polled(listed=listed, taken=done.taken, failed=done.failed, left=done.left, problem=done.problem)


def announce(
    national: Client, *, by: User, at: datetime, whole: bool = False, rows: Sequence[Row] | None = None
) -> int:
    """Keep every application of the list not kept yet, and move the cursor with them; returns how many were listed.

    When another process moved the cursor meanwhile, nothing is kept: the next poll reads again from there. It goes
    no further than `at`, and one that stands later does not count: else a wrong date would hide what comes till then.
    """
    was = cursors.read(KEY, CURSOR)
    reached = _moment(was) if was and _moment(was) <= at else None
    overlap = timedelta(minutes=read(NationalService).overlap_minutes)
    if rows is None:
        rows = _list(national, reached - overlap if reached and not whole else None)
    moments = [min(_moment(row.get("submissionDate")), at) for row in rows]
    newest = max(moments + ([reached] if reached else []), default=None)
    try:
        with recording.because(action="applications.listed", by=by, at=at):
            if rows:
                with connection.cursor() as cursor:
                    cursor.execute(_ANNOUNCE, [KEY, at, json.dumps(rows)])
            if newest and newest.isoformat() != was:
                cursors.move(KEY, CURSOR, was=was, to=newest.isoformat(), at=at)
    except cursors.CursorMoved:
        log.info("another poller listed the applications first")
    return len(rows)


def take_waiting(national: Client, *, by: User, at: datetime) -> Polled:
    """Fetch every application that waits and make its case. Several processes may do so at once.

    Some of those the service could not show earlier are asked for again after the new ones, in no order, so that a few
    it can never show stand in nobody's way.
    """
    run = _Run(national, by=by, at=at)
    with (
        ThreadPoolExecutor(max_workers=FETCHERS, thread_name_prefix="fetch") as threads,
        _claimed(_UNREAD, after=0) as again,
    ):
        after: int | None = 0
        while after is not None and not run.given_up:
            with _claimed(_WAITING, after=after) as claimed:
                run.batch(claimed, threads)
                after = claimed[-1].pk if claimed else None
        run.batch(again, threads)
    _raise(run.faults)
    return Polled(taken=run.taken, failed=run.failed, left=run.left, problem=run.problem)


def take(raw: Row, files: Sequence[File] = (), *, at: datetime, by: User | None = None) -> Case | None:
    """Take in one application as the service shows it, with its documents: its case, made now or earlier.

    None when no case could be made: the Submission keeps the reason in words.
    """
    by = by or system_user()
    submission, _ = submissions.receive(source=KEY, external_id=str(raw.get("applicationId")), raw=raw, at=at)
    return _make(submission, Fetched(raw=raw, files=tuple(files)), by=by, at=at).case


def retry_failed(*, at: datetime) -> int:
    """Try again what no case could be made of, after whatever was wrong may be right; returns how many cases came."""
    by, national, made = system_user(), client.current(), 0
    faults: list[Exception] = []
    for submission in list(submissions.failed().filter(source=KEY).exclude(raw__has_key=GONE)):
        try:
            fetched = fetching.fetch(national, submission.external_id)
            made += _make(submission, fetched, by=by, at=at).case_id is not None
        except NationalError as error:
            log.info("an application could not be fetched again", problem=str(error))
        except Exception as fault:  # noqa: BLE001 - the others go on; raised with the rest at the end
            faults.append(fault)
    _raise(faults)
    return made


def note_gone(*, at: datetime, rows: Sequence[Row] | None = None) -> int:
    """Say on every open case that its application was transferred away or deleted nationally, once; returns how many.

    `rows` is the whole list where it was read already. Raises NationalError.
    """
    by, national, said = system_user(), client.current(), 0
    rows = whole_list() if rows is None else rows
    unlisted = Submission.objects.raw(_UNLISTED, [KEY, [row["applicationId"] for row in rows]])
    for submission in unlisted.prefetch_related("case"):
        try:
            national.application(submission.external_id)
        except NationalError as error:
            if not error.gone or submission.case is None:
                continue
            text = making.gone(transferred=error.transferred)
            if not Note.objects.filter(case=submission.case, text=text).exists():
                cases.add_note(submission.case, text=text, important=True, by=by, at=at)
                said += 1
    return said


class _Run:
    """One round of taking in, and what it came to."""

    def __init__(self, national: Client, *, by: User, at: datetime) -> None:
        self.national, self.by = national, by
        self._at, self._began = at, time.monotonic()
        self.taken = self.failed = self.left = self.in_a_row = 0
        self.problem = ""
        self.faults: list[Exception] = []

    @property
    def given_up(self) -> bool:
        """The service is out of order: the rest waits for the next poll."""
        return self.in_a_row >= GIVE_UP_AFTER

    @property
    def now(self) -> datetime:
        """A round can last long, and each case is opened when it is opened."""
        return self._at + timedelta(seconds=time.monotonic() - self._began)

    def batch(self, claimed: Sequence[Submission], threads: ThreadPoolExecutor) -> None:
        """Take each as it comes; the following ones are being fetched meanwhile."""
        coming = [
            (one, threads.submit(fetching.fetch, self.national, one.external_id, last=_last(one))) for one in claimed
        ]
        for submission, future in coming:
            if self.given_up:
                future.cancel()
                self.left += 1
            else:
                self._one(submission, future)

    def _one(self, submission: Submission, future: Future[Fetched]) -> None:
        try:
            fetched = future.result()
            self.in_a_row = 0
            made = _make(submission, fetched, by=self.by, at=self.now)
        except NationalError as error:
            self._not_fetched(submission, error)
            return
        except Exception as fault:  # noqa: BLE001 - the others go on; raised with the rest when the round is over
            self._faulty(submission, fault)
            return
        if made.case_id:
            self.taken += 1
        else:
            self.failed += 1

    def _not_fetched(self, submission: Submission, error: NationalError) -> None:
        """Gone from us: an end. Anything else: tried again at the next poll, and said on the submission."""
        gone, unchecked = error.gone, isinstance(error, fetching.NotChecked) and error.only_this
        raw = {GONE: submission.raw.get(ANNOUNCED, submission.raw)} if gone else submission.raw
        if unchecked:
            raw = {**raw, UNCHECKED: raw.get(UNCHECKED, 0) + 1}
        self.in_a_row = 0 if gone or unchecked else self.in_a_row + 1
        self.failed += gone
        self.left += not gone
        self.problem = str(error)
        said = (
            f"It was transferred to another authority or deleted before it could be read. {error}"
            if gone
            else f"It is on the list, but could not be read yet and is asked for again at each poll. {error}"
        )
        with recording.because(action="application.not_read", by=self.by, at=self.now):
            Submission.objects.filter(pk=submission.pk, case=None).update(raw=raw, problem=said)

    def _faulty(self, submission: Submission, fault: Exception) -> None:
        """The program failed at this one: said on it, and tried again at the next polls, but not for ever."""
        self.faults.append(fault)
        self.left += 1
        tries = int(submission.raw.get(TRIES, 0)) + 1
        row = submission.raw.get(ANNOUNCED, submission.raw)
        raw = {(ANNOUNCED if tries < MOST_TRIES else GIVEN_UP): row, TRIES: tries}
        raw |= {key: value for key, value in submission.raw.items() if key == UNCHECKED}
        said = (
            f"A fault in the program ({type(fault).__name__}) kept it from being taken in, {tries} times by now. Tell an"
            f" administrator. It is tried again {'at each poll' if tries < MOST_TRIES else 'each night'}."
        )
        with recording.because(action="application.not_taken", by=self.by, at=self.now):
            Submission.objects.filter(pk=submission.pk, case=None).update(raw=raw, problem=said)


def _last(submission: Submission) -> bool:
    """Whether a document about which the scanner says nothing has kept it back often enough."""
    tried: int = submission.raw.get(UNCHECKED, 0)
    return tried + 1 >= settings.SCANNER_TRIES


def _raise(faults: list[Exception]) -> None:
    if faults:
        raise ExceptionGroup("Applications could not be taken in because of a fault in the program.", faults)


def _make(submission: Submission, fetched: Fetched, *, by: User, at: datetime) -> Submission:
    """Keep the application whole and make its case, in one transaction."""

    def maker(submission: Submission, *, by: User, at: datetime) -> Case:
        return making.make_case(submission, by=by, at=at, files=fetched.files)

    with recording.because(action="application.taken", by=by, at=at):
        return submissions.take(submission, by=by, at=at, maker=maker, whole=fetched.raw)


@contextmanager
def _claimed(statement: str, *, after: int) -> Iterator[list[Submission]]:
    """Some that wait, and nobody else works on until the end of the block."""
    with connection.cursor() as cursor:
        cursor.execute(statement, [KEY, after, 20 * AT_ONCE])
        rows = {row[0]: row for row in cursor.fetchall()}
    with locks.claimed("application", list(rows), most=AT_ONCE) as mine:
        yield [
            Submission(id=id, source=KEY, external_id=external_id, raw=json.loads(raw) if isinstance(raw, str) else raw)
            for id, external_id, raw in (rows[id] for id in mine)
        ]


def _list(national: Client, since: datetime | None) -> list[Row]:
    """Every row of the list once. Read again when it lost rows while it was read, which moves others between pages."""
    found: dict[str, Row] = {}
    submitted_from = since.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z") if since else ""
    for _ in range(LISTINGS):
        seen: set[str] = set()
        total = None
        for row, total in _rows(national, submitted_from):  # noqa: B007 - the last total is compared
            key = row.get("applicationId")
            seen.add(str(key))
            if isinstance(key, str) and _ID.fullmatch(key):
                found[key] = row
        if total is None or len(seen) >= total:
            break
    if odd := [key for key in seen if key not in found]:
        log.warning("rows of the list without a usable application id are left out", rows=len(odd))
    return sorted(found.values(), key=lambda row: (str(row.get("submissionDate")), str(row["applicationId"])))


def _rows(national: Client, submitted_from: str) -> Iterator[tuple[Row, int | None]]:
    for number in range(1, client.MOST_PAGES):
        page = national.application_page(number, submitted_from=submitted_from)
        for row in page.rows:
            yield row, page.total
        if not page.rows or (page.pages is not None and number >= page.pages):
            return


def _moment(text: Any) -> datetime:
    """A submission date; one that cannot be read is long ago, and does not move the cursor."""
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        return _LONG_AGO
    return max(moment if moment.tzinfo else moment.replace(tzinfo=UTC), _LONG_AGO)
