"""What an applicant sent in, as an officer reads it: every answer of it, grouped, nothing left out (CT-5)."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from moothall.domain.cases import answer_words
from moothall.domain.cases.sought import is_coded
from moothall.web.components.parts import Row
from moothall.web.components.templatetags.components import day, moment

_GROUPS = {
    "contact": gettext_lazy("Contact"),
    "payment": gettext_lazy("Payment made"),
    "eligibility": gettext_lazy("Eligibility"),
    "person": gettext_lazy("Person"),
    "organisation": gettext_lazy("Organisation"),
    "application": gettext_lazy("Application"),
    "documents": gettext_lazy("Documents sent"),
    "other": gettext_lazy("Other answers"),
}
_WORDS = {
    "nino": gettext_lazy("National Insurance number"),
    "email": gettext_lazy("E-mail"),
    "line1": gettext_lazy("Address"),
    "line2": gettext_lazy("Second line of the address"),
    "taken": gettext_lazy("Paid with the application"),
    "is_charity": gettext_lazy("Is a charity"),
}
# The database keeps answers in an order of its own; people read them in this one, then what a connector names (`answer_words`),
# and what nobody names after it.
_ORDER = """
    registration_number type name line1 line2 town postcode phone other_phone email
    name_at_birth date_of_birth gender nino is_charity charity_number taken reference submitted_at
"""
_PLACES: Mapping[str, int] = {key: place for place, key in enumerate(_ORDER.split())}
_DOCUMENTS = "documents"  # the kinds of what was sent, by the tags documents of such kinds have
_BETWEEN = " – "
EMPTY: Mapping[str, str] = {}


@dataclass(frozen=True)
class Group:
    """Answers that belong together."""

    name: str
    rows: list[Row]


def group_name(key: str) -> str:
    """What a group of answers is called."""
    return str(_GROUPS.get(key, words(key)))


def said(value: Any) -> str:
    """An answer in words; of several things, a line each."""
    if not isinstance(value, list):
        return one(value)
    if not _is_several(value):
        return ", ".join(one(inner) for inner in value)
    return "\n".join(", ".join(f"{row.key}: {row.value}" for row in _rows("", inner, of="")) for inner in value)


def groups(
    submitted: Any, taken: Mapping[str, str] | None = None, kinds: Mapping[str, str] | None = None
) -> list[Group]:
    """The answers by group, in the order officers read them; those of no known group last.

    `taken` says of answers, by the way to them, where they were taken from; `kinds` what tags of documents are called.
    """
    given = submitted if isinstance(submitted, Mapping) else {}
    if isinstance(sent := given.get(_DOCUMENTS), list):
        given = {**given, _DOCUMENTS: [_kind(one, kinds or {}) for one in sent]}
    keys = [*(key for key in _GROUPS if key in given), *(key for key in given if key not in _GROUPS)]
    found = [Group(group_name(key), list(_rows("", given[key], of=key, way=key, taken=taken or {}))) for key in keys]
    return [group for group in found if group.rows]


def ways(value: Any, *, without: Collection[str] = ()) -> Iterator[str]:
    """The way to each answer that is one value or a list of such: “person/date_of_birth”. None through `without`."""
    if not isinstance(value, Mapping) or is_coded(value):
        return
    for key, inner in value.items():
        if key in without or "/" in key:
            continue
        if isinstance(inner, Mapping) and not is_coded(inner):
            yield from (f"{key}/{way}" for way in ways(inner, without=without))
        elif not _is_several(inner):
            yield key


def order(way: str) -> tuple[int, ...]:
    """Where the answer at the end of a way stands among all, as people read them."""
    group, *rest = way.split("/")
    groups = list(_GROUPS)
    first = groups.index(group) if group in _GROUPS else len(groups)
    return first, *(_place(part) for part in rest)


def at(submitted: Any, way: str) -> str:
    """The answer at the end of a way, in words; empty where there is none."""
    value = submitted
    for part in way.split("/"):
        value = value.get(part) if isinstance(value, Mapping) else None
    if value in (None, "", []) or _is_several(value) or (isinstance(value, Mapping) and not is_coded(value)):
        return ""
    if not isinstance(value, list):
        return one(value)
    return ", ".join(str(_kind(item, {})) if way == _DOCUMENTS else one(item) for item in value)


def _place(key: str) -> int:
    return _PLACES[key] if key in _PLACES else len(_PLACES) + answer_words.place(key)


def _kind(given: Any, kinds: Mapping[str, str]) -> Any:
    """What a kind of document is called, by the tag for it."""
    return kinds.get(given) or words(given) if isinstance(given, str) else given


def _is_several(value: Any) -> bool:
    """Whether it is a list of things with answers of their own."""
    return isinstance(value, list) and any(isinstance(inner, Mapping) and not is_coded(inner) for inner in value)


def _rows(name: str, value: Any, *, of: str, way: str = "", taken: Mapping[str, str] = EMPTY) -> Iterator[Row]:
    """A line for each answer within a value, named by the way to it."""
    note = f"\n{taken[way]}" if way in taken else ""
    if is_coded(value):
        yield Row(name or words(of), f"{value['label']}{note}")
    elif isinstance(value, Mapping):
        for key, inner in sorted(value.items(), key=lambda item: _place(item[0])):
            yield from _rows(
                _BETWEEN.join(filter(None, (name, words(key)))), inner, of=of, way=f"{way}/{key}", taken=taken
            )
    elif _is_several(value):
        for number, inner in enumerate(value, start=1):
            yield from _rows(f"{name or words(of)} {number}", inner, of=of)
    elif isinstance(value, list):
        if value:
            yield Row(name or words(of), f"{', '.join(one(item) for item in value)}{note}")
    elif value not in (None, ""):
        yield Row(name or words(of), f"{one(value)}{note}")


def one(value: Any) -> str:
    """An answer that is one value, in words."""
    if is_coded(value):
        return str(value["label"])
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    return _when(value) or str(value)


def _when(value: Any) -> str:
    """A day or a moment in words; empty when the value is neither."""
    if not isinstance(value, str) or not value[:4].isdecimal() or value[4:5] != "-":
        return ""
    try:
        return day(date.fromisoformat(value)) if len(value) == len("2026-03-03") else _moment(value)
    except ValueError:
        return ""


def _moment(value: str) -> str:
    at = datetime.fromisoformat(value)
    return moment(at) if at.tzinfo else ""


def words(key: str) -> str:
    """A key of the answers in words; one of the national service's own fields as it is named there."""
    known = _WORDS.get(key) or answer_words.called(key)
    if known or "." in key or not key.islower():
        return str(known or key)
    return key.replace("_", " ").capitalize()
