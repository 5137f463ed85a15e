"""What the engine is told about a case: read only as far as the stage in question can depend on it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from moothall.core import planned
from moothall.domain.cases.models import Case, WorkItem
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
    read = _read(item, needs)
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
        ticked=frozenset(found["key"] for found in read["checklist"]),
        lists=_lists(case.service_key, needs.lists, read["lists"]),
        submitted=next((found["submitted"] or {} for found in read["submitted"]), {}),
    )


_ROWS = {
    "documents": """SELECT d.id, d.media_type AS type, d.tags FROM documents_document d
        JOIN cases_casedocument link ON link.document_id = d.id WHERE link.case_id = %(case)s""",
    "payments": """SELECT p.status, p.pence, p.method FROM payments_payment p
        JOIN cases_casepayment link ON link.payment_id = p.id WHERE link.case_id = %(case)s
        AND (link.run_id = %(run)s OR NOT EXISTS (
            SELECT 1 FROM cases_run other WHERE other.case_id = %(case)s AND other.id <> %(run)s AND CASE
                WHEN link.run_id IS NULL THEN other.end_state = 'complete' AND other.ended_at > p.created_at
                ELSE other.id = link.run_id AND other.end_state IN ('', 'complete') END))""",
    "requests": "SELECT r.answer_by FROM cases_request r WHERE r.case_id = %(case)s AND r.state = 'open'",
    "customer": """SELECT c.kind, c.tags, p.date_of_birth AS born, p.nino IS NOT NULL AS has_nino
        FROM people_customer c LEFT JOIN people_person p ON p.customer_id = c.id WHERE c.id = %(customer)s""",
    "checklist": "SELECT t.key FROM cases_checklisttick t WHERE t.item_id = %(item)s",
    "submitted": "SELECT c.submitted FROM cases_case c WHERE c.id = %(case)s",
    "lists": """SELECT l.key AS list, v.key, v.retired_on IS NOT NULL AS retired FROM lists_value v
        JOIN lists_list l ON l.id = v.list_id WHERE l.key = ANY(%(lists)s)""",
}


@dataclass(frozen=True)
class _Needs:
    """What a stage may ask for beyond the case's own row: kinds of `_ROWS`, lists by local key, replies."""

    kinds: frozenset[str]
    lists: frozenset[str]
    replies: bool


def _read(item: WorkItem, needs: _Needs) -> dict[str, list[dict[str, Any]]]:
    """The rows the facts are made of, by kind, all in one statement and none that is not needed."""
    found: dict[str, list[dict[str, Any]]] = {kind: [] for kind in _ROWS}
    if needs.kinds:
        case = item.case
        columns = [f"(SELECT json_agg(row_to_json(r)) FROM ({_ROWS[kind]}) r)" for kind in needs.kinds]  # noqa: S608
        keys = [f"{case.service_key}.{key}" for key in needs.lists]
        with planned.cursor() as cursor:
            cursor.execute(
                f"SELECT {', '.join(columns)}",
                {"case": case.pk, "run": item.run_id, "item": item.pk, "customer": case.customer_id, "lists": keys},
            )
            found |= {kind: rows or [] for kind, rows in zip(needs.kinds, cursor.fetchone(), strict=True)}
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
        conditions += [outcome.second_officer.when] if outcome.second_officer else []
    for question in questions:
        conditions += [question.when, question.valid, question.default if isinstance(question.default, str) else None]
    text = " ".join(condition for condition in conditions if condition)
    lists = frozenset(question.list for question in questions if question.list)
    asked = {
        "documents": "document" in text
        or any(question.type in ("document", "documents") for question in questions)
        or any(outcome.documents or outcome.tags.documents for outcome in stage.outcomes),
        "customer": "customer" in text or any(outcome.tags.customer != TagChange() for outcome in stage.outcomes),
        "payments": "pa" in text,
        "requests": "request" in text,
        "lists": bool(lists),
        "submitted": any(question.applied for question in questions),
        "checklist": bool(stage.checklist),
    }
    return _Needs(frozenset(kind for kind, needed in asked.items() if needed), lists, "replies" in text)


def _customer(rows: list[dict[str, Any]]) -> CustomerFacts:
    if not rows:
        return CustomerFacts()
    row = rows[0]
    born = row["born"] and date.fromisoformat(row["born"])
    return CustomerFacts(row["kind"], frozenset(row["tags"]), born, row["has_nino"])
