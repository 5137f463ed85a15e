"""What people and services do with the integration queue.

Permission is asked by whoever calls (`Permission.MANAGE_QUEUE`, and for connectors `MANAGE_CONNECTORS`); whether the
thing is possible is decided here, and refused with a sentence (`QueueRefusal`).
"""

from moothall.domain.exchange.actions.connectors import (
    CANCELLABLE,
    cancel_connector,
    change_settings,
    ensure_connector,
    pause_connector,
    requeue_connector,
    to_cancel,
    to_requeue,
    unpause_connector,
)
from moothall.domain.exchange.actions.items import (
    cancel,
    edit_and_requeue,
    pause,
    requeue,
    retry,
    send_now,
    settle,
    skip,
    unpause,
)
from moothall.domain.exchange.actions.queueing import queue
from moothall.domain.exchange.actions.refusal import QueueRefusal
from moothall.domain.exchange.actions.whole_case import cancel_case, pause_case, requeue_case, unpause_case

__all__ = [
    "CANCELLABLE",
    "QueueRefusal",
    "cancel",
    "cancel_case",
    "cancel_connector",
    "change_settings",
    "edit_and_requeue",
    "ensure_connector",
    "pause",
    "pause_case",
    "pause_connector",
    "queue",
    "requeue",
    "requeue_case",
    "requeue_connector",
    "retry",
    "send_now",
    "settle",
    "skip",
    "to_cancel",
    "to_requeue",
    "unpause",
    "unpause_case",
    "unpause_connector",
]
