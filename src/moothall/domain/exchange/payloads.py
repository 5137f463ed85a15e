"""The request of an item: built from its case as it is now, or as an officer edited it."""

from dataclasses import dataclass
from typing import Any

from moothall.domain.exchange import masking, operations
from moothall.domain.exchange.models import Item
from moothall.domain.exchange.operations import Operation, Payload, SendError


@dataclass(frozen=True, kw_only=True)
class Preview:
    """What would be sent now, secrets hidden and pictures shortened, and what must be put right first."""

    payload: Any
    problems: tuple[str, ...]


def whole(item: Item, operation: Operation) -> Payload:
    """What to send now. What an edited request leaves shortened is put back from the case; raises SendError."""
    edited = item.payload_override
    if edited is None:
        return operation.build(item)
    return completed(edited, item, operation)


def completed(edited: Payload, item: Item, operation: Operation) -> Payload:
    """An edited request with what it leaves shortened put back from the case as it is now; raises SendError."""
    if not masking.left_out(edited):
        return edited
    payload: Payload = masking.restore(edited, operation.build(item))
    if masking.left_out(payload):
        raise SendError("A picture in the edited request is no longer the one on the case: edit it again.")
    return payload


def preview(item: Item) -> Preview:
    """What would be sent if `item` was sent now. Raises UnknownOperation."""
    operation = operations.get(item.operation)
    try:
        payload = whole(item, operation)
    except SendError as error:
        return Preview(payload=None, problems=(str(error),))
    return Preview(payload=masking.mask(payload), problems=tuple(operation.validate(payload)))
