"""What the queue writes on a case, and who is told how its calls stand."""

from collections.abc import Mapping
from datetime import datetime

from moothall.core.accounts.models import User
from moothall.core.audit import recording
from moothall.domain.cases import progress, timeline
from moothall.domain.cases.models import TimelineEntry
from moothall.domain.exchange import operations
from moothall.domain.exchange.models import Item

Status = Item.Status
STANDS: Mapping[str, str] = {
    Status.QUEUED: "it is waiting to be sent",
    Status.PAUSED: "it is paused",
    Status.SENDING: "it is being sent at this moment; try again in a minute",
    Status.DONE: "it is done",
    Status.ERROR: "it is waiting for somebody to put an error right",
    Status.UNKNOWN: "it may have been done already and the other system is being asked; wait for the answer, or settle it by hand",
    Status.CANCELLED: "it is cancelled",
    Status.SKIPPED: "it was skipped",
}


def title(item: Item) -> str:
    """What the item does, in an officer's words."""
    try:
        return operations.get(item.operation).title
    except operations.UnknownOperation:
        return item.operation


def write(item: Item, action: str, text: str, *, by: User, at: datetime, reason: str = "", **detail: object) -> None:
    """Write one action on an item to the audit record and the timeline of its case. `text` follows its title."""
    recording.record(f"exchange.{action}", item, by=by, at=at, reason=reason, case=item.case_id, **detail)
    timeline.write(
        item.case,
        kind=TimelineEntry.Kind.INTEGRATION,
        text=f"{title(item)}: {text}",
        by=by,
        at=at,
        item=item.pk,
        action=action,
    )


def stands_anew(item: Item, *, at: datetime) -> None:
    """Let automatic stages that wait for a reply look again. Called in every state but `sending`, which none can name."""
    progress.happened(item.case, event="reply", at=at)
