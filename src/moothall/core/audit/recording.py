"""The two ways to write the record: `because` around a change, `read` after somebody was shown something."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import Any

from django.db import connection, models, transaction

from moothall.core import planned, rows
from moothall.core.accounts.models import User
from moothall.core.audit.models import Access, Entry

_open: ContextVar[frozenset[str]] = ContextVar("open", default=frozenset())  # databases with an action going on
_CONTEXT = (
    "SELECT set_config('pghistory.context_id', gen_random_uuid()::text, true),"
    " set_config('pghistory.context_metadata', %s, true)"
)
_RECORD = """
    INSERT INTO audit_entry (action, subject_type, subject_id, by_id, at, reason, detail)
    VALUES (%s, %s, %s, %s, %s, %s, %s)
"""


@contextmanager
def because(*, action: str, by: User, at: datetime, reason: str = "") -> Iterator[None]:
    """One transaction whose every row change carries who, what and why.

    Row triggers read the context from the transaction's settings, so bulk SQL is caught as well. An action within an
    action is part of it: the outer one's transaction and context hold, and an error must reach the outer one.
    """
    if connection.alias in _open.get():
        yield
        return
    token = _open.set(_open.get() | {connection.alias})
    try:
        with transaction.atomic():
            metadata = {"action": action, "by": by.pk, "at": at.isoformat(), "reason": reason}
            with planned.cursor() as cursor:
                cursor.execute(_CONTEXT, [json.dumps(metadata)])
            yield
    finally:
        _open.reset(token)


def record(action: str, subject: models.Model, *, by: User, at: datetime, reason: str = "", **detail: Any) -> None:
    """Write that `by` did `action` to `subject`. `detail` is JSON without secrets."""
    values = [action, str(subject._meta.model_name), subject.pk, by.pk, at, reason, json.dumps(detail)]
    with planned.cursor() as cursor:
        cursor.execute(_RECORD, values)


def record_all(action: str, subjects: Sequence[tuple[models.Model, dict[str, Any]]], *, by: User, at: datetime) -> None:
    """Write that `by` did `action` to each of these, with its detail, in one statement."""
    Entry.objects.bulk_create(
        Entry(action=action, subject_type=str(one._meta.model_name), subject_id=one.pk, by=by, at=at, detail=detail)
        for one, detail in subjects
    )


def read(*subjects: models.Model, by: User, at: datetime, via: str) -> None:
    """Write that `by` was shown each of `subjects`."""
    seen = [
        Access(user=by, at=at, subject_type=str(subject._meta.model_name), subject_id=subject.pk, via=via)
        for subject in subjects
    ]
    if len(seen) == 1:  # what is read alone is read most often
        rows.insert(seen[0])
    else:
        Access.objects.bulk_create(seen)


def searched(subject_type: str, *, by: User, at: datetime, via: str, found: int, asked: list[str]) -> None:
    """Write that `by` searched: which fields were asked for and how many rows came back, never the values."""
    detail = {"found": found, "asked": asked}
    rows.insert(Access(user=by, at=at, subject_type=subject_type, subject_id=None, via=via, detail=detail))
