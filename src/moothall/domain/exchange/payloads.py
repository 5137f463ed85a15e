"""The request of an item: built from its case as it is now, with what an officer changed in it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from moothall.domain.exchange import masking, operations
from moothall.domain.exchange.models import Item
from moothall.domain.exchange.operations import Editable, Operation, Payload, SendError

_KINDS: Mapping[type, str] = {str: "text", int: "a whole number", bool: "true or false", date: "a day (YYYY-MM-DD)"}
_MOST_NAMED, _LONGEST_NAME = 5, 60  # of the fields a refusal names


class NotEditable(Exception):
    """An edit that is not taken. Its message may be shown to whoever asked."""


@dataclass(frozen=True, kw_only=True)
class Preview:
    """What would be sent now, secrets hidden and pictures shortened, and what must be put right first."""

    payload: Any
    problems: tuple[str, ...]


def whole(item: Item, operation: Operation) -> Payload:
    """What to send now: from the case as it is, with an officer's changes of what may be changed; raises SendError."""
    return _with(item.payload_override or {}, operation.build(item), operation)


def edited(item: Item, given: Payload, operation: Operation) -> Payload:
    """The changes in `given`, a whole request as it was shown or a part of one; checked as it would be sent.

    What is left out, or is as the case has it, is no change. Raises NotEditable; SendError when no request can be made.
    """
    built = operation.build(item)
    if locked := list(_locked_changes(given, built, operation)):
        raise NotEditable(_refusal(locked, operation))
    changes = {
        name: value for name, value in given.items() if name in operation.editable and not _same(name, value, built)
    }
    if masking.left_out(changes):
        raise NotEditable("A picture in the edited request is no longer the one on the case: edit it again.")
    for name, value in changes.items():
        _check_kind(operation.editable[name], value)
    if problems := operation.validate(_with(changes, built, operation), item=item):
        raise NotEditable(" ".join(problems))
    return changes


def differences(item: Item, before: Payload) -> str:
    """How the request of `item` differs from one with the changes `before`, for the case: each field, and from what to
    what unless it is personal. Empty when nothing can be said, for want of a request.
    """
    try:
        operation = operations.get(item.operation)
        built = operation.build(item)
    except (operations.UnknownOperation, SendError):
        return ""
    was, now = _with(before, built, operation), _with(item.payload_override or {}, built, operation)
    said = []
    for name, field in operation.editable.items():
        if was.get(name) == now.get(name):
            continue
        values = "changed" if field.personal else f"from {_shown(was.get(name))} to {_shown(now.get(name))}"
        said.append(f"{field.title} {values}")
    return ", ".join(said)


def preview(item: Item) -> Preview:
    """What would be sent if `item` was sent now. Raises UnknownOperation."""
    operation = operations.get(item.operation)
    try:
        payload = whole(item, operation)
    except SendError as error:
        return Preview(payload=None, problems=(str(error),))
    return Preview(payload=masking.mask(payload), problems=tuple(operation.validate(payload, item=item)))


def _with(changes: Payload, built: Payload, operation: Operation) -> Payload:
    allowed = {name: value for name, value in changes.items() if name in operation.editable}
    left_out = {name for name, value in allowed.items() if value is None}
    return {name: value for name, value in {**built, **allowed}.items() if name not in left_out}


def _same(name: str, value: Any, built: Payload) -> bool:
    """Is `value` as the case has it, or as it was shown, with secrets hidden and pictures shortened?"""
    ours = built.get(name)
    return _alike(value, ours) or _alike(value, masking.mask(ours, key=name))


def _alike(one: Any, other: Any) -> bool:
    """Equal as JSON: true is not 1."""
    return type(one) is type(other) and bool(one == other)


def _locked_changes(given: Payload, built: Payload, operation: Operation) -> Iterator[str]:
    for name, value in given.items():
        if name not in operation.editable and not (name in built and _same(name, value, built)):
            yield masking.mask(name)[:_LONGEST_NAME]


def _refusal(locked: list[str], operation: Operation) -> str:
    names = ", ".join(locked[:_MOST_NAMED]) + (" and others" if len(locked) > _MOST_NAMED else "")
    titles = ", ".join(field.title for field in operation.editable.values())
    can = f"What can be changed here: {titles}." if titles else "Nothing in this request can be changed here."
    return (
        f"{names} cannot be changed here: it comes from the case. Correct it there and build the request again. {can}"
    )


def _check_kind(field: Editable, value: Any) -> None:
    if value is None:
        return
    fits = _is_day(value) if field.kind is date else type(value) is field.kind
    if not fits or (isinstance(value, str) and masking.mask(value) != value):
        raise NotEditable(f"The {field.title} must be {_KINDS[field.kind]}.")


def _is_day(value: Any) -> bool:
    try:
        return isinstance(value, str) and date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "nothing" if value in (None, "") else str(value)
