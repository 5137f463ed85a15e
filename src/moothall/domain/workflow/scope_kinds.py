"""What kind of value stands behind each name a condition sees, and made-up cases to try conditions on."""

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

from moothall.domain.workflow.definition import Question, Workflow
from moothall.domain.workflow.vocabulary import Vocabulary, condition_names
from moothall.kit import kinds
from moothall.kit.expressions import ExpressionFault
from moothall.kit.expressions import compile as compile_expression
from moothall.kit.kinds import DAY, NUMBER, TEXT, WHOLE, YES_NO, Kind

_TODAY = dt.date(2026, 3, 2)
_ANSWERS: Mapping[str, Kind] = {
    "text": TEXT,
    "long_text": TEXT,
    "number": NUMBER,
    "money": WHOLE,
    "date": DAY,
    "yes_no": YES_NO,
    "document": TEXT,
    "documents": kinds.list_of(TEXT),
    "frame": TEXT,
}
_PAYMENT_STATES = ("requested", "received", "failed", "cancelled", "refunded", "expired")
_PAYMENT_METHODS = ("online", "card", "cash", "cheque", "bank", "")


def scope_kinds(workflow: Workflow, words: Vocabulary) -> dict[str, Kind]:
    """The kind of each name conditions of this workflow see."""
    tags = kinds.list_of(kinds.word(words.tags, "tag"))
    document = kinds.with_parts({"type": TEXT, "tags": kinds.list_of(kinds.word(words.document_tags, "document tag"))})
    payment = {
        "status": kinds.word(_PAYMENT_STATES, "state of a payment"),
        "pence": WHOLE,
        "method": kinds.word(_PAYMENT_METHODS, "way to pay"),
    }
    case = {
        "type": kinds.word(words.case_types, "case type"),
        "source": kinds.word(words.sources, "source"),
        "reference": TEXT,
        "service": TEXT,
        "opened_on": DAY,
        "age_days": WHOLE,
    }
    customer = {
        "kind": kinds.word(("person", "organisation"), "kind of customer"),
        "tags": kinds.list_of(kinds.word(words.customer_tags, "customer tag")),
        "age": WHOLE,
        "has_nino": YES_NO,
    }
    answers = {question.id: answer_kind(question, words) for question in _questions(workflow)}
    return {
        "case": kinds.with_parts(case),
        "stage": kinds.with_parts({"entered_on": DAY}),
        "tags": tags,
        "customer": kinds.with_parts(customer),
        "documents": kinds.list_of(document),
        "payments": kinds.list_of(kinds.with_parts(payment)),
        "answers": kinds.with_parts(answers),
        "replies": kinds.by_word(words.operations, "operation", kinds.word(words.reply_states, "state of a reply")),
        "requests": kinds.with_parts({"open": WHOLE, "overdue": WHOLE}),
        "today": DAY,
    }


def answer_kind(question: Question, words: Vocabulary) -> Kind:
    """The kind of value an answer to a question is kept as."""
    if question.type not in ("choice", "choices"):
        return _ANSWERS[question.type]
    known = words.lists.get(question.list or "")
    if known is not None:
        known |= words.retired.get(question.list or "", frozenset())
    key = kinds.word(known, f"value of the list {question.list}")
    return key if question.type == "choice" else kinds.list_of(key)


def _questions(workflow: Workflow) -> Iterator[Question]:
    for stage in workflow.stages:
        for outcome in stage.outcomes:
            yield from outcome.questions


def sample_cases(workflow: Workflow, words: Vocabulary) -> list[dict[str, Any]]:
    """Made-up cases as conditions see them: one about which nothing is known yet, and some with everything.

    An answer that its own question would not allow (`valid`) is left out.
    """
    scope = scope_kinds(workflow, words)
    allowed = {question.id: _allowed(question, workflow, words) for question in _questions(workflow)}
    cases = []
    for number in range(5):
        case = {name: _sample(kind, number) for name, kind in scope.items()}
        case["answers"] = {
            id: values[(number - 1) % len(values)] for id, values in allowed.items() if values and number
        }
        if number == 0:
            case["customer"]["age"] = case["stage"]["entered_on"] = None
            case["replies"] = {}
        cases.append(case)
    return cases


def _allowed(question: Question, workflow: Workflow, words: Vocabulary) -> list[Any]:
    kind = answer_kind(question, words)
    values = [_sample(kind, number) for number in range(5)]
    if question.valid is None:
        return [value for value in values if value not in ([], "")]
    try:
        valid = compile_expression(question.valid, condition_names(workflow, words))
        return [value for value in values if valid.holds({"answers": {question.id: value}, "today": _TODAY})]
    except ExpressionFault:
        return []


def _sample(kind: Kind, number: int) -> Any:
    """One value of a kind; another for another number, and an empty list for 0."""
    match kind.name:
        case "yes_no":
            return number % 2 == 0
        case "whole" | "number":
            return (0, 1, 2, 30, 1000)[number % 5]
        case "day":
            return (_TODAY + dt.timedelta(days=(0, -400, 1, 30, -3)[number % 5])).isoformat()
        case "list":
            return [_sample(kind.item or TEXT, number + one) for one in range(number % 5)]
        case "parts" if kind.words is not None:
            return {word: _sample(kind.item or TEXT, number) for word in sorted(kind.words)[:50]}
        case "parts":
            return {name: _sample(part, number) for name, part in kind.parts}
    known = sorted(kind.words or ()) or ["example"]
    return known[number % len(known)]
