"""Published forms made ready to run: once per process, since a version never changes."""

from collections.abc import Mapping
from functools import lru_cache

from moothall.core import database
from moothall.core.lists.models import Value
from moothall.domain.forms import definition
from moothall.domain.forms import plan as plans
from moothall.domain.forms.models import FormVersion
from moothall.domain.forms.plan import Plan
from moothall.domain.workflow.facts import ListValues

Labels = Mapping[str, Mapping[str, str]]


def plan(version_id: int) -> Plan:
    """The form of a version with its dependency graph."""
    return _plan(database.where(), version_id)[0]


def service_of(version_id: int) -> str:
    """The key of the service a version's form is of."""
    return _plan(database.where(), version_id)[1].partition(".")[0]


def lists_of(version_id: int) -> tuple[dict[str, ListValues], Labels]:
    """The lists of the service that a form's questions take their answers from, and the words of their values."""
    service = service_of(version_id)
    wanted = {f"{service}.{name}": name for name in plan(version_id).lists}
    if not wanted:
        return {}, {}
    current: dict[str, set[str]] = {key: set() for key in wanted.values()}
    labels: dict[str, dict[str, str]] = {key: {} for key in wanted.values()}
    rows = Value.objects.filter(list__key__in=sorted(wanted)).order_by("order", "pk")
    for full, key, label, retired in rows.values_list("list__key", "key", "label", "retired_on"):
        labels[wanted[full]][key] = label
        if retired is None:
            current[wanted[full]].add(key)
    return {key: ListValues(frozenset(keys)) for key, keys in current.items()}, labels


def forget() -> None:
    """Drop what was read; for tests, which reuse row numbers."""
    _plan.cache_clear()


@lru_cache(maxsize=256)
def _plan(_database: str, version_id: int) -> tuple[Plan, str]:
    version = FormVersion.objects.select_related("form").get(pk=version_id)
    form = definition.from_data(version.definition, file=f"{version.form.key} version {version.number}")
    return plans.of(form), version.form.key
