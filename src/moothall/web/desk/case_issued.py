"""What the service of a case issues, such as a badge (CT-42): what was decided for it, and those its customer has had."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _

from moothall.core.accounts.models import User
from moothall.core.accounts.permissions import Permission
from moothall.core.lists.models import Value
from moothall.domain.cases import sight
from moothall.domain.cases.models import Case, Run
from moothall.domain.catalogue.manifest import Issued
from moothall.domain.exchange import registers
from moothall.domain.people.models import ExternalReference
from moothall.domain.workflow import permits, published
from moothall.domain.workflow.definition import Question
from moothall.kit import money
from moothall.web.components.parts import Colour, Row
from moothall.web.components.templatetags.components import day
from moothall.web.desk.submitted import words

COLOURS: dict[str, Colour] = {"issued": "green", "ordered": "blue", "being printed": "blue", "cancelled": "red"}
MOST = 50


@dataclass(frozen=True)
class Number:
    """Something issued that is on record, with the colour of its status. `in_register`: a national register knows it."""

    row: ExternalReference
    status: str
    colour: Colour
    in_register: bool


def shown(case: Case, issued: Issued, user: User) -> dict[str, Any]:
    """What was decided, of stages the user sees, and what the customer has had for who may see people."""
    people = user.may(Permission.VIEW_PEOPLE, case.service.key)
    told = answers(case, issued, user)
    unseen = not told and any(_asked(run, issued) for run in case.runs.order_by("-id")[:20])
    return {"answers": told, "unseen": unseen, "numbers": numbers(case, issued) if people else None}


def numbers(case: Case, issued: Issued) -> list[Number]:
    """Those the customer has had, the newest first."""
    rows = case.customer.references.filter(type=issued.numbers).select_related("replaces").order_by("-from_date", "-id")
    known = registers.of_numbers(issued.numbers) is not None
    return [Number(row, words(row.status), COLOURS.get(row.status, "grey"), known) for row in rows[:MOST]]


def answers(case: Case, issued: Issued, user: User) -> list[Row]:
    """What was answered for it in the workflow that asked last; nothing before it was asked."""
    for run in case.runs.order_by("-id")[:20]:
        questions = _questions(run, issued, user)
        if questions:
            labels, documents = _labels(case, questions), _documents(case, user, questions, run)
            given = run.answers
            said = ((one, _said(one, given[one.id], labels, documents, given.get(one.of or ""))) for one in questions)
            return [Row(question.label, text) for question, text in said if text]
    return []


def _questions(run: Run, issued: Issued, user: User) -> list[Question]:
    """The answered questions of the stages where it is asked and that the user sees."""
    definition = published.workflow(run.version_id)
    return _asked(run, issued, lambda stage: permits.may(definition, user.group_keys, "see", stage=stage))


def _asked(run: Run, issued: Issued, seen: Callable[[str], bool] = lambda _stage: True) -> list[Question]:
    """The answered questions of the first such stage that is `seen`."""
    for stage in published.workflow(run.version_id).stages:
        if not seen(stage.id):
            continue
        for outcome in stage.outcomes:
            asked = [question for question in outcome.questions if question.id in run.answers]
            if set(issued.questions) <= {question.id for question in asked}:
                return asked
    return []


def _labels(case: Case, questions: list[Question]) -> dict[str, str]:
    keys = [f"{case.service.key}.{question.list}" for question in questions if question.list]
    rows = Value.objects.filter(list__key__in=keys) if keys else Value.objects.none()
    found = rows.values_list("list__key", "key", "label")
    return {f"{name.removeprefix(f'{case.service.key}.')}/{key}": label for name, key, label in found}


def _documents(case: Case, user: User, questions: list[Question], run: Run) -> dict[int, str]:
    ids = [run.answers[question.id] for question in questions if question.type == "document"]
    seen = sight.visible_documents(user).filter(case_link__case=case, pk__in=[one for one in ids if one])
    return dict(seen.values_list("pk", "name")) if ids else {}


def _said(question: Question, value: Any, labels: dict[str, str], documents: dict[int, str], of: object = None) -> str:
    if value in (None, ""):
        return ""
    if question.type == "document":
        return documents.get(int(value), _("A document you may not see, or that was deleted"))
    if question.type == "frame":
        return _framed(str(value), str(of or ""), documents)
    if question.type == "yes_no":
        return _("Yes") if value else _("No")
    if question.type == "date":
        return day(date.fromisoformat(value))
    if question.type == "money":
        return money.display(value)
    if question.list:
        chosen = value if isinstance(value, list) else [value]
        return ", ".join(labels.get(f"{question.list}/{one}", str(one)) for one in chosen)
    return str(value)


def _framed(frame: str, document: str, documents: dict[int, str]) -> str:
    """The part of the photograph that is sent, as a picture."""
    if not document.isdecimal() or int(document) not in documents:
        return _("A part of the photograph")
    source = f"{reverse('desk:framed', args=[int(document)])}?frame={frame.replace(' ', '+')}"
    alt = _("The photograph as it is sent")
    return format_html('<img class="app-frame__result" src="{}" alt="{}" loading="lazy">', source, alt)
