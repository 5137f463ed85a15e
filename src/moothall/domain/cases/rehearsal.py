"""What an outcome would send, seen before it is chosen, so that an officer can change the words of this one copy."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from moothall.core.accounts.models import User
from moothall.domain.cases import progress
from moothall.domain.cases.models import WorkItem
from moothall.domain.messages.models import Message


def rehearse(
    item: WorkItem, outcome: str, *, by: User, at: datetime, answers: Mapping[str, Any] | None = None, note: str = ""
) -> list[Message]:
    """The messages that choosing `outcome` would save, exactly as they would be, with nothing kept of it.

    The outcome is chosen and undone, so that dates, numbers and payments it makes stand in the text. Raises what
    `progress.choose` raises.
    """
    with transaction.atomic():
        progress.choose(item, outcome, by=by, at=at, answers=answers, note=note)
        made = list(Message.objects.filter(case_link__case=item.case_id, created_at=at).order_by("pk"))
        transaction.set_rollback(True)
    return made
