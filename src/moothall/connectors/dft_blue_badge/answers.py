"""The answers an outcome gave about a badge, as an item on the queue finds them when it is sent."""

import re
from collections.abc import Mapping
from typing import Any

from moothall.connectors.dft_blue_badge import badges
from moothall.domain.cases.models import WorkItem
from moothall.domain.exchange.models import Item
from moothall.domain.people.numbers import fold_number

_FORM = re.compile(r"[0-9A-Za-z]{6,20}")
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
    """The badge an item is about: the one named, else the only current one of the customer; empty if it is not clear."""
    if named := str(answers.get("badge_number") or "").strip():
        return named.upper()
    held = badges.current_of(item.case)
    return held[0] if len(held) == 1 else ""


def badge_problems(item: Item, number: str) -> list[str]:
    """Why an item must not be about the badge `number`, as sentences: it must be one of the customer's.

    One that nobody records is taken only from the answers on the case: it may be older than our records.
    """
    if not number:
        held = ", ".join(badges.current_of(item.case))
        if held:
            return [f"The customer has several badges ({held}): say which one this is about."]
        return ["No current badge is recorded for the customer: say which badge number this is about."]
    if not _FORM.fullmatch(number):
        return ["A badge number has six letters and digits: check it."]
    reference = badges.recorded(number)
    if reference and reference.customer_id != item.case.customer_id:
        return [f"The badge {number} is recorded for somebody else: check the number."]
    if reference is None and fold_number(number) != fold_number(str(given(item).get("badge_number") or "")):
        return [f"The badge {number} is not recorded as the customer's: record it on them first, or check the number."]
    return []
