"""Putting something on the queue."""

import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from moothall.core.accounts.models import User
from moothall.core.audit import recording
from moothall.domain.cases.models import Case
from moothall.domain.exchange import entries, operations
from moothall.domain.exchange.actions.connectors import ensure_connector
from moothall.domain.exchange.actions.refusal import QueueRefusal
from moothall.domain.exchange.models import Connector, Item
from moothall.domain.exchange.wake import wake
from moothall.kit.calendars import LONDON


def queue(
    case: Case,
    operation: str,
    *,
    by: User,
    at: datetime,
    arguments: Mapping[str, Any] | None = None,
    key: str | None = None,
    delay: timedelta | None = None,
) -> Item:
    """Have `operation` done for `case` after the connector's delay (or `delay`), once.

    The same `key` (up to 120 characters) twice gives the same item; without one, every call is a new item.
    A second request of the operation for the same customer within the connector's `duplicate_days` is paused.
    Raises UnknownOperation; QueueRefusal if the key belongs to something else.
    """
    known = operations.get(operation)
    with recording.because(action="exchange.queued", by=by, at=at):
        connector = ensure_connector(known.connector)
        Case.objects.select_for_update(no_key=True).get(pk=case.pk)  # the order of a case's items is the order of ids
        if key is not None and (earlier := Item.objects.filter(idempotency_key=key).first()):
            if (earlier.case_id, earlier.operation) != (case.pk, operation):
                raise QueueRefusal(f"The key {key} already belongs to something else on the queue.")
            return earlier
        item = Item(
            connector=connector,
            operation=operation,
            lane=known.lane,
            case=case,
            idempotency_key=key or str(uuid.uuid4()),
            arguments=dict(arguments or {}),
            due_at=at + (timedelta(seconds=connector.delay_seconds) if delay is None else delay),
            created_at=at,
            created_by=by,
        )
        item.subject = known.subject(item)
        _pause_duplicate(item, connector, at=at)
        item.save(force_insert=True)
        if item.status == Item.Status.PAUSED:
            entries.write(item, "queued", f"paused. {item.pause_reason}", by=by, at=at)
        else:
            due = item.due_at.astimezone(LONDON)
            entries.write(item, "queued", f"to be sent on {due:%-d %B at %H:%M}.", by=by, at=at)
            wake(connector.key, at=item.due_at)
        entries.stands_anew(item, at=at)
        return item


def _pause_duplicate(item: Item, connector: Connector, *, at: datetime) -> None:
    """Pause an item like one already asked for; one transaction at a time looks for a given customer (CT-71)."""
    if not item.subject or not connector.duplicate_days:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"exchange {item.operation} {item.subject}"]
        )
    earlier = (
        Item.objects.filter(
            operation=item.operation,
            subject=item.subject,
            created_at__gt=at - timedelta(days=connector.duplicate_days),
        )
        .exclude(status=Item.Status.CANCELLED)
        .select_related("case")
        .order_by("-created_at", "-pk")
        .first()
    )
    if earlier:
        asked = earlier.created_at.astimezone(LONDON)
        item.status, item.paused_at = Item.Status.PAUSED, at
        item.pause_reason = (
            f"The same was asked for this customer on {asked:%-d %B %Y} (case {earlier.case.reference}), within"
            f" {connector.duplicate_days} days. Un-pause it to send it all the same, or cancel it."
        )
