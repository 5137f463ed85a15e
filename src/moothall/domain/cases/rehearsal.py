"""What an outcome would send, seen before it is chosen, so that an officer can change the words of this one copy."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from moothall.core.accounts.models import User
from moothall.core.audit import recording
from moothall.domain.cases import progress, recipients, writing
from moothall.domain.cases.deciding import decided
from moothall.domain.cases.locking import hold_to_choose
from moothall.domain.cases.models import TimelineEntry, WorkItem
from moothall.domain.cases.recipients import NoAlternativeContact, Recipient
from moothall.domain.messages.models import Message
from moothall.domain.workflow import published
from moothall.domain.workflow.machine import Choice
from moothall.domain.workflow.parts import Message as MessageEffect
from moothall.kit.calendars import LONDON


@dataclass(frozen=True, kw_only=True)
class Rehearsed:
    """What one effect of an outcome would send: the same text by each of `messages`' channels.

    `position` is the effect's in the outcome's `do`, by which edits are given; a `message` that nobody can be
    reached by has status failed.
    """

    position: int
    template: str
    recipient: Recipient
    messages: tuple[Message, ...]


def rehearse(
    item: WorkItem, outcome: str, *, by: User, at: datetime, answers: Mapping[str, Any] | None = None, note: str = ""
) -> list[Message]:
    """The messages that choosing `outcome` would save, exactly as they would be, with nothing kept of it.

    The outcome is chosen and undone, so that dates, numbers and payments it makes stand in the text. Raises what
    `progress.choose` raises.
    """
    with transaction.atomic():
        made = _choose(item, outcome, by=by, at=at, answers=answers, note=note)
        transaction.set_rollback(True)
    return list(made.values())


def by_position(
    item: WorkItem,
    outcome: str,
    *,
    by: User,
    at: datetime,
    answers: Mapping[str, Any] | None = None,
    note: str = "",
) -> list[Rehearsed]:
    """The messages of `rehearse` that the outcome's own effects would save, by the position of the effect.

    What later automatic stages would send is left out: it cannot be edited with this outcome. A second officer is not
    asked for. Raises what `progress.choose` raises.
    """
    found: dict[int, list[Message]] = {}
    with transaction.atomic():
        made = _choose(item, outcome, by=by, at=at, answers=answers, note=note)
        for line in TimelineEntry.objects.filter(
            case=item.case_id, kind=TimelineEntry.Kind.MESSAGE, detail__work_item=item.pk
        ).order_by("pk"):
            found.setdefault(line.detail["effect"], []).append(made[line.detail["message"]])
        transaction.set_rollback(True)
    effects = published.workflow(item.stage.version_id).stage(item.stage.key).outcome(outcome).do
    return [_rehearsed(item, position, effects[position], found[position], at=at) for position in sorted(found)]


def _choose(
    item: WorkItem,
    outcome: str,
    *,
    by: User,
    at: datetime,
    answers: Mapping[str, Any] | None,
    note: str,
) -> dict[int, Message]:
    """Choose the outcome, in a transaction to be undone; the messages it saved, by their ids, in order."""
    choice = Choice(outcome=outcome, answers=dict(answers or {}), note=note)
    with recording.because(action="work_item.progressed", by=by, at=at):
        held = hold_to_choose(item.pk, item.stage_id, outcome)
        writing.refuse_stale(held, None)
        change = decided(held, choice, at=at, groups=by.group_keys)
        progress.carry_out(held, change, by=by, at=at, edits={})
    saved = Message.objects.filter(case_link__case=item.case_id, created_at=at).order_by("pk")
    return {message.pk: message for message in saved.select_related("template_version__template")}


def _rehearsed(item: WorkItem, position: int, effect: Any, messages: list[Message], *, at: datetime) -> Rehearsed:
    recipient = _recipient(item, effect, at=at)
    return Rehearsed(position=position, template=effect.template, recipient=recipient, messages=tuple(messages))


def _recipient(item: WorkItem, effect: MessageEffect, *, at: datetime) -> Recipient:
    on = at.astimezone(LONDON).date()
    try:
        return recipients.find(item.case.customer, effect.recipient, on=on)
    except NoAlternativeContact:
        return recipients.find(item.case.customer, "customer", on=on)
