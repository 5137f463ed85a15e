"""What an outcome would send, seen before it is chosen, so that an officer can change the words of this one copy."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType
from typing import Any

from django.db import transaction

from moothall.core.accounts.models import User
from moothall.core.audit import recording
from moothall.domain.cases import progress, recipients, writing
from moothall.domain.cases.deciding import decided
from moothall.domain.cases.locking import hold_to_choose
from moothall.domain.cases.models import TimelineEntry, WorkItem
from moothall.domain.cases.recipients import NoAlternativeContact, Recipient, Who
from moothall.domain.messages.models import Message
from moothall.domain.people.models import Customer
from moothall.domain.workflow import published
from moothall.domain.workflow.machine import Choice
from moothall.kit.calendars import LONDON

NOBODY_ELSE: Mapping[int, Who] = MappingProxyType({})


@dataclass(frozen=True, kw_only=True)
class Rehearsed:
    """What one effect of an outcome would send: the same text by each of `messages`' channels.

    `position` is the effect's in the outcome's `do`, by which edits are given; a `message` that nobody can be
    reached by has status failed. `to` is whom it goes to, `others` who else it may be made to go to (CT-61);
    `otherwise`: not to whom the effect says.
    """

    position: int
    template: str
    to: Who
    recipient: Recipient
    others: Mapping[Who, Recipient]
    otherwise: bool
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
    to: Mapping[int, Who] | None = None,
) -> list[Rehearsed]:
    """The messages of `rehearse` that the outcome's own effects would save, by the position of the effect.

    `to` says of some positions whom the message is to go to instead of whom its effect says.

    What later automatic stages would send is left out: it cannot be edited with this outcome. A second officer is not
    asked for. Raises what `progress.choose` raises.
    """
    found: dict[int, list[Message]] = {}
    chosen = dict(to or {})
    with transaction.atomic():
        made = _choose(item, outcome, by=by, at=at, answers=answers, note=note, to=chosen)
        for line in TimelineEntry.objects.filter(
            case=item.case_id, kind=TimelineEntry.Kind.MESSAGE, detail__work_item=item.pk
        ).order_by("pk"):
            found.setdefault(line.detail["effect"], []).append(made[line.detail["message"]])
        transaction.set_rollback(True)
    effects = published.workflow(item.stage.version_id).stage(item.stage.key).outcome(outcome).do
    return [
        _rehearsed(item, position, effects[position], found[position], to=chosen.get(position), at=at)
        for position in sorted(found)
    ]


def _choose(
    item: WorkItem,
    outcome: str,
    *,
    by: User,
    at: datetime,
    answers: Mapping[str, Any] | None,
    note: str,
    to: Mapping[int, Who] = NOBODY_ELSE,
) -> dict[int, Message]:
    """Choose the outcome, in a transaction to be undone; the messages it saved, by their ids, in order."""
    choice = Choice(outcome=outcome, answers=dict(answers or {}), note=note)
    with recording.because(action="work_item.progressed", by=by, at=at):
        held = hold_to_choose(item.pk, item.stage_id, outcome)
        writing.refuse_stale(held, None)
        change = decided(held, choice, at=at, groups=by.group_keys)
        edits = {str(position): {"to": who} for position, who in to.items()}
        progress.carry_out(held, change, by=by, at=at, edits=edits)
    saved = Message.objects.filter(case_link__case=item.case_id, created_at=at).order_by("pk")
    return {message.pk: message for message in saved.select_related("template_version__template")}


def _rehearsed(
    item: WorkItem, position: int, effect: Any, messages: list[Message], *, to: Who | None, at: datetime
) -> Rehearsed:
    reached = _reached(item.case.customer, on=at.astimezone(LONDON).date())
    who = to or effect.recipient
    who = who if who in reached else "customer"
    others = {other: recipient for other, recipient in reached.items() if other != who}
    return Rehearsed(
        position=position,
        template=effect.template,
        to=who,
        recipient=reached[who],
        others=others,
        otherwise=to is not None and who != effect.recipient,
        messages=tuple(messages),
    )


def _reached(customer: Customer, *, on: date) -> dict[Who, Recipient]:
    """Whom a message about this customer can be addressed to."""
    found: dict[Who, Recipient] = {"customer": recipients.find(customer, "customer", on=on)}
    with suppress(NoAlternativeContact):
        found["alternative_contact"] = recipients.find(customer, "alternative_contact", on=on)
    return found
