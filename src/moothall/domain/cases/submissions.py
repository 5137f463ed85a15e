"""Applications as they come in: each kept once, raw, whatever becomes of it.

Whoever brings applications registers how a case is made of one::

    @submissions.source("dft_blue_badge")
    def make_case(submission, *, by, at): ...

A case is made of a submission once, however many workers try, and one that fails keeps its problem in words until
somebody puts right what was wrong and tries again.
"""

import json
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Protocol

from django.db import connection, transaction
from django.db.models import Count, Q, QuerySet

from moothall.core import planned
from moothall.core.accounts.models import User
from moothall.core.audit import recording
from moothall.core.rows import Rows
from moothall.domain.cases.actions import CannotOpen
from moothall.domain.cases.models import Case, Submission
from moothall.kit.invalid import Invalid

_KEEP_ONCE = """
    INSERT INTO cases_submission (source, external_id, raw, received_at, problem) VALUES (%s, %s, %s, %s, '')
    ON CONFLICT (source, external_id) DO NOTHING RETURNING id
"""
_SUBMISSION = Rows(Submission, "s")
_LOCK = f"SELECT {_SUBMISSION.selected} FROM cases_submission s WHERE id = %s FOR UPDATE"  # noqa: S608 - column names
_WHOLE = f"UPDATE cases_submission s SET raw = %s WHERE id = %s AND case_id IS NULL RETURNING {_SUBMISSION.selected}"  # noqa: S608 - column names
SETTLE = "UPDATE cases_submission SET case_id = %s, problem = %s WHERE id = %s"


class Maker(Protocol):
    """Makes a case of a submission. Raises CannotOpen or Invalid, with a sentence, when it cannot."""

    def __call__(self, submission: Submission, *, by: User, at: datetime) -> Case: ...


_makers: dict[str, Maker] = {}


def source(key: str) -> Callable[[Maker], Maker]:
    """Register how a case is made of what one source sends."""

    def register(maker: Maker) -> Maker:
        _makers[key] = maker
        return maker

    return register


def receive(*, source: str, external_id: str, raw: Any, at: datetime) -> tuple[Submission, bool]:
    """Keep an application as it came, once; say whether it is new. What came first stays as it is."""
    with connection.cursor() as cursor:
        cursor.execute(_KEEP_ONCE, [source, external_id, json.dumps(raw), at])
        kept = cursor.fetchone()
    if kept:
        new = Submission(id=kept[0], source=source, external_id=external_id, raw=raw, received_at=at)
        new._state.adding, new._state.db = False, "default"
        return new, True
    return Submission.objects.get(source=source, external_id=external_id), False


def known(source: str, external_ids: Sequence[str]) -> frozenset[str]:
    """Which of these applications were received already."""
    rows = Submission.objects.filter(source=source, external_id__in=external_ids)
    return frozenset(rows.values_list("external_id", flat=True))


def take(
    submission: Submission, *, by: User, at: datetime, maker: Maker | None = None, whole: Any = None
) -> Submission:
    """Make a case of a submission unless there is one; or keep in words why not, with nothing half-made.

    `maker` is used instead of its source's by whoever has more at hand than the submission, its documents for one.
    `whole` is kept as its `raw` where what was received announced it only; with a case it stays as it is.
    Anything but CannotOpen and Invalid is a fault of the product and goes on up: the submission stays waiting.
    """
    with recording.because(action="submission.taken", by=by, at=at):
        submission = _locked(submission, whole)
        if submission.case_id:
            return submission
        try:
            with transaction.atomic():
                submission.case = (maker or _makers[submission.source])(submission, by=by, at=at)
        except (CannotOpen, Invalid) as problem:
            submission.case, submission.problem = None, str(problem)
            recording.record("submission.failed", submission, by=by, at=at, reason=str(problem))
        else:
            submission.problem = ""
        with planned.cursor() as cursor:
            cursor.execute(SETTLE, [submission.case_id, submission.problem, submission.pk])
    return submission


def _locked(submission: Submission, whole: Any) -> Submission:
    row = None
    with planned.cursor() as cursor:
        if whole is not None:
            cursor.execute(_WHOLE, [json.dumps(whole), submission.pk])
            row = cursor.fetchone()
        if row is None:
            cursor.execute(_LOCK, [submission.pk])
            row = cursor.fetchone()
    if row is None:
        raise Submission.DoesNotExist(f"There is no submission {submission.pk}.")
    return _SUBMISSION.instance(row)


def waiting(source: str) -> QuerySet[Submission]:
    """Submissions received and not yet tried: a worker was stopped between the two."""
    return Submission.objects.filter(source=source, case=None, problem="").order_by("id")


def failed() -> QuerySet[Submission]:
    """Submissions no case could be made of, the oldest first."""
    return Submission.objects.filter(case=None).exclude(problem="").order_by("id")


def unmade() -> dict[str, int]:
    """How many submissions are no case: those waiting to be tried, and those that failed."""
    return Submission.objects.filter(case=None).aggregate(
        waiting=Count("id", filter=Q(problem="")), failed=Count("id", filter=~Q(problem=""))
    )


def retry(submission: Submission, *, by: User, at: datetime) -> Submission:
    """Try again to make a case of a submission that failed, after what was wrong was put right."""
    return take(submission, by=by, at=at)


def forget(key: str) -> None:
    """Take no more from a source."""
    _makers.pop(key, None)
