"""What a browser sent of a page of a form, as the engine reads it; and what a button other than “Continue” asks for.

Whether an answer is right is the engine's to say: what is read here is text, lists of text and sets of parts.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import QueryDict

from moothall.domain.forms.definition import Question
from moothall.domain.forms.parts import LATER, PARTS_OF
from moothall.domain.forms.runner import Asked
from moothall.web.common import address_finder
from moothall.web.common.address_finder import Looking

MOST_ITEMS = 50


@dataclass(frozen=True)
class Step:
    """What a button of the page other than “Continue” asks for: the page `again`, with this as if it had been `sent`."""

    again: bool
    sent: QueryDict
    looked: Looking | None = None


def standing(asked: Sequence[Asked]) -> list[Asked]:
    """The questions that stand on the page, or can by another answer of it."""
    return [one for one in asked if one.applies or one.reveal]


def finding(asked: Sequence[Asked]) -> Looking:
    """A finder for a page that asks for an address."""
    wanted = any(one.question.type == "address" for one in standing(asked))
    return address_finder.step(None) if wanted else Looking(None, None)


def step(asked: Sequence[Asked], sent: QueryDict) -> Step:
    """Whether one more of several is wanted, one less, or an address found."""
    groups = {one.question.id for one in asked if one.question.type == "group"}
    if (more := sent.get("another", "")) in groups:
        changed = sent.copy()
        changed[f"{more}__count"] = str(min(MOST_ITEMS, count(sent, more) + 1))
        return Step(True, changed)
    name, _dot, place = sent.get("remove", "").partition(".")
    if name in groups and place.isdecimal():
        return Step(True, _without(sent, name, int(place[:3])))
    home = next((one.question.id for one in standing(asked) if one.question.type == "address"), None)
    if home is None or not sent.get("address_step"):
        return Step(False, sent)
    looked = address_finder.step(sent)
    if looked.data is None or not looked.asked:
        return Step(True, sent, looked)
    changed = looked.data.copy()
    if looked.finder and looked.finder.chosen:
        for part in PARTS_OF["address"]:
            changed[f"{home}__{part}"] = str(looked.data.get(part) or "")
    return Step(True, changed, looked)


def _without(sent: QueryDict, group: str, removed: int) -> QueryDict:
    """What was sent without one of several: those after it move up."""
    changed = QueryDict(mutable=True)
    for key, values in sent.lists():
        found = re.fullmatch(rf"{re.escape(group)}__([0-9]{{1,3}})__(.+)", key)
        place = int(found[1]) if found else 0
        if found is None or place < removed:
            changed.setlist(key, values)
        elif place > removed:
            changed.setlist(f"{group}__{place - 1}__{found[2]}", values)
    changed[f"{group}__count"] = str(max(1, count(sent, group) - 1))
    return changed


def given(asked: Sequence[Asked], sent: QueryDict) -> dict[str, Any]:
    """What was sent, by question: text, lists of text, sets of parts. Files are for the caller to add."""
    stood = [one for one in asked if one.applies or one.reveal or _stood(one.question, sent)]
    return {one.question.id: _given(one.question, one.question.id, sent) for one in stood}


def _stood(question: Question, sent: QueryDict) -> bool:
    """Whether a question stood on the page though it was not to be asked before: other answers of the page led to it."""
    return any(key == question.id or key.startswith(f"{question.id}_") for key in sent)


def _given(question: Question, name: str, sent: QueryDict) -> Any:
    match question.type:
        case "guidance":
            return None
        case "choices":
            return sent.getlist(name)
        case "date":
            return _day([sent.get(f"{name}_{number}", "").strip() for number in range(3)])
        case "upload":
            kept = [one for one in sent.getlist(f"{name}__kept") if one not in sent.getlist(f"{name}__remove")]
            return LATER if sent.get(f"{name}__later") and not kept else kept
        case "group":
            many = count(sent, name)
            items = [
                {one.id: _given(one, f"{name}__{at}__{one.id}", sent) for one in question.questions}
                for at in range(1, many + 1)
            ]
            return [item for item in items if any(_said(value) for value in item.values())]
    if question.type == "map_pin":
        latitude, _comma, longitude = sent.get(f"{name}__point", "").partition(",")
        return {"latitude": latitude, "longitude": longitude, "words": sent.get(f"{name}__words", "")}
    if question.type in PARTS_OF:
        parts = {part: sent.get(f"{name}__{part}", "") for part in PARTS_OF[question.type]}
        return _of_property(parts) if parts.get("uprn") else parts
    return sent.get(name, "")


def _of_property(parts: dict[str, str]) -> dict[str, str]:
    """An address; of no property any more where its lines were changed after they were filled in."""
    same = address_finder.fits(parts["uprn"], line1=parts["line1"], postcode=parts["postcode"])
    return parts if same else {**parts, "uprn": ""}


def _said(value: Any) -> bool:
    return any(_said(part) for part in value.values()) if isinstance(value, Mapping) else bool(value)


def _day(parts: Sequence[str]) -> str:
    """A day as the engine reads it; what is none, as it was typed, which it refuses with a sentence."""
    if not any(parts):
        return ""
    try:
        day, month, year = (int(part) for part in parts)
        return date(year, month, day).isoformat() if year > 999 else "-".join(parts)
    except ValueError:
        return "-".join(parts)


def count(sent: QueryDict, name: str) -> int:
    """How many of several were on the page."""
    said = sent.get(f"{name}__count", "1")
    return max(1, min(MOST_ITEMS, int(said))) if said.isdecimal() and len(said) < 4 else 1
