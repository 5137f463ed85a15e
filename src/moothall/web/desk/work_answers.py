"""Answers as columns of the work list: what applicants sent in, and what officers answered in a workflow (BEST-70).

Columns are chosen by key: `sent/<service>/<way to the answer>` or `asked/<service>.<workflow>/<question>`. What somebody
may not see of a case is empty in its line: an answer sent in needs the permission to see applications of its service, an
answered question a stage that asks it and that they see.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from moothall.core.accounts.models import User
from moothall.core.accounts.permissions import Permission
from moothall.core.lists.models import Value
from moothall.domain.cases import homes, sought
from moothall.domain.cases.models import Case, Run, WorkItem
from moothall.domain.cases.sought import ASKED, LOOKED_AT, NEVER, SENT, is_answer, questions_seen
from moothall.domain.catalogue import catalogue
from moothall.domain.catalogue.models import Service
from moothall.domain.workflow import published
from moothall.domain.workflow.definition import Question
from moothall.kit import money
from moothall.web.components.templatetags.components import day
from moothall.web.desk import submitted
from moothall.web.desk.forms.work import Asked

LONGEST = 200
BY_WARD, BY_POSTCODE = "ward", "postcode"
"""Columns that are read as answers are."""
_NO_COLUMN = frozenset({"document", "documents", "long_text"})
Answers = Mapping[int, Mapping[str, str]]  # by the number of a work item, then by the key of a column


@dataclass(frozen=True)
class Offer:
    """The answers of one service that may be columns: key and heading of each."""

    name: str
    columns: list[tuple[str, str]]


def asked(keys: Iterable[str], user: User, services: Mapping[str, int | None]) -> list[Asked]:
    """By which of these answers the user may look, with what there is to choose from. `services` are the numbers of the
    versions in force, by key."""
    found = sought.found(keys, user, services)
    values = sought.choices({one.list for one in found.values() if one.list})
    names = headings(found, services)
    return [
        Asked(one.key, one.kind, names[one.key], values[one.list] if one.list else list(one.labels))
        for one in found.values()
    ]


def offers(user: User) -> list[Offer]:
    """What may be a column for this user, by service."""
    found = []
    for service in Service.objects.exclude(current=None).order_by("name"):
        if user.may(Permission.VIEW_CASES, service.key):
            columns = [*_sent(service, user), *_asked(service, user)]
            found.append(Offer(service.name, sorted(columns, key=lambda one: one[1].casefold())))
    return [offer for offer in found if offer.columns]


def headings(keys: Iterable[str], services: Mapping[str, int | None]) -> dict[str, str]:
    """What the columns of these keys are called, of those that are answers. `services` are the numbers of the versions in
    force, by key. Of several with one name each says of which workflow or service it is."""
    answers = [key for key in keys if is_answer(key)]
    here = {key.split("/")[1].partition(".")[0] for key in answers if key.startswith(f"{ASKED}/")}
    labels = {
        f"{ASKED}/{service}.{definition.key}/{question.id}": (question.label, definition.name)
        for service in sorted(here)
        for definition in map(published.workflow, _versions(services.get(service)))
        for stage in definition.stages
        for outcome in stage.outcomes
        for question in outcome.questions
    }
    found = {key: labels.get(key) or (_way(key), _service(key, services)) for key in answers}
    many = Counter(label for label, _whose in found.values())
    return {key: f"{label} ({whose})" if whose and many[label] > 1 else label for key, (label, whose) in found.items()}


def _service(key: str, services: Mapping[str, int | None]) -> str:
    """The name of the service whose answer a column shows, where it is in force."""
    current = services.get(key.split("/")[1].partition(".")[0])
    return catalogue.manifest(current).name if current else ""


def read(items: Sequence[WorkItem], keys: Collection[str], user: User, known: Sequence[Asked] = ()) -> Answers:
    """The answers of these items under these keys, in words, in at most three statements however many there are; and ward and
    postcode of the home in three more.

    `known`: answers of which it is read already what may be chosen.
    """
    wanted = [key for key in keys if is_answer(key)]
    found: dict[int, dict[str, str]] = {item.pk: {} for item in items}
    if {BY_WARD, BY_POSTCODE} & set(keys):
        _read_homes(items, user, found)
    if any(key.startswith(f"{SENT}/") for key in wanted):
        _read_sent(items, wanted, user, found)
    if any(key.startswith(f"{ASKED}/") for key in wanted):
        _read_asked(items, wanted, user, found, {one.key: dict(one.choices) for one in known if one.choices})
    return found


def _read_homes(items: Sequence[WorkItem], user: User, found: dict[int, dict[str, str]]) -> None:
    """Of services whose people the user may see."""
    shown = [item for item in items if user.may(Permission.VIEW_PEOPLE, item.case.service_key)]
    there = homes.of({item.case.customer_id for item in shown})
    for item in shown:
        if home := there.get(item.case.customer_id):
            found[item.pk] |= {BY_WARD: home.ward, BY_POSTCODE: home.postcode}


def _read_sent(items: Sequence[WorkItem], wanted: list[str], user: User, found: dict[int, dict[str, str]]) -> None:
    seen = Case.objects.visible_to(user, Permission.VIEW_SUBMISSION)
    rows = {pk: (service, given) for pk, service, given in seen.filter(pk__in={item.case_id for item in items})
            .values_list("pk", "service__key", "submitted")}  # fmt: skip
    for item in items:
        service, given = rows.get(item.case_id, ("", None))
        for key in wanted:
            start = f"{SENT}/{service}/"
            if key.startswith(start):
                found[item.pk][key] = submitted.at(given, key.removeprefix(start))[:LONGEST]


def _read_asked(
    items: Sequence[WorkItem],
    wanted: list[str],
    user: User,
    found: dict[int, dict[str, str]],
    known: Mapping[str, Mapping[str, str]],
) -> None:
    runs = {
        run.pk: run for run in Run.objects.filter(pk__in={item.run_id for item in items}).only("answers", "version")
    }
    answered: list[tuple[int, str, Question, Any]] = []
    for item in items:
        run = runs[item.run_id]
        definition = published.workflow(run.version_id)
        start = f"{ASKED}/{item.case.service_key}.{definition.key}/"
        names = [key.removeprefix(start) for key in wanted if key.startswith(start)]
        if names:
            asked = _seen_questions(run.version_id, user)
            answered += [
                (item.pk, f"{start}{name}", asked[name], run.answers[name])
                for name in names
                if name in asked and run.answers.get(name) not in (None, "", [])
            ]
    services = {item.pk: item.case.service_key for item in items}
    lists = {
        f"{services[pk]}.{question.list}"
        for pk, key, question, _value in answered
        if question.list and key not in known
    }
    rows = Value.objects.filter(list__key__in=lists) if lists else Value.objects.none()
    labels: dict[str, dict[str, str]] = {}
    for name, key, label in rows.values_list("list__key", "key", "label"):
        labels.setdefault(name, {})[key] = label
    for pk, key, question, value in answered:
        here = known.get(key) or labels.get(f"{services[pk]}.{question.list}", {})
        found[pk][key] = _said(question, value, here)[:LONGEST]


def _said(question: Question, value: Any, labels: Mapping[str, str]) -> str:
    match question.type:
        case "yes_no":
            return submitted.one(bool(value))
        case "date":
            return day(date.fromisoformat(value))
        case "money":
            return money.display(value)
    if question.list:
        chosen = value if isinstance(value, list) else [value]
        return ", ".join(labels.get(one, str(one)) for one in chosen)
    return str(value)


def _sent(service: Service, user: User) -> Iterable[tuple[str, str]]:
    """The answers that the newest applications of a service hold."""
    if not user.may(Permission.VIEW_SUBMISSION, service.key):
        return
    rows = Case.objects.visible_to(user, Permission.VIEW_SUBMISSION).filter(service=service, submitted__isnull=False)
    ways: dict[str, None] = {}
    for given in rows.order_by("-opened_at").values_list("submitted", flat=True)[:LOOKED_AT]:
        ways.update(dict.fromkeys(submitted.ways(given, without=NEVER)))
    for way in ways:
        key = f"{SENT}/{service.key}/{way}"
        if len(key) <= LONGEST:
            yield key, _way(key)


def _asked(service: Service, user: User) -> Iterable[tuple[str, str]]:
    """The questions of a service's workflows that stages ask which the user sees."""
    for version in _versions(service.current_id):
        place = f"{service.key}.{published.workflow(version).key}"
        for name, question in _seen_questions(version, user).items():
            yield f"{ASKED}/{place}/{name}", f"{question.label} ({published.workflow(version).name})"


def _seen_questions(version: int, user: User) -> dict[str, Question]:
    return {key: one for key, one in questions_seen(version, user).items() if one.type not in _NO_COLUMN}


def _versions(current: int | None) -> list[int]:
    """The workflow versions of the version of a service that is in force."""
    return catalogue.workflow_versions(current) if current else []


def _way(key: str) -> str:
    """The way to an answer, in words."""
    return " – ".join(submitted.words(part) for part in key.split("/")[2:])
