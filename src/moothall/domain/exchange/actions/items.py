"""What is done with one item. Each verb locks the case, then the item, and refuses a state it makes no sense in."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from moothall.core.accounts.models import User
from moothall.core.audit import recording
from moothall.domain.cases import actions as cases
from moothall.domain.cases.models import Case
from moothall.domain.exchange import entries, operations, payloads
from moothall.domain.exchange.actions.refusal import QueueRefusal, reason_given
from moothall.domain.exchange.models import Item
from moothall.domain.exchange.wake import wake

Status = Item.Status
VERDICTS: Mapping[str, str] = {
    "done_elsewhere": "it is done",
    "send_again": "it is not done, and is sent again",
    "cancel": "it is not done, and is not to be",
}


def pause(item: Item, *, reason: str, by: User, at: datetime) -> Item:
    """Hold an item that waits, and what is queued on its case after it."""
    reason = reason_given(reason)
    with _changing(item, "paused", {Status.QUEUED, Status.UNKNOWN}, by=by, at=at, reason=reason) as item:
        item.status, item.paused_at, item.pause_reason = Status.PAUSED, at, reason
        item.save()
        entries.write(item, "paused", f"paused. {reason}", by=by, at=at, reason=reason)
        entries.stands_anew(item, at=at)
    return item


def unpause(item: Item, *, by: User, at: datetime) -> Item:
    """Let a paused item go on: it is sent when it is due, or now if that has passed."""
    with _changing(item, "un-paused", {Status.PAUSED}, by=by, at=at) as item:
        _wait(item, due_at=max(item.due_at, at))
        entries.write(item, "unpaused", "un-paused.", by=by, at=at)
        entries.stands_anew(item, at=at)
    return item


def cancel(item: Item, *, reason: str, by: User, at: datetime) -> Item:
    """It is not to be done. What waits behind it on the case goes on."""
    return _set_aside(item, Status.CANCELLED, "cancelled", reason=reason, by=by, at=at)


def skip(item: Item, *, reason: str, by: User, at: datetime) -> Item:
    """It is not sent by us (somebody did it by hand, or it is not needed); the case goes on as if it were done."""
    return _set_aside(item, Status.SKIPPED, "skipped", reason=reason, by=by, at=at)


def requeue(item: Item, *, by: User, at: datetime) -> Item:
    """Put an item back that failed or was set aside: attempts start again, after the connector's delay."""
    with _changing(item, "queued again", {Status.ERROR, Status.CANCELLED, Status.SKIPPED}, by=by, at=at) as item:
        _wait(item, due_at=at + timedelta(seconds=item.connector.delay_seconds), fresh=True)
        entries.write(item, "requeued", "queued again.", by=by, at=at)
        entries.stands_anew(item, at=at)
    return item


def edit_and_requeue(item: Item, payload: dict[str, Any] | None, *, by: User, at: datetime) -> Item:
    """Change in the request what `payload` says otherwise than the case; None: send it as the case has it again.

    `payload` is the request as it was shown, or only the fields to change. Only what its operation names as editable
    may differ; all else comes from the case when it is sent. Refuses what the operation finds fault with, naming each.
    """
    allowed = {Status.QUEUED, Status.PAUSED, Status.ERROR, Status.CANCELLED, Status.SKIPPED}
    with _changing(item, "edited", allowed, by=by, at=at) as item:
        before = item.payload_override or {}
        item.payload_override = None if payload is None else _changes(item, payload)
        _wait(item, due_at=at + timedelta(seconds=item.connector.delay_seconds), fresh=True)
        fields = sorted({*before, *(item.payload_override or {})})
        entries.write(item, "edited", _edited(item, before), by=by, at=at, fields=fields)
        entries.stands_anew(item, at=at)
    return item


def settle(item: Item, *, verdict: str, reason: str, by: User, at: datetime) -> Item:
    """Say how an item stands that got no answer, as somebody found out by other means; noted on the case for all to see.

    `verdict`: done_elsewhere (skipped: the case goes on as if it were done), send_again (after the connector's delay,
    nobody is asked), or cancel. An item set aside so is asked about first if it is ever queued again.
    """
    reason = reason_given(reason)
    if verdict not in VERDICTS:
        raise QueueRefusal("Say what was found out: done_elsewhere, send_again or cancel.")
    allowed = {Status.UNKNOWN, Status.ERROR, Status.PAUSED}
    with _changing(item, "settled by hand", allowed, by=by, at=at, reason=reason) as item:
        if not item.ask_first:
            raise QueueRefusal(_sentence(item, "settled by hand", Status(item.status)))
        text = f"settled by hand without an answer: {VERDICTS[verdict]}. {reason}"
        entries.write(item, "settled", text, by=by, at=at, reason=reason, verdict=verdict)
        cases.add_note(item.case, text=f"{entries.title(item)}: {text}", important=True, by=by, at=at)
        if verdict == "send_again":
            item.ask_first = False
            _wait(item, due_at=at + timedelta(seconds=item.connector.delay_seconds), fresh=True)
            entries.stands_anew(item, at=at)
        else:
            _put_aside(item, Status.SKIPPED if verdict == "done_elsewhere" else Status.CANCELLED, reason, at=at)
    return item


def send_now(item: Item, *, by: User, at: datetime) -> Item:
    """Send without waiting any longer; attempts start again. Where the last outcome is unknown it is asked first."""
    allowed = {Status.QUEUED, Status.PAUSED, Status.ERROR, Status.UNKNOWN}
    return _at_once(item, "sent now", allowed, "send_now", by=by, at=at)


def retry(item: Item, *, by: User, at: datetime) -> Item:
    """Try an item again that ended in an error or got no answer; attempts start again."""
    return _at_once(item, "tried again", {Status.ERROR, Status.UNKNOWN}, "retried", by=by, at=at)


def _at_once(item: Item, participle: str, allowed: set[Status], action: str, *, by: User, at: datetime) -> Item:
    with _changing(item, participle, allowed, by=by, at=at) as item:
        if item.connector.paused_at:
            raise QueueRefusal(f"{item.connector.name} is paused ({item.connector.pause_reason}): un-pause it first.")
        _wait(item, due_at=at, fresh=True)
        entries.write(item, action, "to be sent at once.", by=by, at=at)
        entries.stands_anew(item, at=at)
    return item


def _set_aside(item: Item, status: Status, participle: str, *, reason: str, by: User, at: datetime) -> Item:
    reason = reason_given(reason)
    allowed = {Status.QUEUED, Status.PAUSED, Status.ERROR}
    with _changing(item, participle, allowed, by=by, at=at, reason=reason) as item:
        if item.ask_first and item.status == Status.PAUSED:
            raise QueueRefusal(_sentence(item, participle, Status.UNKNOWN) + " Un-pause it first.")
        entries.write(item, str(status), f"{participle}. {reason}", by=by, at=at, reason=reason)
        _put_aside(item, status, reason, at=at)
    return item


def _put_aside(item: Item, status: Status, reason: str, *, at: datetime) -> None:
    item.status, item.processed_at, item.settled_reason = status, at, reason
    item.paused_at, item.pause_reason = None, ""
    item.save()
    entries.stands_anew(item, at=at)
    wake_next(item, at=at)


def wake_next(item: Item, *, at: datetime) -> None:
    """What waited behind `item` on its case may go now."""
    lane = Item.objects.filter(case=item.case_id, lane=item.lane)
    behind = lane.unsettled().order_by("pk").select_related("connector").first()
    if behind and behind.status in Item.WAITING:
        wake(behind.connector.key, at=max(at, behind.due_at))


@contextmanager
def _changing(
    item: Item, participle: str, allowed: set[Status], *, by: User, at: datetime, reason: str = ""
) -> Iterator[Item]:
    with recording.because(action=f"exchange.{participle.replace(' ', '_')}", by=by, at=at, reason=reason):
        Case.objects.select_for_update(no_key=True).get(exchange_items=item.pk)
        locked = Item.objects.select_for_update(of=("self",)).select_related("case", "connector").get(pk=item.pk)
        if locked.status not in allowed:
            raise QueueRefusal(_sentence(locked, participle, Status(locked.status)))
        yield locked


def _sentence(item: Item, participle: str, stands: Status) -> str:
    return f"{entries.title(item)} for {item.case.reference} cannot be {participle}: {entries.STANDS[stands]}."


def _wait(item: Item, *, due_at: datetime, fresh: bool = False) -> None:
    """Back to waiting: to be asked about where the last outcome is unknown, else to be sent."""
    item.status = Status.UNKNOWN if item.ask_first else Status.QUEUED
    item.due_at, item.processed_at, item.settled_reason = due_at, None, ""
    item.paused_at, item.pause_reason = None, ""
    if fresh:
        item.attempts, item.problem = 0, ""
    item.save()
    wake(item.connector.key, at=due_at)


def _changes(item: Item, payload: dict[str, Any]) -> dict[str, Any] | None:
    if not isinstance(payload, dict):
        raise QueueRefusal("An edited request must be a JSON object.")
    try:
        return payloads.edited(item, payload, operations.get(item.operation)) or None
    except (payloads.NotEditable, operations.SendError) as problem:
        raise QueueRefusal(str(problem)) from problem


def _edited(item: Item, before: dict[str, Any]) -> str:
    """What an edit did to a request that had the changes `before`."""
    said = "built from the case again" if item.payload_override is None else "the request was edited"
    differences = payloads.differences(item, before)
    return f"{said} and queued again{f': {differences}' if differences else ''}."
