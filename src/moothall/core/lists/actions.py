"""What is done with lists and tags. Old records keep what was retired."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime
from typing import Any

from moothall.core.accounts.models import User
from moothall.core.audit import recording
from moothall.core.lists import declared
from moothall.core.lists.models import List, Tag, TagQuerySet, Value
from moothall.kit.invalid import Invalid


class NotInList(Invalid):
    """A value is not, or no longer, one of its list."""


class TagRefused(Exception):
    """A tag cannot be put on or taken off by hand."""


def every_value(list_key: str) -> list[Value]:
    """The values a list has ever offered, in order: its rows, or as long as it has none, those it was declared with."""
    rows = list(Value.objects.filter(list__key=list_key))
    known = declared.of(list_key)
    return known.rows() if known and not rows else rows


def values(list_key: str) -> list[Value]:
    """The values a list offers now, in order; none when there is no such list."""
    return [value for value in every_value(list_key) if value.retired_on is None]


def labels(list_key: str) -> dict[str, str]:
    """Key and label of every value a list has ever offered, for showing old answers."""
    return {value.key: value.label for value in every_value(list_key)}


def rules(list_key: str) -> dict[str, dict[str, Any]]:
    """What a declared list says of every value it has ever offered, by its key."""
    known = declared.of(list_key)
    return {value.key: known.whole(value.rules) if known else value.rules for value in every_value(list_key)}


def check(list_key: str, keys: Iterable[str]) -> None:
    """Refuse a key the list does not offer. Raises NotInList with a sentence.

    A list neither declared nor ever given values accepts any.
    """
    wanted = frozenset(keys)
    if not wanted:
        return
    rows = {value.key: value.retired_on for value in every_value(list_key)}
    offered = [key for key, retired_on in rows.items() if not retired_on]
    for key in sorted(wanted.difference(offered) if rows else ()):
        use = f"use {', '.join(offered)}" if offered else "none is in use"
        raise NotInList(f"“{key}” is not one of {list_key.replace('_', ' ')}: {use}.")


def ensure_list(key: str, *, name: str, by: User, at: datetime, values: Iterable[Mapping[str, str]]) -> List:
    """Make a list hold these values (`key`, `label`, maybe `text` and `welsh`), in this order, and retire its others."""
    with recording.because(action="list.changed", by=by, at=at):
        row, _ = List.objects.update_or_create(key=key, defaults={"name": name})
        kept = []
        for order, value in enumerate(values, start=1):
            paragraphs = {"text": value.get("text", ""), "welsh": value.get("welsh", "")}
            given = {"label": value["label"], **paragraphs, "order": order, "retired_on": None}
            Value.objects.update_or_create(list=row, key=value["key"], defaults=given)
            kept.append(value["key"])
        row.values.filter(retired_on=None).exclude(key__in=kept).update(retired_on=at.date())
        recording.record("list.changed", row, by=by, at=at, values=kept)
    return row


def retire(value: Value, *, on: date, by: User, at: datetime) -> None:
    """Offer a value no longer. Records that hold it keep it."""
    with recording.because(action="list_value.retired", by=by, at=at):
        value.retired_on = on
        value.save(update_fields=["retired_on"])
        recording.record("list_value.retired", value, by=by, at=at, key=value.key)


def ensure_tags(applies_to: str, tags: Mapping[str, str], *, by: User, at: datetime, system: bool = False) -> None:
    """Make sure these tags (key and label) exist. A system tag is set by workflows and integrations alone."""
    with recording.because(action="tags.changed", by=by, at=at):
        for key, label in tags.items():
            tag, _ = Tag.objects.update_or_create(
                key=key, applies_to=applies_to, defaults={"label": label, "system": system, "retired_on": None}
            )
            recording.record("tag.ensured", tag, by=by, at=at, key=key)


def by_hand(applies_to: str, services: Collection[str] | None) -> TagQuerySet:
    """The tags people put on where these services are concerned: in use, no system tags, by their labels."""
    return (
        Tag.objects.of(services).filter(applies_to=applies_to, system=False, retired_on=None).order_by("label", "key")
    )


def check_tags(applies_to: str, *, services: Collection[str] | None, set: Iterable[str], remove: Iterable[str]) -> None:
    """Refuse what may not be done to tags by hand. Raises TagRefused with a sentence.

    A tag put on must exist, be of one of these services or shared by all (None: any), not be retired and not be a system
    tag; one taken off must not be a system tag.
    """
    put, taken = frozenset(set), frozenset(remove)
    if not put | taken:
        return
    known = {tag.key: tag for tag in Tag.objects.filter(applies_to=applies_to, key__in=put | taken)}
    for key in sorted(put):
        if key not in known:
            raise TagRefused(f"There is no {applies_to} tag “{key}”. An administrator can add it to the tags.")
        if known[key].retired_on:
            raise TagRefused(f"The tag “{known[key].label}” is no longer in use.")
        if not known[key].is_of(services):
            raise TagRefused(f"The tag “{known[key].label}” is of another service.")
    for key in sorted(put | taken):
        if key in known and known[key].system:
            raise TagRefused(
                f"The tag “{known[key].label}” is set by workflows and other systems; it cannot be changed by hand."
            )
