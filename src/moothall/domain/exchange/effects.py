"""What the queue adds to workflows: the effect `send`, the operations it may name, the replies conditions can ask for."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from moothall.core.accounts.models import User
from moothall.domain.cases import facts, opening
from moothall.domain.cases.effects import Occasion, handles
from moothall.domain.cases.models import Case
from moothall.domain.catalogue import known
from moothall.domain.exchange import operations, queries
from moothall.domain.exchange.actions import queue


@handles("send")
def send(effect: Any, occasion: Occasion) -> None:
    """Queue the operation an outcome names, once for that work item and place in its outcome."""
    queue(
        occasion.case,
        effect.operation,
        by=occasion.by,
        at=occasion.at,
        key=f"work_item {occasion.item.pk} effect {occasion.position}",
        arguments={"work_item": occasion.item.pk} | message_of(effect),
    )


def message_of(effect: Any) -> dict[str, Any]:
    """Which message an operation is to send, when it sends one."""
    return {"template": effect.template, "placeholders": dict(effect.placeholders)} if effect.template else {}


def arrived(case: Case, sent: Sequence[Any], by: User, at: datetime) -> None:
    """Queue what the service has told when a case like this one is opened (CT-63)."""
    for number, effect in enumerate(sent):
        key = f"case {case.pk} arrival {number}"
        queue(case, effect.operation, by=by, at=at, key=key, arguments=message_of(effect))


opening.tell_arrivals(arrived)
facts.provide_replies(queries.replies)
known.provide("operations", operations.names)
known.provide("connectors", operations.connectors)
known.provide("reply_states", lambda: queries.REPLY_STATES)
