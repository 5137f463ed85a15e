"""What the engine is told about a case: read only as far as the stage in question can depend on it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import QuerySet
from django.db.models.functions import JSONObject

from moothall.core.lists.models import Value
from moothall.domain.cases.models import Case, Request, WorkItem
from moothall.domain.documents.models import Document
from moothall.domain.payments.models import Payment
from moothall.domain.people.models import Customer
from moothall.domain.workflow.definition import Stage, TagChange, Workflow
from moothall.domain.workflow.facts import (
    CaseFacts,
    CustomerFacts,
    DocumentFacts,
    Facts,
    ListValues,
    PaymentFacts,
)
from moothall.kit.calendars import LONDON

Replies = Callable[[Case], Mapping[str, str]]
_replies: list[Replies] = []


def provide_replies(read: Replies) -> None:
    """Say how the last status of each operation of a case is found (the integration queue knows)."""
    _replies[:] = [read]


def gather(item: WorkItem, workflow: Workflow, stage: Stage, at: datetime) -> Facts:
    """The facts `stage` of `workflow` may need for `item`: one statement at most, two where it asks for replies."""
    case = item.case
    needs = _needs(workflow, stage.id)
    today = at.astimezone(LONDON).date()
    read = _read(case, needs)
    return Facts(
        today=today,
        case=CaseFacts(
            type=case.type,
            source=case.source,
            reference=case.reference,
            service=case.service_key,
            opened_on=case.opened_at.astimezone(LONDON).date(),
        ),
        tags=frozenset(case.tags),
        customer=_customer(read["customer"]),
        documents=tuple(
            DocumentFacts(str(found["id"]), found["type"], frozenset(found["tags"])) for found in read["documents"]
        ),
        payments=tuple(PaymentFacts(**found) for found in read["payments"]),
        answers=item.run.answers,
        replies=_replies[0](case) if needs.replies and _replies else {},
        open_requests=len(read["requests"]),
        overdue_requests=sum(date.fromisoformat(found["answer_by"]) < today for found in read["requests"]),
        entered_on=item.entered_at.astimezone(LONDON).date(),
        lists=_lists(case.service_key, needs.lists, read["lists"]),
    )


_KINDS = ("documents", "payments", "requests", "customer", "lists")


@dataclass(frozen=True)
class _Needs:
    """What a stage may ask for beyond the case's own row."""

    documents: bool
    customer: bool
    payments: bool
    requests: bool
    replies: bool
    lists: frozenset[str]


def _read(case: Case, needs: _Needs) -> dict[str, list[dict[str, Any]]]:
    """The rows the facts are made of, by kind, all in one statement and none that is not needed."""
    asked: dict[str, QuerySet[Any]] = {}
    if needs.documents:
        rows = Document.objects.filter(case_link__case=case)
        asked["documents"] = rows.values(row=JSONObject(id="id", type="media_type", tags="tags"))
    if needs.payments:
        rows_ = Payment.objects.filter(case_link__case=case)
        asked["payments"] = rows_.values(row=JSONObject(status="status", pence="pence", method="method"))
    if needs.requests:
        open_ = Request.objects.filter(case=case, state=Request.State.OPEN)
        asked["requests"] = open_.values(row=JSONObject(answer_by="answer_by"))
    if needs.customer:
        customer = Customer.objects.filter(pk=case.customer_id)
        asked["customer"] = customer.values(
            row=JSONObject(kind="kind", tags="tags", born="person__date_of_birth", nino="person__nino")
        )
    if needs.lists:
        keys = [f"{case.service_key}.{key}" for key in needs.lists]
        values = Value.objects.filter(list__key__in=keys).order_by()
        asked["lists"] = values.values(row=JSONObject(list="list__key", key="key", retired="retired_on"))
    found: dict[str, list[dict[str, Any]]] = {kind: [] for kind in _KINDS}
    if asked:
        answer = Case.objects.filter(pk=case.pk).values_list(*(ArraySubquery(rows) for rows in asked.values())).get()
        found |= zip(asked, answer, strict=True)
    return found


def _lists(service: str, keys: frozenset[str], rows: list[dict[str, Any]]) -> dict[str, ListValues]:
    """The lists by their local key: values in use, and values retired."""
    current: dict[str, set[str]] = {key: set() for key in keys}
    retired: dict[str, set[str]] = {key: set() for key in keys}
    for row in rows:
        side = retired if row["retired"] else current
        side[row["list"].removeprefix(f"{service}.")].add(row["key"])
    return {key: ListValues(frozenset(current[key]), frozenset(retired[key])) for key in keys}


@lru_cache(maxsize=4096)
def _needs(workflow: Workflow, stage_id: str) -> _Needs:
    """Which facts the conditions, questions and documents of a stage may touch; too many does no harm."""
    stage = workflow.stage(stage_id)
    conditions: list[str | None] = [rule.when for rule in stage.automatic]
    questions = [question for outcome in stage.outcomes for question in outcome.questions]
    for outcome in stage.outcomes:
        conditions += [outcome.when, *(effect.when for effect in outcome.do)]
    for question in questions:
        conditions += [question.when, question.valid, question.default if isinstance(question.default, str) else None]
    text = " ".join(condition for condition in conditions if condition)
    return _Needs(
        documents="document" in text
        or any(question.type in ("document", "documents") for question in questions)
        or any(outcome.documents or outcome.tags.documents for outcome in stage.outcomes),
        customer="customer" in text or any(outcome.tags.customer != TagChange() for outcome in stage.outcomes),
        payments="pa" in text,
        requests="request" in text,
        replies="replies" in text,
        lists=frozenset(question.list for question in questions if question.list),
    )


def _customer(rows: list[dict[str, Any]]) -> CustomerFacts:
    if not rows:
        return CustomerFacts()
    row = rows[0]
    born = row["born"] and date.fromisoformat(row["born"])
    return CustomerFacts(row["kind"], frozenset(row["tags"]), born, has_nino=row["nino"] is not None)
