"""What the engine is told about a case: read only as far as the stage in question can depend on it."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import lru_cache

from moothall.core.lists.models import Value
from moothall.domain.cases.models import Case, Request, Run, WorkItem
from moothall.domain.documents.models import Document
from moothall.domain.payments.models import Payment
from moothall.domain.people.models import Customer
from moothall.domain.workflow.definition import Stage, Workflow
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


def gather(case: Case, run: Run, item: WorkItem | None, workflow: Workflow, stage: Stage, at: datetime) -> Facts:
    """The facts `stage` of `workflow` may need. At most six statements, however large the case."""
    needs = _needs(workflow, stage.id)
    today = at.astimezone(LONDON).date()
    requests = (
        list(case.requests.filter(state=Request.State.OPEN).values_list("answer_by", flat=True))
        if "request" in needs
        else []
    )
    return Facts(
        today=today,
        case=CaseFacts(
            type=case.type,
            source=case.source,
            reference=case.reference,
            service=case.service.key,
            opened_on=case.opened_at.astimezone(LONDON).date(),
        ),
        tags=frozenset(case.tags),
        customer=_customer(case.customer, whole="customer" in needs),
        documents=_documents(case) if "document" in needs else (),
        payments=_payments(case) if "pa" in needs else (),
        answers=run.answers,
        replies=_replies[0](case) if "replies" in needs and _replies else {},
        open_requests=len(requests),
        overdue_requests=sum(answer_by < today for answer_by in requests),
        entered_on=item.entered_at.astimezone(LONDON).date() if item else None,
        lists=ServiceLists(case.service.key),
    )


class ServiceLists(Mapping[str, ListValues]):
    """The lists of a service by their local key, each read when first asked for."""

    def __init__(self, service: str) -> None:
        self._service = service
        self._read: dict[str, ListValues] = {}

    def __getitem__(self, key: str) -> ListValues:
        if key not in self._read:
            rows = Value.objects.filter(list__key=f"{self._service}.{key}").values_list("key", "retired_on")
            retired = frozenset(value for value, retired_on in rows if retired_on)
            self._read[key] = ListValues(frozenset(value for value, _ in rows) - retired, retired)
        return self._read[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._read)

    def __len__(self) -> int:
        return len(self._read)


@lru_cache(maxsize=4096)
def _needs(workflow: Workflow, stage_id: str) -> frozenset[str]:
    """Which kinds of fact the conditions, questions and documents of a stage may touch; too many does no harm."""
    stage = workflow.stage(stage_id)
    conditions: list[str | None] = [rule.when for rule in stage.automatic]
    needs: set[str] = set()
    for outcome in stage.outcomes:
        conditions += [outcome.when, *(effect.when for effect in outcome.do)]
        for question in outcome.questions:
            conditions += [
                question.when,
                question.valid,
                question.default if isinstance(question.default, str) else None,
            ]
            if question.type in ("document", "documents"):
                needs.add("document")
        if outcome.documents or outcome.tags.documents:
            needs.add("document")
    text = " ".join(condition for condition in conditions if condition)
    return frozenset(needs | {word for word in ("document", "customer", "replies", "request", "pa") if word in text})


def _customer(customer: Customer, *, whole: bool) -> CustomerFacts:
    tags = frozenset(customer.tags)
    if not whole or customer.kind != Customer.Kind.PERSON:
        return CustomerFacts(customer.kind, tags)
    return CustomerFacts(customer.kind, tags, customer.person.date_of_birth, customer.person.nino is not None)


def _documents(case: Case) -> tuple[DocumentFacts, ...]:
    rows = Document.objects.filter(case_link__case=case).values_list("pk", "media_type", "tags")
    return tuple(DocumentFacts(str(pk), media_type, frozenset(tags)) for pk, media_type, tags in rows)


def _payments(case: Case) -> tuple[PaymentFacts, ...]:
    rows = Payment.objects.filter(case_link__case=case).values_list("status", "pence", "method")
    return tuple(PaymentFacts(status, pence, method) for status, pence, method in rows)
