"""What happened on a case, in sentences. Lines are only ever added (CT-53)."""

import json
from datetime import datetime
from typing import Any

from moothall.core import planned
from moothall.core.accounts.models import User
from moothall.domain.cases.models import Case

_WRITE = """
    INSERT INTO cases_timelineentry (case_id, at, by_id, kind, text, detail) VALUES (%s, %s, %s, %s, %s, %s)
"""


def write(case: Case, *, kind: str, text: str, by: User, at: datetime, **detail: Any) -> None:
    """Add a sentence to a case's timeline. `detail` is JSON: ids of what the sentence is about, never secrets.

    A line that says that a file of an application is not here has its name as `missing`: it is among what failed
    (BEST-31). A line about a document or message names it in `detail` (`document=…`): whoever may not see it may not see the line.
    """
    with planned.cursor() as cursor:
        cursor.execute(_WRITE, [case.pk, at, by.pk, str(kind), text, json.dumps(detail)])
