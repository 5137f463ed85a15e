"""What happened on a case, in sentences. Lines are only ever added (CT-53)."""

import json
from datetime import datetime
from typing import Any

from moothall.core import planned
from moothall.core.accounts.models import User
from moothall.domain.cases.models import Case

_WRITE = """
    WITH written AS (
        INSERT INTO cases_timelineentry (case_id, at, by_id, kind, text, detail)
        VALUES (%(case)s, %(at)s, %(by)s, %(kind)s, %(text)s, %(detail)s)
    )
    UPDATE cases_case SET updated_at = %(at)s::timestamptz WHERE id IN (
        SELECT id FROM cases_case WHERE id = %(case)s AND updated_at < %(at)s::timestamptz FOR NO KEY UPDATE SKIP LOCKED
    )
"""


def write(case: Case, *, kind: str, text: str, by: User, at: datetime, **detail: Any) -> None:
    """Add a sentence to a case's timeline. `detail` is JSON: ids of what the sentence is about, never secrets.

    The case was last updated then, unless it was later; where another transaction is changing the case, that is told by it.
    A line that says that a file of an application is not here has its name as `missing`: it is among what failed
    (BEST-31). A line about a document or message names it in `detail` (`document=…`): whoever may not see it may not see the line.
    """
    with planned.cursor() as cursor:
        told: dict[str, Any] = {
            "case": case.pk,
            "at": at,
            "by": by.pk,
            "kind": str(kind),
            "text": text,
            "detail": json.dumps(detail),
        }
        cursor.execute(_WRITE, told)
