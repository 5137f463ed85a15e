"""Answers that work is looked for by: what was chosen in the application and in the workflow, its days and its numbers (BEST-70).

An answer has a key: `sent/<service>/<way to the answer>` or `asked/<service>.<workflow>/<question>`. Triggers keep beside each
run a word for what was chosen and a number for a day or an amount (`RunWords`, `RunValue`); this module says the same words.
Who may look for an answer is who may see it: one sent in needs the permission to see applications of its service, an
answered question a stage that asks it and that they see.
"""

import re
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Any, Literal

from moothall.core import database
from moothall.core.accounts.models import User
from moothall.core.accounts.permissions import Permission
from moothall.core.lists.models import Value
from moothall.domain.cases.models import Case
from moothall.domain.catalogue import catalogue
from moothall.domain.catalogue.models import Service
from moothall.domain.workflow import permits, published
from moothall.domain.workflow.definition import Question

SENT, ASKED = "sent", "asked"
NEVER = frozenset({"eligibility", "documents", "nino"})
"""What tells of health, files, and the number that says who somebody is: on their case alone, never in a list."""

NEVER_SOUGHT = NEVER | {"date_of_birth"}
"""Filters stand in addresses: somebody is found by their birth on the page for finding people."""

LOOKED_AT = 200  # applications of a service, the newest, by which it is known what is answered
KEPT_SECONDS = 60.0
Kind = Literal["choice", "yes_no", "day", "number", "money"]
_KINDS: Mapping[str, Kind] = {
    "choice": "choice",
    "choices": "choice",
    "yes_no": "yes_no",
    "date": "day",
    "number": "number",
    "money": "money",
}
_lately: dict[tuple[str, str], tuple[float, dict[str, "Sought"]]] = {}
_offered: dict[tuple[str, str], tuple[float, list[tuple[str, str]]]] = {}
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class Answered:
    """An answer that is wanted: one of those `said`, or a number from `least` to `most`."""

    key: str
    said: tuple[str, ...] = ()
    least: float | None = None
    most: float | None = None

    @property
    def words(self) -> list[str]:
        """The words a run has of which one is wanted."""
        return sorted(word(self.key, one) for one in self.said)


@dataclass(frozen=True)
class Sought:
    """An answer that may be looked for; what may be chosen of it is told by `list` (of the service), or by `labels`."""

    key: str
    kind: Kind
    label: str = ""
    list: str = ""
    labels: tuple[tuple[str, str], ...] = ()


def name(key: str) -> str:
    """The name of an answer among words and values."""
    return sha256(key.encode()).hexdigest()[:8]


def word(key: str, said: str) -> str:
    """What a run has that answers this."""
    return f"{name(key)}={said}"


def number(day: date) -> int:
    """A day as a value: 20260301."""
    return int(day.isoformat().replace("-", ""))


def is_answer(key: str) -> bool:
    """Whether a key is of an answer."""
    return key.partition("/")[0] in {SENT, ASKED}


def can_be_in(key: str, workflow: str) -> bool:
    """Whether a run of this workflow can have the answer: what a workflow asks is answered in its own runs."""
    where, _, asked = key.partition("/")
    return where != ASKED or asked.rpartition("/")[0] == workflow


def found(keys: Iterable[str], user: User, services: Mapping[str, int | None] | None = None) -> dict[str, Sought]:
    """Those of these answers that this user may look for, by key.

    `services`, for whoever knows them, are the numbers of the versions in force by the keys of the services.
    """
    wanted = sorted({key for key in keys if is_answer(key)})
    if not wanted:
        return {}
    current = dict(Service.objects.values_list("key", "current")) if services is None else services
    told: dict[str, Sought] = {}
    for service in sorted({_service(key) for key in wanted}):
        version = current.get(service)
        if version is None or not user.may(Permission.VIEW_CASES, service):
            continue
        here = [key for key in wanted if _service(key) == service]
        if any(key.startswith(f"{SENT}/") for key in here) and user.may(Permission.VIEW_SUBMISSION, service):
            told |= _sent_lately(service)
        if any(key.startswith(f"{ASKED}/") for key in here):
            told |= _asked(service, version, user)
    return {key: told[key] for key in wanted if key in told}


def questions_seen(version: int, user: User) -> dict[str, Question]:
    """The questions of a workflow version that are asked at stages the user sees, by their ids."""
    definition = published.workflow(version)
    return {
        question.id: question
        for stage in definition.stages
        if permits.may(definition, user.group_keys, "see", stage=stage.id)
        for outcome in stage.outcomes
        for question in outcome.questions
        if question.id not in NEVER
    }


def answers(given: Any, place: str) -> Iterator[tuple[str, Any]]:
    """Each answer that may be looked for, by its key: as the database has it (`cases_answers_of`)."""
    if not isinstance(given, Mapping):
        return
    for part, value in given.items():
        key = f"{place}/{part}"
        if part in NEVER_SOUGHT or "/" in part:
            continue
        if isinstance(value, Mapping) and not is_coded(value):
            yield from answers(value, key)
        else:
            yield key, value


def is_coded(value: Any) -> bool:
    """Whether an answer is a choice with its label."""
    return isinstance(value, Mapping) and value.keys() == {"code", "label"}


def _service(key: str) -> str:
    return key.split("/")[1].partition(".")[0] if key.count("/") > 1 else ""


def _asked(service: str, version: int, user: User) -> dict[str, Sought]:
    told = {}
    for one in catalogue.workflow_versions(version):
        place = f"{ASKED}/{service}.{published.workflow(one).key}"
        for question in questions_seen(one, user).values():
            kind = _KINDS.get(question.type)
            if kind and question.id not in NEVER_SOUGHT:
                of = f"{service}.{question.list}" if question.list else ""
                key = f"{place}/{question.id}"
                told[key] = Sought(key, kind, f"{question.label} ({published.workflow(one).name})", of)
    return told


def forget() -> None:
    """Drop what applications were seen to answer, and what may be chosen."""
    _lately.clear()
    _offered.clear()


def choices(lists: Iterable[str]) -> dict[str, list[tuple[str, str]]]:
    """Key and label of each value of these lists, by the list; at most a minute old."""
    wanted, now = {name: (database.where(), name) for name in lists}, time.monotonic()
    if old := [name for name, place in wanted.items() if place not in _offered or _offered[place][0] < now]:
        fresh: dict[str, list[tuple[str, str]]] = {name: [] for name in old}
        rows = Value.objects.filter(list__key__in=old).order_by("list", "pk")
        for name, key, label in rows.values_list("list__key", "key", "label"):
            fresh[name].append((key, label))
        _offered.update({wanted[name]: (now + KEPT_SECONDS, values) for name, values in fresh.items()})
    return {name: _offered[place][1] for name, place in wanted.items()}


def _sent_lately(service: str) -> dict[str, Sought]:
    """As `_sent`; at most a minute old."""
    place = (database.where(), service)
    kept = _lately.get(place)
    if kept is None or kept[0] < time.monotonic():
        kept = _lately[place] = (time.monotonic() + KEPT_SECONDS, _sent(service))
    return kept[1]


def _sent(service: str) -> dict[str, Sought]:
    """What the newest applications of a service answer, and what was chosen of it."""
    rows = Case.objects.filter(service__key=service, submitted__isnull=False).order_by("-opened_at")
    kinds: dict[str, Kind] = {}
    labels: dict[str, dict[str, str]] = {}
    for given in rows.values_list("submitted", flat=True)[:LOOKED_AT]:
        for key, value in answers(given, f"{SENT}/{service}"):
            for one in value if isinstance(value, list) else [value]:
                if kind := _kind(one):
                    kinds.setdefault(key, kind)
                if is_coded(one):
                    labels.setdefault(key, {}).setdefault(str(one["code"])[:60], str(one["label"]))
    return {
        key: Sought(key, kind, labels=tuple(sorted(labels.get(key, {}).items(), key=lambda one: one[1].casefold())))
        for key, kind in kinds.items()
    }


def _kind(value: Any) -> Kind | None:
    if is_coded(value):
        return "choice"
    if isinstance(value, bool):
        return "yes_no"
    if isinstance(value, int | float):
        return "number"
    return "day" if isinstance(value, str) and _DAY.fullmatch(value) else None
