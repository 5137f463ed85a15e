"""What an outcome would send, seen before it is chosen, so that an officer can change the words of this one copy."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from moothall.core.accounts.models import User
from moothall.domain.cases import facts, progress, recipients
from moothall.domain.cases.models import WorkItem
from moothall.domain.cases.recipients import NoAlternativeContact, Recipient
from moothall.domain.messages.models import Message
from moothall.domain.workflow import machine, published
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
        progress.choose(item, outcome, by=by, at=at, answers=answers, note=note)
        saved = Message.objects.filter(case_link__case=item.case_id, created_at=at).order_by("pk")
        made = list(saved.select_related("template_version__template"))
        transaction.set_rollback(True)
    return made


def by_position(
    item: WorkItem, outcome: str, *, by: User, at: datetime, answers: Mapping[str, Any] | None = None, note: str = ""
) -> list[Rehearsed]:
    """The messages of `rehearse` that the outcome's own effects would save, by the position of the effect.

    What later automatic stages would send is left out: it cannot be edited with this outcome. Raises what
    `progress.choose` raises.
    """
    left = rehearse(item, outcome, by=by, at=at, answers=answers, note=note)
    return list(_sorted_out(item, _effects(item, outcome, by=by, at=at, answers=answers or {}, note=note), left, at=at))


def _effects(
    item: WorkItem, outcome: str, *, by: User, at: datetime, answers: Mapping[str, Any], note: str
) -> Sequence[tuple[int, MessageEffect]]:
    definition = published.workflow(item.stage.version_id)
    known = facts.gather(item, definition, definition.stage(item.stage.key), at)
    choice = Choice(outcome=outcome, answers=dict(answers), note=note)
    change = machine.decide(definition, item.stage.key, choice, groups=by.group_keys, facts=known)
    return [(position, effect) for position, effect in change.effects if isinstance(effect, MessageEffect)]


def _sorted_out(
    item: WorkItem, effects: Sequence[tuple[int, MessageEffect]], left: list[Message], *, at: datetime
) -> Iterator[Rehearsed]:
    """Messages are saved in the order of the effects; each effect takes those of its template, a channel once."""
    for position, effect in effects:
        recipient = _recipient(item, effect, at=at)
        template = f"{item.case.service_key}.{effect.template}"
        taken: list[Message] = []
        for message in left:
            if message.template_version is None or message.template_version.template.key != template:
                continue
            fits = message.channel in effect.channels or not taken
            if fits and message.channel not in {one.channel for one in taken}:
                taken.append(message)
        left = [message for message in left if message not in taken]
        if taken:
            yield Rehearsed(position=position, template=effect.template, recipient=recipient, messages=tuple(taken))


def _recipient(item: WorkItem, effect: MessageEffect, *, at: datetime) -> Recipient:
    on = at.astimezone(LONDON).date()
    try:
        return recipients.find(item.case.customer, effect.recipient, on=on)
    except NoAlternativeContact:
        return recipients.find(item.case.customer, "customer", on=on)
