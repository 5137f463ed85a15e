"""Writing down what came of a call, once: only by whoever still holds the claim."""

import json
import random
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from moothall.core import leases
from moothall.core.accounts.actions import system_user
from moothall.domain.cases.models import Case
from moothall.domain.exchange import entries, masking, payloads
from moothall.domain.exchange.actions.items import wake_next
from moothall.domain.exchange.claims import committed, lease_end
from moothall.domain.exchange.models import Attempt, Connector, Item
from moothall.domain.exchange.operations import Operation, Payload, Reply, SendError, Transcript
from moothall.domain.exchange.wake import wake
from moothall.kit.calendars import LONDON

SENDING = Item.Status.SENDING
LONGEST_WAIT = timedelta(hours=2)  # between two tries
SENDER_DIED = "The sender stopped before it wrote down an answer."
ASKER_DIED = "The sender stopped while it asked how this stands."
NEVER_BEGAN = "The sender stopped before it sent anything."
UNANSWERED = (
    "no answer came, so it is not known whether it was done. The other system is asked before anything is sent again."
)
WAS_LOST = "The answer had been lost: the other system was asked."
CAME_LATE = "The answer came after somebody else had taken over."
NOT_THERE = "The other system does not have it, so it is sent again."

_dice = random.SystemRandom()


@dataclass(frozen=True, kw_only=True)
class Call:
    """One claimed item on its way: who may settle it is whoever made its latest claim."""

    pk: int
    claim: int
    asking: bool
    started_at: datetime


def prepare(call: Call, operation: Operation, *, clock: Callable[[], datetime]) -> tuple[Item, Payload] | None:
    """Build the request from the case as it is now and commit that it is about to go out; None: the claim is lost.

    Raises SendError when an officer must put something right first.
    """
    with committed("exchange.sending", at=call.started_at):
        item = _ours(call)
        if item is None:
            return None
        if call.asking:
            return item, item.sent or {}
        payload = payloads.whole(item, operation)
        if problems := operation.validate(payload, item=item):
            raise SendError(" ".join(problems))
        json.dumps(payload, allow_nan=False).encode()  # what cannot be written must fail before anything is sent
        item.sent, item.outgoing = masking.mask(payload), masking.mask(operation.request(payload, item=item))
        item.ask_first, item.began_at = True, clock()
        item.leased_until = lease_end(item.connector, began=call.started_at, at=item.began_at)
        item.save(update_fields=["sent", "outgoing", "ask_first", "began_at", "leased_until"])
        return item, payload


def renew(call: Call, connector: Connector, *, at: datetime) -> bool:
    """Say that the sender of `call` lives; False when that counts no longer: it lost the claim, or has taken too long."""
    until = lease_end(connector, began=call.started_at, at=at)
    if until <= at:
        return False
    return bool(Item.objects.filter(pk=call.pk, status=SENDING, claims=call.claim).update(leased_until=until))


def finish(call: Call, operation: Operation, reply: Reply, *, at: datetime) -> None:
    """Mark the item done with everything that follows from it, in one transaction."""
    with _settling(call, "exchange.done", reply.transcript, at=at) as item:
        if item is None:
            return
        _attempt(item, call, reply.transcript, "", at=at)
        item.status, item.processed_at, item.result = Item.Status.DONE, at, masking.mask(reply.result)
        item.leased_until, item.ask_first, item.problem = None, False, ""
        item.save()
        by = system_user()
        operation.done(item, reply, by=by, at=at)
        entries.write(item, "done", f"{reply.summary or 'done.'}{f' {WAS_LOST}' if call.asking else ''}", by=by, at=at)
        entries.stands_anew(item, at=at)
        wake_next(item, at=at)


def not_there(call: Call, *, at: datetime) -> None:
    """The other system was asked and does not have it: send it now."""
    with _settling(call, "exchange.asked", Transcript(), at=at) as item:
        if item is None:
            return
        _attempt(item, call, Transcript(), NOT_THERE, at=at)
        entries.write(item, "not_there", "asked about. The other system does not have it.", by=system_user(), at=at)
        item.ask_first = False
        _again_or_error(item, NOT_THERE, due_at=at, at=at)


def failed(call: Call, error: SendError, *, at: datetime) -> None:
    """Try again later, ask first, or leave it to a person, as `error` says."""
    with _settling(call, "exchange.failed", error.transcript, at=at) as item:
        if item is None:
            return
        _attempt(item, call, error.transcript, str(error), at=at)
        item.ask_first = item.ask_first and (call.asking or error.unknown)
        if item.ask_first and not call.asking:
            entries.write(item, "unanswered", UNANSWERED, by=system_user(), at=at)
        if error.retryable or error.unknown:
            wait = error.retry_after if error.retry_after is not None else _back_off(item)
            _again_or_error(item, str(error), due_at=at + wait, at=at)
        else:
            _error(item, str(error), at=at)


def recover(key: str, *, at: datetime) -> int:
    """Take over from senders that died: returns how many items were freed."""
    expired = Item.objects.filter(connector__key=key).abandoned(at)
    freed = 0
    for pk in expired.values_list("pk", flat=True):
        with committed("exchange.recovered", at=at):
            Case.objects.select_for_update(no_key=True).get(exchange_items=pk)
            item = expired.select_for_update(of=("self",)).select_related("case", "connector").filter(pk=pk).first()
            if item is None:
                continue
            sending, asking = item.outgoing is not None, item.outgoing is None and item.ask_first
            noticed = f"This was noticed on {at.astimezone(LONDON):%-d %B %Y at %H:%M:%S}."
            problem = f"{SENDER_DIED if sending else ASKER_DIED if asking else NEVER_BEGAN} {noticed}"
            call = Call(pk=pk, claim=item.claims, asking=asking, started_at=item.began_at or at)
            _attempt(item, call, Transcript(), problem, at=at)
            if sending:
                entries.write(item, "unanswered", UNANSWERED, by=system_user(), at=at)
            _again_or_error(item, problem, due_at=_after_silence(item, at), at=at)
            freed += 1
    return freed


@contextmanager
def _settling(call: Call, action: str, transcript: Transcript, *, at: datetime) -> Iterator[Item | None]:
    """The item with its case locked, or None, with the late answer kept, when the claim was lost."""
    with committed(action, at=at):
        Case.objects.select_for_update(no_key=True).get(exchange_items=call.pk)
        item = _ours(call)
        if item is None:
            late = Item.objects.select_for_update(of=("self",)).get(pk=call.pk)
            _attempt(late, call, transcript, CAME_LATE, at=at)
        yield item


def _ours(call: Call) -> Item | None:
    mine = Item.objects.filter(pk=call.pk, status=SENDING, claims=call.claim)
    return mine.select_for_update(of=("self",)).select_related("case", "connector").first()


def _attempt(item: Item, call: Call, transcript: Transcript, problem: str, *, at: datetime) -> None:
    request: Mapping[str, Any] | None = transcript.request
    if request is None and not call.asking and item.ask_first:
        request = {**(item.outgoing or {}), "body": item.sent}
    Attempt.objects.create(
        item=item,
        number=Attempt.objects.filter(item=item).count() + 1,
        asking=call.asking,
        started_at=call.started_at,
        finished_at=at,
        request=masking.mask(request),
        response=masking.mask(transcript.response),
        problem=masking.mask(problem),
    )


def _again_or_error(item: Item, problem: str, *, due_at: datetime, at: datetime) -> None:
    if item.attempts >= item.connector.max_attempts:
        tries = "Tried once" if item.attempts == 1 else f"Tried {item.attempts} times"
        _error(item, f"{tries}, without success. {problem}", at=at)
        return
    item.status = Item.Status.UNKNOWN if item.ask_first else Item.Status.QUEUED
    item.leased_until, item.due_at, item.problem = None, due_at, masking.mask(problem)
    item.save()
    entries.stands_anew(item, at=at)
    wake(item.connector.key, at=due_at)


def _after_silence(item: Item, at: datetime) -> datetime:
    """When an item of a dead sender may go on: at once, or, to be asked about, as long after its last word as after a
    call without an answer."""
    if not item.ask_first or item.leased_until is None:
        return at
    return max(at, item.leased_until - leases.length() + _back_off(item))


def _error(item: Item, problem: str, *, at: datetime) -> None:
    item.status, item.leased_until, item.problem = Item.Status.ERROR, None, masking.mask(problem)
    item.save()
    entries.write(item, "failed", item.problem, by=system_user(), at=at)
    entries.stands_anew(item, at=at)


def _back_off(item: Item) -> timedelta:
    """Twice as long each time, any part of it (full jitter); before asking, at least half, so that a call still on
    its way can arrive."""
    longest = min(item.connector.retry_seconds * 2.0 ** (min(item.attempts, 40) - 1), LONGEST_WAIT.total_seconds())
    return timedelta(seconds=_dice.uniform(longest / 2 if item.ask_first else 0, longest))
