"""Look-up lists as their screens show them (PPP-51)."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _

from moothall.core.lists import actions, declared
from moothall.core.lists.declared import Declared
from moothall.core.lists.models import List, Value
from moothall.domain.catalogue.models import Service


@dataclass(frozen=True)
class Known:
    """A list: what it is called, whose it is, how many values it offers and offered once, and what it is for."""

    key: str
    name: str
    owner: str
    offered: int
    retired: int
    hint: str

    @property
    def address(self) -> str:
        return reverse("desk:list", args=[self.key])


@dataclass(frozen=True)
class Shown:
    """A value, where it stands among those in use, and what the list says of it besides, in words."""

    row: Value
    first: bool
    last: bool
    says: tuple[str, ...]


def every() -> list[Known]:
    """All lists of the council, the product's own first, then those of each service."""
    services = dict(Service.objects.values_list("key", "name"))
    kept = {row.key: row for row in _counted()}
    found = []
    for one in declared.every():
        row = kept.pop(one.key, None)
        offered, retired = (row.offered, row.retired) if row else (0, 0)
        found.append(Known(one.key, str(one.name), "", offered if row else len(one.values), retired, str(one.hint)))
    for key, row in kept.items():
        owner = key.partition(".")[0] if "." in key else ""
        found.append(Known(key, row.name, services.get(owner, ""), row.offered, row.retired, ""))
    return sorted(found, key=lambda one: (one.owner, one.name))


def named(key: str) -> Known:
    """The list with this key. Raises Http404."""
    if "\0" in key:  # which the database refuses
        raise Http404
    one = declared.of(key)
    row = _counted().filter(key=key).first()
    if one:
        return Known(key, str(one.name), "", row.offered if row else 0, row.retired if row else 0, str(one.hint))
    if row is None:
        raise Http404
    service = Service.objects.filter(key=key.partition(".")[0]).values_list("name", flat=True).first()
    return Known(key, row.name, service or "", row.offered, row.retired, "")


def values(key: str) -> tuple[list[Shown], list[Shown]]:
    """The values of a list that are in use, in order, and those that are not any more."""
    every, known = actions.every_value(key), declared.of(key)
    used = [row for row in every if row.retired_on is None]
    shown = [Shown(row, row is used[0], row is used[-1], _says(known, row)) for row in used]
    return shown, [Shown(row, False, False, _says(known, row)) for row in every if row.retired_on is not None]


def value(key: str, value_key: str) -> Value:
    """One value of a list. Raises Http404."""
    for row in actions.every_value(key):
        if row.key == value_key:
            return row
    raise Http404


def _says(known: Declared | None, row: Value) -> tuple[str, ...]:
    if known is None:
        return ()
    rules, said = known.whole(row.rules), []
    for rule in known.rules:
        given = rules[rule.key]
        if rule.switch:
            said.append(str(rule.label) if given else _("Not: %s") % rule.label)
        elif given:
            said.append(str(dict(rule.choices).get(given, given)))
    return tuple(said)


def _counted() -> Any:
    offered, retired = Q(values__retired_on=None), Q(values__retired_on__isnull=False)
    return List.objects.annotate(
        offered=Count("values", filter=offered & Q(values__isnull=False)), retired=Count("values", filter=retired)
    )
