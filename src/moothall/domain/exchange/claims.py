"""Whose turn it is. Decided in PostgreSQL, so that any number of senders on any number of machines agree.

A claim is committed before any call: the item says `sending` with a short lease, which its sender renews while the call
is under way. A sender that dies falls silent; then its place is free for another call, and the item is asked about if a
request may have gone out, or simply waits again if none did.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef

from moothall.core import leases
from moothall.core.accounts.actions import system_user
from moothall.core.audit import recording
from moothall.domain.exchange.models import CaseHold, Connector, Item, ItemQuerySet

LOCKED_FOR_NOW = timedelta(seconds=0.5)  # before looking again at an item somebody is just working on


@contextmanager
def committed(action: str, *, at: datetime) -> Iterator[None]:
    """A transaction of the queue itself that is surely committed at its end: it refuses to be part of another."""
    with transaction.atomic(durable=True), recording.because(action=action, by=system_user(), at=at):
        yield


def claim(key: str, *, at: datetime) -> Item | datetime | None:
    """Take the next due item of connector `key` for sending or asking.

    A datetime when something is due but limits say to wait until then; None when there is nothing to do now (whoever
    settles or queues the next wakes the senders).
    """
    with committed("exchange.claimed", at=at):
        connector = Connector.objects.select_for_update(no_key=True).filter(key=key).first()
        if connector is None or connector.paused_at or not _eligible(connector, at).exists():
            return None
        if connector.breaker_until and connector.breaker_until > at:
            return connector.breaker_until
        if not _room(connector, at):
            return None
        if connector.next_call_at and connector.next_call_at > at:
            return connector.next_call_at
        item = _take(connector, at)
        if item is None:
            return at + LOCKED_FOR_NOW
        connector.next_call_at = at + timedelta(seconds=60 / connector.per_minute)
        connector.save(update_fields=["next_call_at"])
        return item


def more_may_go(connector: Connector, *, at: datetime) -> bool:
    """Is something else due at `connector`, and may it go while what is sent now is under way?"""
    return _room(connector, at) and _eligible(connector, at).exists()


def lease_end(connector: Connector, *, began: datetime, at: datetime) -> datetime:
    """Until when a sender heard of at `at` is believed alive, whose call began at `began`.

    Never later than the connector's `lease_seconds` from the beginning, the longest that a call may last.
    """
    return min(at + leases.length(), began + timedelta(seconds=connector.lease_seconds))


def _room(connector: Connector, at: datetime) -> bool:
    """Are fewer calls under way than may be at once, or, of a system that failed too often, none?

    Those of senders that fell silent are not under way any more.
    """
    probing = connector.failures_in_a_row >= connector.breaker_after
    sending = Item.objects.filter(connector=connector, status=Item.Status.SENDING, leased_until__gt=at).count()
    return sending < (1 if probing else connector.at_once)


def _take(connector: Connector, at: datetime) -> Item | None:
    free = _eligible(connector, at).select_for_update(skip_locked=True, no_key=True, of=("self", "case"))
    item = free.select_related("case", "connector").order_by("due_at", "pk").first()
    if item is None or not _eligible(connector, at).filter(pk=item.pk).exists():  # asked again now the case is locked
        return None
    item.status = Item.Status.SENDING
    item.leased_until = lease_end(connector, began=at, at=at)
    item.attempts += 1
    item.claims += 1
    item.began_at, item.outgoing = at, None
    item.save(update_fields=["status", "leased_until", "attempts", "claims", "began_at", "outgoing"])
    return item


def _eligible(connector: Connector, at: datetime) -> ItemQuerySet:
    """Due, nothing before it in its lane of the case unsettled, nothing there being sent, its case not held."""
    same_lane = Item.objects.filter(case=OuterRef("case_id"), lane=OuterRef("lane"))
    return (
        Item.objects.filter(connector=connector)
        .due(at)
        .filter(
            ~Exists(same_lane.filter(pk__lt=OuterRef("pk")).unsettled()),
            ~Exists(same_lane.filter(status=Item.Status.SENDING)),
            ~Exists(CaseHold.objects.filter(case=OuterRef("case_id"))),
        )
    )
