"""Lists the product itself reads: their first values, and the rules each value carries.

A list is declared where its values are used. Until an administrator changes it the declared values are offered; from
then on its rows are the list.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Model
from django.utils.functional import Promise

from moothall.core.lists.models import Value

Text = str | Promise


@dataclass(frozen=True)
class Rule:
    """Something a value of a list says besides its label: a text, one of `choices`, or yes and no (a `switch`)."""

    key: str
    label: Text
    help: Text = ""
    choices: tuple[tuple[str, Text], ...] = ()
    switch: bool = False
    default: str | bool = ""


@dataclass(frozen=True)
class Standard:
    """A value a list begins with."""

    key: str
    label: Text
    rules: Mapping[str, Text | bool] = field(default_factory=dict)


@dataclass(frozen=True)
class Declared:
    """A list as its user declares it.

    `used(key, most)` counts the records that hold a value, at most so many; `change(key, rules)` hears of
    changed rules in the same transaction, and raises Invalid to refuse them.
    """

    key: str
    name: Text
    hint: Text
    values: tuple[Standard, ...]
    used: Callable[[str, int], int]
    rules: tuple[Rule, ...] = ()
    change: Callable[[str, Mapping[str, Any]], None] | None = None
    longest_key: int = 60

    def rows(self) -> list[Value]:
        """The first values, as rows not yet kept."""
        return [
            Value(key=one.key, label=str(one.label), order=place, rules=self.whole(one.rules))
            for place, one in enumerate(self.values, 1)
        ]

    def whole(self, rules: Mapping[str, Any]) -> dict[str, Any]:
        """The rules of a value, with the usual for what it does not say."""
        given = {rule.key: rules.get(rule.key, rule.default) for rule in self.rules}
        return {key: str(value) if isinstance(value, Promise) else value for key, value in given.items()}


_lists: dict[str, Declared] = {}


def held(model: type[Model], field: str) -> Callable[[str, int], int]:
    """What counts the rows of a model that hold a value of a list in a field, at most so many."""
    return lambda key, most: model._default_manager.filter(**{field: key})[:most].count()


def declare(declared: Declared) -> Declared:
    """Make a list known, once."""
    _lists[declared.key] = declared
    return declared


def of(key: str) -> Declared | None:
    """The declared list with this key, if there is one."""
    return _lists.get(key)


def every() -> list[Declared]:
    """All declared lists, by their keys."""
    return [_lists[key] for key in sorted(_lists)]
