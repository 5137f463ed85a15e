"""What the queue adds to workflows: the effect `send`, the operations it may name, the replies conditions can ask for."""

from typing import Any

from moothall.domain.cases import facts
from moothall.domain.cases.effects import Occasion, handles
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
        arguments={"work_item": occasion.item.pk},
    )


facts.provide_replies(queries.replies)
known.provide("operations", operations.names)
known.provide("connectors", operations.connectors)
known.provide("reply_states", lambda: queries.REPLY_STATES)
