"""When something that should go on by itself cannot: what led to it is kept, and a person is told."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import InterfaceError, OperationalError, transaction
from django.db.models import Exists, OuterRef, QuerySet, Value
from django.db.models.functions import Concat

from moothall.core.accounts.actions import system_user
from moothall.domain.cases import timeline
from moothall.domain.cases.models import Case, Note, TimelineEntry, WorkItem
from moothall.domain.cases.models.case import STUCK

log = logging.getLogger(__name__)


@contextmanager
def told(case: Case, what: str, *, at: datetime) -> Iterator[None]:
    """Undo what fails inside and go on; an important note on `case` says that `what` is stuck, and why, once.

    A lost or blocked database is no such failure: it is raised.
    """
    try:
        with transaction.atomic():
            yield
    except (OperationalError, InterfaceError):
        raise
    except Exception as fault:  # noqa: BLE001 - whatever a definition or hook does, what led to it is kept
        note(case, what, fault, at=at)


def note(case: Case, what: str, fault: Exception, *, at: datetime) -> None:
    """Leave the important note that `what` is stuck, once."""
    log.warning("stuck", extra={"case": case.pk, "fault": type(fault).__name__})
    text = f"{what} {STUCK} {_sentence(fault)}"
    if Note.objects.filter(case=case, text=text).exists():
        return
    by = system_user()
    row = Note.objects.create(case=case, text=text, important=True, by=by, at=at)
    timeline.write(case, kind=TimelineEntry.Kind.NOTE, text="Important note added.", by=by, at=at, note=row.pk)


def _sentence(fault: Exception) -> str:
    """What our own exceptions say is for people; of any other only its kind is."""
    ours = type(fault).__module__.startswith("moothall.")
    return str(fault) if ours else f"Tell the technical team: {type(fault).__name__}."


def stages() -> QuerySet[WorkItem]:
    """Work items at automatic stages that a person was told are stuck, and that have not moved since."""
    told = Note.objects.filter(important=True, text__contains=STUCK)  # an index has these alone
    told_of = told.filter(
        case=OuterRef("case"),
        at__gte=OuterRef("entered_at"),
        text__startswith=Concat(OuterRef("stage__name"), Value(f" {STUCK}")),
    )
    return WorkItem.objects.open().filter(Exists(told_of), stage__automatic=True, case__in=told.values("case"))
