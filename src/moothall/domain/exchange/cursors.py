"""How far a connector has read what comes in. Of two pollers that read the same stretch, one moves the cursor."""

from datetime import datetime
from typing import Any

from django.db import transaction

from moothall.domain.exchange.actions.connectors import ensure_connector
from moothall.domain.exchange.models import Cursor


class CursorMoved(Exception):
    """Another poller was first: what this one read has been taken in already, so undo and read again."""


def read(connector: str, key: str) -> Any:
    """The JSON value of cursor `key` of a connector (its key); None before the first move."""
    return Cursor.objects.filter(connector__key=connector, key=key).values_list("value", flat=True).first()


def move(connector: str, key: str, *, was: Any, to: Any, at: datetime) -> None:
    """Move the cursor from `was` (as read) to `to` (not None), in the transaction that keeps what was read.

    Raises CursorMoved if it no longer stands at `was`.
    """
    with transaction.atomic():
        row = ensure_connector(connector)
        Cursor.objects.get_or_create(connector=row, key=key, defaults={"moved_at": at})
        cursor = Cursor.objects.select_for_update().get(connector=row, key=key)
        if cursor.value != was:
            raise CursorMoved(f"The cursor {key} of {row.name} was moved by another poller.")
        cursor.value, cursor.moved_at = to, at
        cursor.save(update_fields=["value", "moved_at"])
