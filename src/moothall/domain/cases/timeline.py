"""What happened on a case, in sentences. Lines are only ever added (CT-53)."""

from datetime import datetime
from typing import Any

from moothall.core.accounts.models import User
from moothall.domain.cases.models import Case, TimelineEntry


def write(case: Case, *, kind: str, text: str, by: User, at: datetime, **detail: Any) -> TimelineEntry:
    """Add a sentence to a case's timeline. `detail` is JSON: ids of what the sentence is about, never secrets.

    A line about a document or message names it in `detail` (`document=…`): whoever may not see it may not see the line.
    So does one that names a stage (`stage_row=…`, `to_stage_row=…`) or another case (`other=…`).
    """
    return TimelineEntry.objects.create(case=case, kind=kind, text=text, by=by, at=at, detail=detail)
