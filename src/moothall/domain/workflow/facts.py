"""What the engine is told about a case: plain values, gathered by whoever asks, handed over in one piece."""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

Answer = str | int | float | bool | list[str]
"""An answer as it is kept, ready for JSON: text, number, pence (money), 2026-03-01 (date), yes/no, key or keys."""


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """The case."""

    type: str
    source: str
    reference: str
    service: str
    opened_on: dt.date


@dataclass(frozen=True, slots=True)
class CustomerFacts:
    """The customer; `kind` is person or organisation."""

    kind: str = "person"
    tags: frozenset[str] = frozenset()
    born: dt.date | None = None
    has_nino: bool = False


@dataclass(frozen=True, slots=True)
class DocumentFacts:
    """A document of the case."""

    id: str
    type: str = ""
    tags: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class PaymentFacts:
    """A payment of the case."""

    status: str
    pence: int
    method: str = ""


@dataclass(frozen=True, slots=True)
class ListValues:
    """The keys of a list: those in use, and those retired, which old answers may still hold."""

    current: frozenset[str]
    retired: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Facts:
    """Everything a decision may depend on. `lists` may be any mapping, such as one that loads a list when asked.

    `answers` are those given earlier in this run, `replies` the last status of each operation, `entered_on` the day
    the case came to its stage, `ticked` the ids of what is ticked on the checklist there. `tag_names` gives tags their names in sentences; a tag not in it is named by its key. `submitted` is the application.
    """

    today: dt.date
    case: CaseFacts
    tags: frozenset[str] = frozenset()
    customer: CustomerFacts = field(default_factory=CustomerFacts)
    documents: tuple[DocumentFacts, ...] = ()
    payments: tuple[PaymentFacts, ...] = ()
    answers: Mapping[str, Answer] = field(default_factory=dict)
    replies: Mapping[str, str] = field(default_factory=dict)
    open_requests: int = 0
    overdue_requests: int = 0
    entered_on: dt.date | None = None
    ticked: frozenset[str] = frozenset()
    lists: Mapping[str, ListValues] = field(default_factory=dict)
    tag_names: Mapping[str, str] = field(default_factory=dict)
    submitted: Mapping[str, object] = field(default_factory=dict)

    def applied(self, way: str) -> object:
        """What the application says there, of something coded its code; None when it says nothing."""
        found: object = self.submitted
        for step in way.split("/"):
            found = found.get(step) if isinstance(found, Mapping) else None
        return found.get("code") if isinstance(found, Mapping) else found

    @cached_property
    def documents_by_id(self) -> dict[str, DocumentFacts]:
        """The documents by id."""
        return {document.id: document for document in self.documents}

    @cached_property
    def document_tags(self) -> frozenset[str]:
        """Every tag that some document carries."""
        return frozenset(tag for document in self.documents for tag in document.tags)

    def tag_name(self, tag: str) -> str:
        """What people call a tag."""
        return self.tag_names.get(tag) or tag.replace("_", " ").capitalize()


class Scope(Mapping[str, object]):
    """The facts under the names conditions use; `answers` and `today` given replace those of the facts. Each part is made when first asked for."""

    def __init__(self, facts: Facts, answers: Mapping[str, Answer] | None = None, today: dt.date | None = None) -> None:
        self._facts = facts
        self._today = today or facts.today
        self._made: dict[str, object] = {"answers": dict(facts.answers if answers is None else answers)}

    def answered(self, question: str, answer: Answer) -> None:
        """Add an answer, so that later conditions see it."""
        answers = self._made["answers"]
        assert isinstance(answers, dict)
        answers[question] = answer

    def forget(self, question: str) -> None:
        """Take an earlier answer away: the question is being asked again."""
        answers = self._made["answers"]
        assert isinstance(answers, dict)
        answers.pop(question, None)

    def __getitem__(self, name: str) -> object:
        if name not in self._made:
            self._made[name] = self._make(name)
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(
            ("case", "stage", "tags", "customer", "documents", "payments", "answers", "replies", "requests", "today")
        )

    def __len__(self) -> int:
        return len(tuple(iter(self)))

    def _make(self, name: str) -> object:
        facts = self._facts
        match name:
            case "case":
                case = facts.case
                return {
                    "type": case.type,
                    "source": case.source,
                    "reference": case.reference,
                    "service": case.service,
                    "opened_on": case.opened_on.isoformat(),
                    "age_days": (self._today - case.opened_on).days,
                }
            case "customer":
                customer = facts.customer
                age = age_on(self._today, customer.born) if customer.born else None
                return {"kind": customer.kind, "tags": customer.tags, "age": age, "has_nino": customer.has_nino}
            case "stage":
                return {"entered_on": facts.entered_on.isoformat() if facts.entered_on else None}
            case "tags":
                return facts.tags
            case "documents":
                return [{"type": document.type, "tags": document.tags} for document in facts.documents]
            case "payments":
                return [{"status": p.status, "pence": p.pence, "method": p.method} for p in facts.payments]
            case "replies":
                return facts.replies
            case "requests":
                return {"open": facts.open_requests, "overdue": facts.overdue_requests}
            case "today":
                return self._today.isoformat()
        raise KeyError(name)


def age_on(day: dt.date, born: dt.date) -> int:
    """Whole years of age on a day; somebody born on 29 February has a birthday on 1 March in common years."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))
