"""What is done with a whole connector."""

from contextlib import suppress
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import PositiveIntegerField

from moothall.core.accounts.models import User
from moothall.core.audit import recording
from moothall.domain.cases import locking
from moothall.domain.exchange import operations
from moothall.domain.exchange.actions.items import cancel, requeue
from moothall.domain.exchange.actions.refusal import QueueRefusal, reason_given
from moothall.domain.exchange.models import CONNECTOR_SETTINGS, Connector, Item, ItemQuerySet
from moothall.domain.exchange.wake import wake

LONGEST = 2_000_000_000  # what the database can hold


def ensure_connector(key: str, *, name: str = "", **settings: int) -> Connector:
    """The connector `key`, made with this name, or what it calls itself, and these settings if there is none yet."""
    defaults = {"name": name or operations.name_of(key), **settings}
    connector, _ = Connector.objects.get_or_create(key=key, defaults=defaults)
    return connector


def pause_connector(connector: Connector, *, reason: str, by: User, at: datetime) -> Connector:
    """Send nothing through `connector` until it is un-paused; what is being sent at this moment is finished."""
    reason = reason_given(reason)
    with recording.because(action="connector.paused", by=by, at=at, reason=reason):
        connector = _locked(connector)
        if connector.paused_at:
            raise QueueRefusal(f"{connector.name} is paused already: {connector.pause_reason}")
        connector.paused_at, connector.paused_by, connector.pause_reason = at, by, reason
        connector.save(update_fields=["paused_at", "paused_by", "pause_reason"])
        recording.record("connector.paused", connector, by=by, at=at, reason=reason)
    return connector


def unpause_connector(connector: Connector, *, by: User, at: datetime) -> Connector:
    """Go on sending, at once: a circuit breaker that stopped the calls is reset too."""
    with recording.because(action="connector.unpaused", by=by, at=at):
        connector = _locked(connector)
        if not connector.paused_at and not connector.breaker_until:
            raise QueueRefusal(f"{connector.name} is not paused.")
        connector.paused_at, connector.paused_by, connector.pause_reason = None, None, ""
        connector.failures_in_a_row, connector.breaker_until = 0, None
        connector.save(update_fields=["paused_at", "paused_by", "pause_reason", "failures_in_a_row", "breaker_until"])
        recording.record("connector.unpaused", connector, by=by, at=at)
        wake(connector.key, at=at)
    return connector


def change_settings(connector: Connector, *, by: User, at: datetime, **settings: Any) -> Connector:
    """Change settings of `connector`: see `CONNECTOR_SETTINGS`. Items already queued keep the time they are due."""
    with recording.because(action="connector.changed", by=by, at=at):
        connector = _locked(connector)
        before = {name: getattr(connector, name, None) for name in settings}
        for name, value in settings.items():
            _check_setting(name, value)
            if name == "lease_seconds" and value <= (longest := operations.longest_call(connector.key)):
                raise QueueRefusal(
                    f"The lease must be longer than {longest:.0f} seconds: a call to {connector.name} may last so long, "
                    "and nobody may take it over meanwhile."
                )
            setattr(connector, name, value)
        connector.save(update_fields=list(settings))
        recording.record("connector.changed", connector, by=by, at=at, before=before, after=settings)
        wake(connector.key, at=at)
    return connector


def _check_setting(name: str, value: Any) -> None:
    if name not in CONNECTOR_SETTINGS:
        raise QueueRefusal(f"A connector has no setting called {name}.")
    words = name.replace("_", " ")
    if not isinstance(Connector._meta.get_field(name), PositiveIntegerField):
        if not isinstance(value, str) or not value.strip() or len(value) > 120:
            raise QueueRefusal(f"The {words} must be text of up to 120 characters.")
        return
    least = 0 if name in ("delay_seconds", "duplicate_days") else 1
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= LONGEST:
        raise QueueRefusal(f"The setting {words} must be a whole number from {least}.")


def _locked(connector: Connector) -> Connector:
    return Connector.objects.select_for_update(no_key=True).get(pk=connector.pk)


def to_requeue(connector: Connector, *, among: ItemQuerySet, after: int = 0) -> ItemQuerySet:
    """The items of `connector` that ended in an error, with a number above `after`."""
    return among.filter(connector=connector, status=Item.Status.ERROR, pk__gt=after).order_by("pk")


def requeue_connector(
    connector: Connector, *, among: ItemQuerySet, after: int = 0, most: int, by: User, at: datetime
) -> list[Item]:
    """Queue items of `connector` again that ended in an error, of those `among` (what the user may see); which they are.

    `most` at a time, in the order of their numbers, so that who goes on `after` the last meets none that failed anew. All
    in one transaction, which holds their cases. What changed meanwhile is left.
    """
    done = []
    with transaction.atomic():
        for item in _held(to_requeue(connector, among=among, after=after), most):
            with suppress(QueueRefusal):
                done.append(requeue(item, by=by, at=at))
    return done


CANCELLABLE = (Item.Status.QUEUED, Item.Status.PAUSED, Item.Status.ERROR)


def to_cancel(connector: Connector, *, among: ItemQuerySet, until: datetime) -> ItemQuerySet:
    """The items of `connector` that cancelling all of them would cancel: those queued up to then, and not under way.

    Not one that is paused while nobody knows whether it was done: it is un-paused first, or settled by hand.
    """
    waiting = among.filter(connector=connector, status__in=CANCELLABLE, created_at__lte=until)
    return waiting.exclude(status=Item.Status.PAUSED, ask_first=True).order_by("pk")


def cancel_connector(
    connector: Connector, *, among: ItemQuerySet, until: datetime, most: int, reason: str, by: User, at: datetime
) -> list[tuple[Item, str]]:
    """Cancel items of `connector` of those `among`, `most` at a time: each with why it was left, empty when cancelled.

    All in one transaction, which holds their cases, with the reason on each; called again it goes on where it stopped.
    """
    reason = reason_given(reason)
    results = []
    with transaction.atomic():
        with recording.because(action="connector.cancelled", by=by, at=at, reason=reason):
            recording.record("connector.cancelled", connector, by=by, at=at, reason=reason)
        for item in _held(to_cancel(connector, among=among, until=until), most):
            try:
                cancel(item, reason=reason, by=by, at=at)
            except QueueRefusal as refused:
                results.append((item, str(refused)))
            else:
                results.append((item, ""))
    return results


def _held(items: ItemQuerySet, most: int) -> list[Item]:
    """The first of `items` that are still among them once their cases are held, by case."""
    chosen = dict(items.values_list("pk", "case")[:most])
    locking.hold_cases(frozenset(chosen.values()))
    return list(items.filter(pk__in=chosen).select_related("case").order_by("case_id", "pk"))
