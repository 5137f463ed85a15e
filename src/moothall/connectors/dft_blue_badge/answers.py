"""The answers an outcome gave about a badge, as an item on the queue finds them when it is sent."""

from collections.abc import Mapping
from typing import Any

from moothall.connectors.dft_blue_badge import badges
from moothall.connectors.dft_blue_badge.errors import NationalError
from moothall.domain.cases.models import WorkItem
from moothall.domain.exchange.models import Item

REASONS = ("reason", "cancel_reason", "replace_reason", "replacement_reason", "cancellation_reason")


def given(item: Item) -> Mapping[str, Any]:
    """What was answered in the run that queued the item, with what the item itself was given on top."""
    run: Mapping[str, Any] = {}
    if work_item := item.arguments.get("work_item"):
        run = WorkItem.objects.select_related("run").get(pk=work_item).run.answers
    own = {key: value for key, value in item.arguments.items() if key != "work_item"}
    return {**run, **own}


def reason(answers: Mapping[str, Any]) -> str:
    """Why a badge is cancelled or replaced: the question is called `reason`, or `cancel_reason` and the like."""
    return next((str(answers[key]) for key in REASONS if answers.get(key)), "")


def badge_number(item: Item, answers: Mapping[str, Any]) -> str:
    """The badge an item is about: the one named, else the only current one of the customer.

    Raises NationalError when that does not say which.
    """
    if named := str(answers.get("badge_number") or "").strip():
        return named.upper()
    held = badges.current_of(item.case)
    if len(held) == 1:
        return held[0]
    if not held:
        raise NationalError("No current badge is recorded for the customer: say which badge number this is about.")
    raise NationalError(f"The customer has several badges ({', '.join(held)}): say which one this is about.")
