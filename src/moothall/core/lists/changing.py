"""What an administrator does with look-up lists (PPP-51): add, rename, put in order, retire and bring back."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.text import slugify

from moothall.core.accounts.models import User
from moothall.core.audit import recording
from moothall.core.lists import declared
from moothall.core.lists.models import List, Value
from moothall.kit import text
from moothall.kit.calendars import LONDON
from moothall.kit.invalid import Invalid

COUNTED = 1_000
"""Records that hold a value are counted up to so many."""

MOST = 1_000
"""Values of one list, at most: with more of them nobody finds the right one."""

_LONGEST = 200


class NoSuchValue(Exception):
    """There is no such list, or no such value in it."""


def add(
    list_key: str,
    *,
    label: str,
    by: User,
    at: datetime,
    rules: Mapping[str, Any] | None = None,
    paragraphs: Mapping[str, str] | None = None,
    key: str = "",
) -> Value:
    """Offer a new value, the last of its list. Its key is made of its label unless given. Raises Invalid."""
    label = _label(label)
    with recording.because(action="list_value.added", by=by, at=at):
        row = _held(list_key)
        there = list(row.values.all())
        if len(there) >= MOST:
            raise Invalid(f"This list has {MOST} values. Choose fewer, or split the list.")
        _check_label(label, there)
        known = declared.of(list_key)
        value = Value.objects.create(
            list=row,
            key=_key(key or label, {one.key for one in there}, longest=known.longest_key if known else 60),
            label=label,
            rules=_rules(known, rules or {}),
            **(paragraphs or {}),
            order=max((one.order for one in there), default=0) + 1,
            by_hand=True,
        )
        recording.record("list_value.added", value, by=by, at=at, list=list_key, key=value.key, label=label)
    return value


def change(
    list_key: str,
    key: str,
    *,
    label: str,
    by: User,
    at: datetime,
    rules: Mapping[str, Any] | None = None,
    paragraphs: Mapping[str, str] | None = None,
) -> Value:
    """Give a value another label, everywhere it is shown; rules and `paragraphs` given take the place of the old.

    `paragraphs` are those of letters, by `text` and `welsh`; their HTML has been checked. Raises Invalid.
    """
    label = _label(label)
    with recording.because(action="list_value.changed", by=by, at=at):
        value = _value(list_key, key)
        _check_label(label, [one for one in value.list.values.all() if one.pk != value.pk])
        known = declared.of(list_key)
        before = known.whole(value.rules) if known else {}
        after = _rules(known, {**before, **(rules or {})})
        written = {"text": value.text, "welsh": value.welsh}
        if (value.label, before, written) == (label, after, {**written, **(paragraphs or {})}):
            return value
        if known and known.change and before != after:
            known.change(key, after)
        earlier, value.label, value.rules, value.by_hand = value.label, label, after, True
        for language, text in (paragraphs or {}).items():
            setattr(value, language, text)
        value.save(update_fields=["label", "rules", "text", "welsh", "by_hand"])
        recording.record(
            "list_value.changed",
            value,
            by=by,
            at=at,
            list=list_key,
            key=key,
            before={"label": earlier, **before, **_other(written, paragraphs)},
            after={"label": label, **after, **_other(paragraphs or {}, written)},
        )
    return value


def move(list_key: str, key: str, *, place: int, by: User, at: datetime) -> None:
    """Offer a value at this place (from 1) among those in use; beyond the last means last. There already, nothing changes."""
    with recording.because(action="list_value.moved", by=by, at=at):
        value = _value(list_key, key)
        if value.retired_on is not None:
            raise Invalid(f"“{value.label}” is not in use. Bring it back first.")
        rows = list(value.list.values.order_by("order", "id"))
        used = [one for one in rows if one.retired_on is None]
        here = used.index(value)
        there = min(max(place, 1), len(used)) - 1
        if here == there:
            return
        used.insert(there, used.pop(here))
        order = [*used, *(one for one in rows if one.retired_on is not None)]
        moved = [(number, one) for number, one in enumerate(order, 1) if one.order != number]
        for number, one in moved:
            one.order = number
        Value.objects.bulk_update([one for _, one in moved], ["order"])
        List.objects.filter(pk=value.list_id).update(in_own_order=True)
        recording.record("list_value.moved", value, by=by, at=at, list=list_key, key=key, place=there + 1)


def retire(list_key: str, key: str, *, by: User, at: datetime) -> None:
    """Offer a value no longer; what holds it keeps it. Retired already, it stays as it is."""
    with recording.because(action="list_value.retired", by=by, at=at):
        value = _value(list_key, key)
        if value.retired_on is None:
            value.retired_on, value.by_hand = at.astimezone(LONDON).date(), True
            value.save(update_fields=["retired_on", "by_hand"])
            recording.record("list_value.retired", value, by=by, at=at, list=list_key, key=key)


def bring_back(list_key: str, key: str, *, by: User, at: datetime) -> None:
    """Offer a retired value again, where it was. In use already, it stays as it is."""
    with recording.because(action="list_value.brought_back", by=by, at=at):
        value = _value(list_key, key)
        if value.retired_on is not None:
            value.retired_on, value.by_hand = None, True
            value.save(update_fields=["retired_on", "by_hand"])
            recording.record("list_value.brought_back", value, by=by, at=at, list=list_key, key=key)


def used(list_key: str, key: str) -> int | None:
    """How many records hold a value, counted up to `COUNTED`; None where the list's user does not count."""
    known = declared.of(list_key)
    return known.used(key, COUNTED) if known else None


def _other(these: Mapping[str, str], those: Mapping[str, str] | None) -> dict[str, str]:
    """Of these paragraphs, those that differ from those."""
    return {name: text for name, text in these.items() if those is not None and those.get(name, text) != text}


def _held(list_key: str) -> List:
    """The list, locked; a declared one is given its first values as rows now."""
    known = declared.of(list_key)
    if known:
        List.objects.get_or_create(key=list_key, defaults={"name": str(known.name)})
    row = List.objects.select_for_update().filter(key=list_key).first()
    if row is None:
        raise NoSuchValue("There is no such list.")
    if known and not row.values.exists():
        first = known.rows()
        for one in first:
            one.list = row
        Value.objects.bulk_create(first)
    return row


def _value(list_key: str, key: str) -> Value:
    row = _held(list_key)
    value = row.values.select_related("list").filter(key=key).first()
    if value is None:
        raise NoSuchValue("There is no such value in this list.")
    return value


def _label(given: str) -> str:
    label = " ".join(text.clean(given).split())
    if not label:
        raise Invalid("Enter what the value is called.")
    if len(label) > _LONGEST:
        raise Invalid(f"A value can be called something of up to {_LONGEST} characters.")
    return label


def _check_label(label: str, others: list[Value]) -> None:
    for one in others:
        if one.label.casefold() == label.casefold():
            back = " It is not in use: bring it back." if one.retired_on else ""
            raise Invalid(f"This list has “{one.label}” already.{back}")


def _key(given: str, taken: set[str], *, longest: int) -> str:
    stem = slugify(given).replace("-", "_")[: longest - 4].strip("_") or "value"
    if not stem[0].isalpha():
        stem = f"v_{stem}"[: longest - 4]
    return next(key for key in (stem, *(f"{stem}_{number}" for number in range(2, MOST + 2))) if key not in taken)


def _rules(known: declared.Declared | None, given: Mapping[str, Any]) -> dict[str, Any]:
    """The rules as they are kept. Raises Invalid for one the list does not have, or a value it cannot take."""
    rules = {rule.key: rule for rule in known.rules} if known else {}
    for key, value in given.items():
        rule = rules.get(key)
        if rule is None:
            raise Invalid(f"The values of this list say nothing of “{key}”.")
        if rule.switch and not isinstance(value, bool):
            raise Invalid(f"“{rule.label}” is yes or no.")
        if not rule.switch and (not isinstance(value, str) or len(value) > _LONGEST):
            raise Invalid(f"“{rule.label}” is a text of up to {_LONGEST} characters.")
        if rule.choices and value not in dict(rule.choices):
            raise Invalid(f"“{rule.label}” is one of {', '.join(dict(rule.choices))}.")
    return known.whole({key: _tidy(value) for key, value in given.items()}) if known else {}


def _tidy(value: Any) -> Any:
    return " ".join(text.clean(value).split()) if isinstance(value, str) else value
